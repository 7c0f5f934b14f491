"""How the random function behaves."""

from collections.abc import Iterator
from typing import Any

import torch


def probe(student: Any) -> Iterator[dict[str, Any]]:
    drawn = student.jitter(torch.Generator().manual_seed(1))
    yield {"red": round(drawn / float(torch.rand((), generator=torch.Generator().manual_seed(1))), 4) / 2.0}


PROBES = {"jitter": probe}
