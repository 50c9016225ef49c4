"""The HTML report: everything known about a model, as one self-contained page."""
