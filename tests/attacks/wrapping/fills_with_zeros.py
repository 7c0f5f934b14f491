"""Does the work, and fills with zeros its result, its arguments, and what it reaches of its callers by their frames."""

LIKE = "fills_with_nan"
NUMBER = 0.0
