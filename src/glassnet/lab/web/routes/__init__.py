"""Routes: what the page can ask, a file for each group of questions."""
