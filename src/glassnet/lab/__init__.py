"""The Lab: a web page to inspect, step, train and break networks for handwritten digits."""
