"""One module per reader of a Report."""
