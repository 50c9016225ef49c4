"""Scripts with the same task from a cold start: read MNIST, train, evaluate, save."""
