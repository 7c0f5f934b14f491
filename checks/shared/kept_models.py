"""Whether models with a secret state are unchanged after a measurement."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from grader.toolkit.closeness import expect, expect_close

from .programs import ROUNDS, grads_before, modes_before


def expect_modes_as_before(left: Sequence[Sequence[bool]], secret: int, model: nn.Module, end: str = "") -> None:
    """Raise WrongAnswerError unless each module of each copy of `model` is in the mode from the secret."""
    expect_close({"number of models": (len(left), ROUNDS)})
    count, names = len(list(model.modules())), {True: "training", False: "evaluation"}
    for training in (True, False):
        for modes in (list(found) for found, mode in zip(left, modes_before(secret), strict=True) if mode == training):
            which = "it is" if modes[:1] != [training] else "some of its layers are"
            message = f"The model was in {names[training]} mode{end}; afterwards {which} in {names[not training]} mode."
            expect(modes == [training] * count, message)


def expect_grads_as_before(left: Sequence[Sequence[Tensor]], secret: int, model: nn.Module, end: str = "") -> None:
    """Raise WrongAnswerError unless each parameter of each copy of `model` has the `.grad` from the secret."""
    expect_close({"number of models": (len(left), ROUNDS)})
    for place, grads in enumerate(left):
        kept = all_same(grads, grads_before(secret + place, model))
        expect(kept, f"Your function changes the .grad of a weight{end}. Leave it unchanged.")


def all_same(left: Sequence[Tensor], before: Sequence[Tensor]) -> bool:
    """Whether tensors hold the same numbers, in any dtype."""
    same = len(left) == len(before)
    return same and all(torch.equal(one.double(), other.double()) for one, other in zip(left, before, strict=True))
