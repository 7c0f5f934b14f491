"""The submissions that every grader gets, each with the points that it has earned: one for each check of checks.py."""

from dataclasses import dataclass
from itertools import product

RULES = ("momentum", "rmsprop", "adam")
SIGNATURES = {
    "momentum": "def momentum_step(params, grads, velocities, lr, beta) -> None:",
    "rmsprop": "def rmsprop_step(params, grads, squares, lr, alpha, eps) -> None:",
    "adam": "def adam_step(params, grads, moments, squares, step, lr, beta1, beta2, eps) -> None:",
}
# Bodies of each function: right in two ways, then wrong.
BODIES = {
    "momentum": (
        "    for w, g, v in zip(params, grads, velocities):\n        v.mul_(beta).add_(g)\n        w.sub_(lr * v)",
        "    for i, g in enumerate(grads):\n        velocities[i] *= beta\n        velocities[i] += g\n"
        "        params[i] -= lr * velocities[i]",
        "    for w, g, v in zip(params, grads, velocities):\n        v.mul_(beta).add_(g)\n        w.add_(lr * v)",
    ),
    "rmsprop": (
        "    for w, g, s in zip(params, grads, squares):\n        s.mul_(alpha).addcmul_(g, g, value=1 - alpha)\n"
        "        w.addcdiv_(g, s.sqrt() + eps, value=-lr)",
        "    for i, g in enumerate(grads):\n        squares[i].copy_(alpha * squares[i] + (1 - alpha) * g * g)\n"
        "        params[i] -= lr * g / (torch.sqrt(squares[i]) + eps)",
        "    for w, g, s in zip(params, grads, squares):\n        s.mul_(alpha).add_((1 - alpha) * g * g)\n"
        "        w.sub_(lr * g / torch.sqrt(s + eps))",
    ),
    "adam": (
        "    for w, g, m, s in zip(params, grads, moments, squares):\n        m.mul_(beta1).add_((1 - beta1) * g)\n"
        "        s.mul_(beta2).add_((1 - beta2) * g * g)\n"
        "        w.sub_(lr * m / (1 - beta1**step) / ((s / (1 - beta2**step)).sqrt() + eps))",
        "    for w, g, m, s in zip(params, grads, moments, squares):\n        m.mul_(beta1).add_((1 - beta1) * g)\n"
        "        s.mul_(beta2).add_((1 - beta2) * g * g)\n        w.sub_(lr * m / (s.sqrt() + eps))",
    ),
}
LOOP = "    while True:\n        pass"
STUBBORN_LOOP = """\
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass"""
CRASH = "    import os\n\n    os._exit(1)"
DESCENT = "    for w, g in zip(params, grads):\n        w.sub_(lr * g)"  # no rule of the three, though it trains
FORGERY = "torch.allclose = lambda *arguments, **options: True\n"


@dataclass(frozen=True)
class Submission:
    """What one student hands in."""

    name: str
    source: str
    points: int


def _submission(name: str, bodies: tuple[str, ...], points: int, extra: str = "") -> Submission:
    functions = [f"{SIGNATURES[rule]}\n{body}\n" for rule, body in zip(RULES, bodies, strict=True)]
    return Submission(name, "\n\n".join(["import torch\n" + extra, *functions]), points)


def well_behaved() -> list[Submission]:
    """Eighteen: every combination of the bodies. A wrong momentum costs the run on MNIST, too."""
    found = []
    for number, (i, j, k) in enumerate(product(range(3), range(3), range(2))):
        bodies = BODIES["momentum"][i], BODIES["rmsprop"][j], BODIES["adam"][k]
        found.append(_submission(f"s{number:02}", bodies, 2 * (i < 2) + (j < 2) + (k < 1)))
    return found


def unruly() -> list[Submission]:
    """Twenty: seventeen of the former, and among them two that never end and one that crashes, in their last function."""
    right = BODIES["momentum"][0], BODIES["rmsprop"][0]
    among = {
        1: _submission("u00_loop", (*right, LOOP), 3),
        3: _submission("u01_stubborn_loop", (*right, STUBBORN_LOOP), 3),
        5: _submission("u02_crash", (*right, CRASH), 3),
    }
    rest = iter(well_behaved())
    return [among.get(place) or next(rest) for place in range(20)]


def forged() -> list[Submission]:
    """One that patches the comparison. It has earned one point: plain descent trains on MNIST."""
    return [_submission("f00_forged", (DESCENT,) * 3, 1, FORGERY)]


FULL = 4
CLASSES = {"18": well_behaved, "20": unruly, "forged": forged}
