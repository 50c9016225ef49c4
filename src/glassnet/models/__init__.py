"""Models: trained networks with preprocessing and classes; prediction and model files."""
