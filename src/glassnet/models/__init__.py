"""Models: trained networks with their preprocessing and classes, saved, loaded and used."""
