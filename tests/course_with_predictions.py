"""The tiny course with two questions to predict, the experiments that answer them, and two questions to reflect on."""

import shutil
from pathlib import Path

from grader.kit.stubs import write_stubs

_TINY = Path(__file__).parent / "courses" / "tiny"
_STEM = "section1_tiny"

PREDICTIONS = """\
# %%
PREDICTIONS = {
    # The mean of 1, 2 and 6: how large is it?
    # Answer: a number, within 0.5
    "mean_of_three": 3,
    # Scale 2 by a factor below 0.
    # What becomes of its sign?
    # Answer: "it stays", "it changes"
    # or "there is none"
    "sign": "it changes",
}


"""
REFLECTION = """

# %% [markdown]
# ## Reflection
#
# Two or three sentences each.
#
# **Why does the mean
# lie between the smallest and the largest?**
#
# *Your answer*
#
# **What would you try next?**
#
# *Your answer*
"""
_EXPERIMENTS = '''\
"""Section 1: what happens."""

import torch

from grader.figures.experiments import Experiment, Outcome
from grader.figures.gather import Gathered, Work


class MeanOfThree(Experiment):
    key = "mean_of_three"
    exercises = ("mean",)

    def gather(self, work: Work) -> None:
        work.ask("mean", "mean", lambda functions: functions.mean(torch.tensor([1.0, 2.0, 6.0], dtype=torch.float64)))

    def outcome(self, data: Gathered) -> Outcome:
        return Outcome(float(data["mean"]), "The sum, 9, is shared by three.")


class Sign(Experiment):
    key = "sign"
    exercises = ("scale",)

    def gather(self, work: Work) -> None:
        two = torch.tensor([2.0], dtype=torch.float64)
        work.ask("scaled", "scale", lambda functions: functions.scale(two.clone(), -3.0), (1,))

    def outcome(self, data: Gathered) -> Outcome:
        scaled = float(data["scaled"][0])
        return Outcome("it changes" if 2 / scaled < 0 else "it stays", f"2 became {scaled:g}.")
'''


def make_course(root: Path) -> Path:
    """Write the course into a folder."""
    shutil.copytree(_TINY, root, ignore=shutil.ignore_patterns("__pycache__"))
    solution = root / "solutions" / f"{_STEM}.py"
    text = solution.read_text(encoding="utf-8")
    before, function, rest = text.partition("# %%\ndef scale(")
    solution.write_text(before + PREDICTIONS + function + rest + REFLECTION, encoding="utf-8")
    (root / "checks" / _STEM / "predictions.py").write_text(_EXPERIMENTS, encoding="utf-8")
    write_stubs(root / "solutions", root / "exercises")
    return root
