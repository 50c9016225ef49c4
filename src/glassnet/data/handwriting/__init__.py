"""People's own images, brought to what a network for MNIST was trained on."""
