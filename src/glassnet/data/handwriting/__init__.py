"""Pictures of handwriting, converted to images in MNIST's format."""
