"""A Report in a terminal."""
