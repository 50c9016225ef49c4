"""Web: the FastAPI application, its sessions and limits."""
