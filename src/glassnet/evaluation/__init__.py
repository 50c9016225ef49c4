"""What a model is worth: plain numbers, and pictures of them."""
