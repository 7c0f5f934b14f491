# %% [markdown]
# # Section 1: Tiny exercises
#
# A course small enough to be graded in a moment: the tests of the grader grade it.

# %%
from torch import Tensor


# %%
def scale(x: Tensor, factor: float) -> Tensor:
    """Multiply every entry of a tensor by a factor.

    Args:
        x: tensor of any shape. Not changed.
        factor: any number.

    Returns:
        A new tensor, same shape and dtype.

    Example, by hand:
        >>> scale(Tensor([1.0, -2.0]), 3.0)
        tensor([ 3., -6.])
    """
    raise NotImplementedError


# %%
def shift_in_place(params: list[Tensor], amount: float) -> None:
    """Add an amount to every entry of every tensor, in place.

    Args:
        params: tensors of any shapes; changed in place.
        amount: amount >= 0.

    Raises:
        ValueError: if `amount` is negative; the message names it.
    """
    raise NotImplementedError


# %%
def mean(x: Tensor) -> float:
    """Compute the mean of a tensor's entries, a Python float.

    Args:
        x: tensor of any shape, not empty.
    """
    raise NotImplementedError


# %%
def centre(x: Tensor) -> Tensor:
    """Subtract the mean from every entry. Builds on `mean`.

    Args:
        x: tensor of any shape, not empty. Not changed.

    Returns:
        A new tensor, same shape and dtype.
    """
    raise NotImplementedError
