"""Hypothesis strategies for classification: logits with targets, images, and data for risks."""

from dataclasses import dataclass

import torch
from hypothesis import strategies as st
from torch import Tensor

_LOGITS = (1.0, 2.0, 0.0, -1.0, 0.5, 3.0, -2.5, 5.0)
_INPUTS = (1.0, 3.0, -1.0, 0.5, 2.0, -2.5, 0.0)
_GREYS = (255, 51, 0, 1, 128, 204)


@dataclass(frozen=True)
class LabelledLogits:
    """`logits` (n, K) without equal values within a row, and `targets` int64 (n,)."""

    logits: Tensor
    targets: Tensor


@st.composite
def labelled_logits(
    draw: st.DrawFn, min_examples: int = 1, max_examples: int = 4, dtype: torch.dtype = torch.float64
) -> LabelledLogits:
    """Logits of up to four classes; simplest: one example of two classes."""
    classes = draw(st.integers(2, 4))
    row = st.lists(st.sampled_from(_LOGITS), min_size=classes, max_size=classes, unique=True)
    rows = draw(st.lists(row, min_size=min_examples, max_size=max_examples))
    targets = draw(st.lists(st.integers(0, classes - 1), min_size=len(rows), max_size=len(rows)))
    return LabelledLogits(torch.tensor(rows, dtype=dtype), torch.tensor(targets))


@st.composite
def grey_images(draw: st.DrawFn) -> Tensor:
    """uint8 (n, 28, 28): one to three black images with a few other pixels."""
    images = torch.zeros(draw(st.integers(1, 3)), 28, 28, dtype=torch.uint8)
    for _ in range(draw(st.integers(1, 4))):
        image, line, column = draw(st.integers(0, len(images) - 1)), draw(st.integers(0, 27)), draw(st.integers(0, 27))
        images[image, line, column] = draw(st.sampled_from(_GREYS))
    return images


@dataclass(frozen=True)
class RiskData:
    """Data for a risk, `X` (n, 1) and `y` int64 (n,), and the `weight` (1, 1) of a linear model."""

    X: Tensor
    y: Tensor
    weight: Tensor

    @property
    def losses(self) -> list[float]:
        """The squared distance of each example's logit from its target."""
        logits = (self.X[:, 0] * self.weight[0, 0]).tolist()
        return [(logit - target) ** 2 for logit, target in zip(logits, self.y.tolist(), strict=True)]


@st.composite
def risk_data(draw: st.DrawFn, min_examples: int = 1) -> RiskData:
    """Up to six examples with one input each, in float64."""
    n = draw(st.integers(min_examples, 6))
    X = draw(st.lists(st.sampled_from(_INPUTS), min_size=n, max_size=n))
    y = draw(st.lists(st.integers(0, 3), min_size=n, max_size=n))
    weight = draw(st.sampled_from((1.0, 2.0, -0.5)))
    double = torch.float64
    return RiskData(torch.tensor(X, dtype=double)[:, None], torch.tensor(y), torch.tensor([[weight]], dtype=double))
