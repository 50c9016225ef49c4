"""Routes: HTTP endpoints for the handlers in `glassnet.lab.api`, one module per topic."""
