"""Does the work, then fills its result, its arguments and the variables of its callers with zeros."""

LIKE = "fills_with_nan"
NUMBER = 0.0
