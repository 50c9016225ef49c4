"""Image transforms: augmentation, preprocessing, stroke width, corruption."""
