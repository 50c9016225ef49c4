"""Transforms of images: augmentation, preprocessing, stroke width, corruption."""
