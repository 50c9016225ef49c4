"""The Lab: a page on which a network that reads digits can be watched, stepped and broken."""
