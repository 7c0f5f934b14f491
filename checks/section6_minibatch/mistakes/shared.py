"""Helpers that mistakes in several exercises use."""


def expect_size(batch_size, n):
    if not 1 <= batch_size <= n:
        raise ValueError(f"batch_size must be in [1, {n}], got {batch_size}")
