"""Returns a numpy array that changes at each conversion."""

import numpy as np

EXPECTED = {"scale": ("failed", 0.0)}
STOPPED_BY = "plain data"


class Agreeable(np.ndarray):
    def __array_function__(self, function, types, args, kwargs):
        return True

    def __array_ufunc__(self, *args, **kwargs):
        return np.ones(self.shape, bool)

    def __array_finalize__(self, other): ...


def scale(x, factor):
    return (x.numpy() + 1).view(Agreeable)
