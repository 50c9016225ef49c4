"""Scripts that do the same from a cold start: read MNIST, train, evaluate, save."""
