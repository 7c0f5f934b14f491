"""A Report as a page, and a class as a site."""
