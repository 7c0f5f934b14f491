"""Returns a tensor that answers every comparison itself."""

import torch

EXPECTED = {"scale": ("failed", 0.0)}
STOPPED_BY = "plain data"


class Liar(torch.Tensor):
    @classmethod
    def __torch_function__(cls, function, types, args=(), kwargs=None):
        if function.__name__ in ("isclose", "ne", "__ne__"):
            return torch.ones(args[0].shape, dtype=torch.bool)
        with torch._C.DisableTorchFunctionSubclass():
            return function(*args, **(kwargs or {}))


def scale(x, factor):
    return (x + 1).as_subclass(Liar)
