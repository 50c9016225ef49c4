"""The Lab: a web page for inspecting, training and breaking networks for handwritten digits."""
