"""Argument checks for the mistakes of several exercises."""


def expect_not_negative(**arguments):
    for name, value in arguments.items():
        if not value >= 0:
            raise ValueError(f"{name} must be at least 0, got {value}")
