"""What a user holds: a trained network with its classes; saved, loaded, asked."""
