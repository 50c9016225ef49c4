"""Routes: requests to the handlers of `glassnet.lab.api`, one module for each topic."""
