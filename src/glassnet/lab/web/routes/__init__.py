"""Routes: HTTP endpoints of the handlers in `glassnet.lab.api`, one module per topic."""
