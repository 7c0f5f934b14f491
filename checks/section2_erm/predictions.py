"""What happens: the outcomes of section 2's questions, from the student's functions."""

from operator import methodcaller

import torch

from grader.figures.experiments import Experiment, Outcome
from grader.figures.gather import Gathered, Work

from .figures import Gap
from .nonlinearity import MODELS, TASKS, ask_for_shares


class ShareOfOneImage(Experiment):
    """The loss of one confident mistake among 99 good answers."""

    key = "share_of_one_image"
    exercises = ("cross_entropy",)

    def gather(self, work: Work) -> None:
        good, bad = torch.tensor([[0.9, 0.1]]).double().log(), torch.tensor([[1e-6, 1 - 1e-6]]).double().log()
        logits = torch.cat([good.repeat(99, 1), bad])
        for name, rows in (("all", logits), ("one", bad)):
            call = methodcaller("cross_entropy", rows.clone(), torch.zeros(len(rows), dtype=torch.int64))
            work.ask(name, "cross_entropy", call)

    def outcome(self, data: Gathered) -> Outcome:
        one, total = float(data["one"]), 100 * float(data["all"])
        share = one / total
        because = f"This image has the loss {one:.3g}, and all 100 together have {total:.3g}."
        if share > 0.5:
            because += (
                " The loss is a logarithm: it punishes a confident mistake without limit. To accuracy it is one in 100."
            )
            return Outcome("more than half", because)
        return Outcome("about a tenth" if share > 0.03 else "about 1 %", because)


class RiskOnNewImages(Experiment):
    """The risk on new images of a network that has learned 20 images by heart."""

    key = "risk_on_new_images"
    exercises = ("empirical_risk",)
    call_cpu_seconds = 3.0

    def gather(self, work: Work) -> None:
        Gap().ask_for_risks(work)

    def outcome(self, data: Gathered) -> Outcome:
        own, others = data["risk"][0]
        many = float(data["risk"][-1, 1])
        because = (
            f"On its 20 images the risk is {own:.2g}, on new ones {others:.2g}; for 1,000 images it is {many:.2g}."
        )
        if others > 5 * own:
            because += " It learned these images more than the digits on them, and is then confidently wrong."
        return Outcome(round(float(others), 2), because)


class DoHiddenUnitsHelp(Experiment):
    """The share of new images that are read correctly, with and without a hidden layer."""

    key = "do_hidden_units_help"
    exercises = ("MLP",)
    call_cpu_seconds = 3.0
    few, many = 0.002, 0.02  # of the images

    def gather(self, work: Work) -> None:
        ask_for_shares(work, TASKS[0])

    def outcome(self, data: Gathered) -> Outcome:
        without, with_units = (float(data[f"{TASKS[0]}_{place}"]) for place in range(len(MODELS)))
        because = f"Softmax regression reads {100 * without:.1f} % of new images, the network {100 * with_units:.1f} %."
        if with_units - without > self.few:
            return Outcome("yes, many more" if with_units - without > self.many else "yes, a few more", because)
        because += " Ten hidden units squeeze an image into ten numbers, and a plane for each digit does quite well."
        return Outcome("no", because)
