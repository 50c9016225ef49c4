"""The page: all that is known of a model as plain data, to one string of HTML."""
