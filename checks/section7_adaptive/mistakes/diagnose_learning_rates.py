"""Mistakes in diagnose_learning_rates."""

import math

from grader.toolkit.mistakes import mistake

from .shared import all_finite


def _expect_arguments(curves, tolerance):
    if not tolerance >= 0:
        raise ValueError("tolerance must be at least 0")
    if any(len(losses) == 0 for losses in curves.values()):
        raise ValueError("curves must have losses for each rate")


def _diverges(losses):
    return not all_finite(*losses) or bool(losses[-1] > losses[0])


def _kept(curves):
    """The runs that do not diverge."""
    return {lr: losses for lr, losses in curves.items() if not _diverges(losses)}


def _best(kept):
    """The rate of the best run; None without runs."""
    return min(kept, key=lambda lr: (float(kept[lr][-1]), lr), default=None)


def _bound(losses, tolerance):
    """The highest last loss of a good run, if these are the losses of the best."""
    return losses[-1] + tolerance * (losses[0] - losses[-1])


def _verdicts(curves, kept, best, bound):
    """The verdicts, with the best rate and the highest last loss of a good run."""
    found = dict.fromkeys(curves, "diverges")
    for lr, losses in kept.items():
        found[lr] = "good" if losses[-1] <= bound else "too low" if lr < best else "too high"
    return found


def _judged(curves, kept, tolerance):
    best = _best(kept)
    return _verdicts(curves, kept, best, None if best is None else _bound(kept[best], tolerance))


@mistake(
    "diagnose_learning_rates",
    hints=(
        "Multiply all losses by 1000. Do your verdicts change?",
        "A tolerance of 0.1 has no unit. Of which quantity is it the share?",
        "Multiply the tolerance by the fall of the best run before you add it to the best last loss.",
    ),
)
def absolute_tolerance(curves, tolerance=0.1):
    """You add the tolerance itself to the best last loss, so your verdicts depend on the unit of the loss. The tolerance
    is a share of the best run's fall. Check the second term of the formula."""
    _expect_arguments(curves, tolerance)
    kept = _kept(curves)
    best = _best(kept)
    return _verdicts(curves, kept, best, None if best is None else kept[best][-1] + tolerance)


@mistake(
    "diagnose_learning_rates",
    hints=(
        "The best run falls from 2 to 0. Which last losses are good? Which are good in your code?",
        "A tenth of the best last loss, or a tenth of how far the best run fell: which does the formula take?",
        "Multiply the tolerance by the difference of the best run's first and last loss.",
    ),
)
def share_of_the_best_loss(curves, tolerance=0.1):
    """You take the tolerance as a share of the best last loss. If that loss is near zero, no other run is good, and if it
    is negative, not even the best. The formula takes a share of the best run's fall: check its second term."""
    _expect_arguments(curves, tolerance)
    kept = _kept(curves)
    best = _best(kept)
    return _verdicts(curves, kept, best, None if best is None else kept[best][-1] * (1 + tolerance))


@mistake(
    "diagnose_learning_rates",
    hints=(
        "The best run falls from 10 to 1. Which last losses are good, with tolerance 0.1?",
        "Does the formula multiply the tolerance by a loss, or by a fall?",
        "Multiply the tolerance by the difference of the best run's first and last loss.",
    ),
)
def share_of_the_first_loss(curves, tolerance=0.1):
    """You take the tolerance as a share of the first loss, not of the fall. A constant that is added to all losses then
    changes your verdicts. Check the second term of the formula."""
    _expect_arguments(curves, tolerance)
    kept = _kept(curves)
    best = _best(kept)
    bound = None if best is None else kept[best][-1] + tolerance * kept[best][0]
    return _verdicts(curves, kept, best, bound)


@mistake(
    "diagnose_learning_rates",
    hints=(
        "Give the runs different first losses. Whose first loss does the formula use?",
        "How many different bounds does your code compute for one sweep?",
        "Compute one bound from the best run, and compare every last loss with it.",
    ),
)
def own_fall_used(curves, tolerance=0.1):
    """You take the tolerance of each run's own start, so every run has its own bound. There is one bound for the whole
    sweep: both losses in the formula's second term belong to the best run."""
    _expect_arguments(curves, tolerance)
    kept, found = _kept(curves), dict.fromkeys(curves, "diverges")
    best = _best(kept)
    for lr, losses in kept.items():
        bound = kept[best][-1] + tolerance * (losses[0] - kept[best][-1])
        found[lr] = "good" if losses[-1] <= bound else "too low" if lr < best else "too high"
    return found


@mistake(
    "diagnose_learning_rates",
    hints=(
        "A run starts at 100 and ends at 1.5, another starts at 2 and ends at 1. Which of them is the best?",
        "Is the best run the one with the largest fall, or the one with the lowest last loss?",
        "Choose the best run by its last loss alone.",
    ),
)
def largest_fall_is_best(curves, tolerance=0.1):
    """You take the run with the largest fall as the best. The rule takes the one with the lowest last loss; the two differ
    if runs start from different losses. Check by which number you choose."""
    _expect_arguments(curves, tolerance)
    kept = _kept(curves)
    best = max(kept, key=lambda lr: (float(kept[lr][0] - kept[lr][-1]), -lr), default=None)
    return _verdicts(curves, kept, best, None if best is None else _bound(kept[best], tolerance))


@mistake(
    "diagnose_learning_rates",
    hints=(
        "The losses of a run are 2, 0.25, 1.75. Where does it end?",
        "Which loss do you compare with the best: the last or the smallest?",
        "Use the last loss of each run.",
    ),
)
def smallest_for_last(curves, tolerance=0.1):
    """You use the smallest loss of a run in place of its last one. A low loss in the middle does not show where a run
    ends: a rate that is too high often passes a low loss. Check which entry you read."""
    _expect_arguments(curves, tolerance)
    ends = {lr: [losses[0], min(losses)] for lr, losses in _kept(curves).items()}
    return _judged(curves, ends, tolerance)


@mistake(
    "diagnose_learning_rates",
    hints=(
        "A run becomes infinite, and then ends lower than all others. Can it be the best?",
        "Among which runs do you look for the lowest last loss?",
        "Set the runs aside that diverge, and choose the best of the others.",
    ),
)
def diverging_run_is_best(curves, tolerance=0.1):
    """You choose the best run among all runs, also among those that diverge. If such a run ends low, or at minus infinity
    or NaN, all others are measured by it. Set the runs that diverge aside first."""
    _expect_arguments(curves, tolerance)
    best = _best(curves)
    return _verdicts(curves, _kept(curves), best, None if best is None else _bound(curves[best], tolerance))


@mistake(
    "diagnose_learning_rates",
    hints=(
        "The loss of a run is NaN for one step, and then recovers. Which verdict does the docstring give?",
        "How many of the losses do you test?",
        "Test whether every loss of a run is finite, not only the first and the last.",
    ),
)
def middle_not_looked_at(curves, tolerance=0.1):
    """You test only the ends of each run, and miss a loss in between that is not finite. A run that overflowed diverges,
    also if it recovers. Test all of its losses."""
    _expect_arguments(curves, tolerance)
    return _judged(curves, _kept({lr: [losses[0], losses[-1]] for lr, losses in curves.items()}), tolerance)


@mistake(
    "diagnose_learning_rates",
    hints=(
        "What is your verdict on the losses 2, NaN? What is `math.nan > 2` in Python?",
        "NaN is neither above nor below a number. Which of your branches does a NaN take?",
        "First of all, test whether all losses of a run are finite.",
    ),
)
def finiteness_not_checked(curves, tolerance=0.1):
    """You never test whether the losses are finite. NaN is neither above nor below a number, so a run that overflowed is not
    found by `>`, and a run that recovers is not found by its ends. Test this first, for every loss."""
    _expect_arguments(curves, tolerance)
    return _judged(curves, {lr: losses for lr, losses in curves.items() if not losses[-1] > losses[0]}, tolerance)


@mistake(
    "diagnose_learning_rates",
    hints=(
        "What is your verdict on a run that reaches infinity in between?",
        "Three kinds of floats are not finite. How many of them do you test?",
        "Test whether each loss is finite: this covers NaN and both infinities.",
    ),
)
def infinity_passes(curves, tolerance=0.1):
    """You detect NaN, but accept an infinite loss. It also shows that the run overflowed, even if the loss recovers. Check
    which test you apply to each loss."""
    _expect_arguments(curves, tolerance)
    kept = {
        lr: losses
        for lr, losses in curves.items()
        if not any(math.isnan(loss) for loss in losses) and not losses[-1] > losses[0]
    }
    return _judged(curves, kept, tolerance)


@mistake(
    "diagnose_learning_rates",
    hints=(
        "The losses are 2, NaN, 1. What is your verdict? And for 2, infinity, 1?",
        "Three kinds of floats are not finite. How many of them do you test?",
        "Test whether each loss is finite: this covers NaN and both infinities.",
    ),
)
def nan_passes(curves, tolerance=0.1):
    """You detect infinite losses, but not NaN. NaN is not equal to anything, also not to itself, so a search with `in` or
    `==` does not find it. Check which test you apply to each loss."""
    _expect_arguments(curves, tolerance)
    kept = {
        lr: losses
        for lr, losses in curves.items()
        if not any(math.isinf(loss) for loss in losses) and not losses[-1] > losses[0]
    }
    return _judged(curves, kept, tolerance)


@mistake(
    "diagnose_learning_rates",
    hints=(
        "The last loss of a run is 7, its first is 2, and all losses are finite. Which verdict does the docstring give?",
        "The docstring lists two signs of a run that diverges. Which of them do you test?",
        "A run also diverges if its last loss is above its first.",
    ),
)
def rise_is_too_high(curves, tolerance=0.1):
    """Only losses that are not finite count as divergence in your code. A run whose last loss is above its first diverges,
    too, with finite losses. Compare your test with the docstring."""
    _expect_arguments(curves, tolerance)
    return _judged(curves, {lr: losses for lr, losses in curves.items() if all_finite(*losses)}, tolerance)


@mistake(
    "diagnose_learning_rates",
    hints=(
        "The losses are 2, 9, 1. Which verdict does the docstring give?",
        "A loss may rise for a while in a good run. Which two losses count?",
        "Compare the last loss with the first. Of the others, test only whether they are finite.",
    ),
)
def any_rise_diverges(curves, tolerance=0.1):
    """You say "diverges" as soon as a loss rises from one step to the next. A good run may rise now and then. If all losses
    are finite, only the first and the last count."""
    _expect_arguments(curves, tolerance)
    kept = {
        lr: losses
        for lr, losses in _kept(curves).items()
        if not any(losses[step + 1] > losses[step] for step in range(len(losses) - 1))
    }
    return _judged(curves, kept, tolerance)


@mistake(
    "diagnose_learning_rates",
    hints=(
        "The losses are 2, 9, 1. Which verdict does the docstring give?",
        "Do you compare the first loss with the last one, or with the largest?",
        "Compare the last loss with the first. Of the others, test only whether they are finite.",
    ),
)
def peak_diverges(curves, tolerance=0.1):
    """You say "diverges" if any loss is above the first. A good run may rise at the start and fall later. If all losses are
    finite, only the first and the last count."""
    _expect_arguments(curves, tolerance)
    kept = {lr: losses for lr, losses in _kept(curves).items() if not any(loss > losses[0] for loss in losses)}
    return _judged(curves, kept, tolerance)


@mistake(
    "diagnose_learning_rates",
    hints=(
        "Let the best rate be 0.1. A run with 0.01 hardly falls. Was its rate too low or too high?",
        "On which side of the best rate is a rate that is too low?",
        "Exchange the last two verdicts.",
    ),
)
def sides_exchanged(curves, tolerance=0.1):
    """You exchanged "too low" and "too high". A run that is not good has too low a rate if its rate lies below the best
    run's. Check your last comparison, with the example of the docstring."""
    _expect_arguments(curves, tolerance)
    exchanged = {"too low": "too high", "too high": "too low"}
    found = _judged(curves, _kept(curves), tolerance)
    return {lr: exchanged.get(verdict, verdict) for lr, verdict in found.items()}


@mistake(
    "diagnose_learning_rates",
    hints=(
        "Give the same sweep in another order of the rates. Do your verdicts change?",
        "Do you compare rates, or their places in the dict?",
        "Compare the rate itself with the best rate.",
    ),
)
def side_by_place(curves, tolerance=0.1):
    """You decide between "too low" and "too high" by the order of the entries, not by the rates. The rates of a sweep may
    come in any order. Compare each rate with the best rate."""
    _expect_arguments(curves, tolerance)
    kept, found, places = _kept(curves), dict.fromkeys(curves, "diverges"), list(curves)
    best = _best(kept)
    for lr, losses in kept.items():
        side = "too low" if places.index(lr) < places.index(best) else "too high"
        found[lr] = "good" if losses[-1] <= _bound(kept[best], tolerance) else side
    return found


@mistake(
    "diagnose_learning_rates",
    hints=(
        "The losses of a run fall from 2 to 1.99, those of the best from 2 to 0.5. Its rate is above the best. Your verdict?",
        "What decides between too low and too high: how far a run falls, or on which side of the best rate it lies?",
        "Compare the rate of the run with the best rate.",
    ),
)
def always_too_low(curves, tolerance=0.1):
    """You call the rate of a run too low if its loss falls less than that of the best run. With a rate that is too high,
    the loss falls less, too: the weights jump around. Compare the rate with the best rate to tell the two apart."""
    _expect_arguments(curves, tolerance)
    found = _judged(curves, _kept(curves), tolerance)
    return {lr: "too low" if verdict == "too high" else verdict for lr, verdict in found.items()}


@mistake(
    "diagnose_learning_rates",
    hints=(
        "Two runs end equally low, with the rates 0.1 and 0.4. Which is the best run? On which side of it is 0.2?",
        "Which of two equal entries does your search keep?",
        "Of equally low runs, take the one with the smallest rate.",
    ),
)
def largest_of_equals(curves, tolerance=0.1):
    """Of two runs that end equally low, you take the one with the larger rate as the best. The rule takes the smallest
    rate, so a poor run between the two is too high. Check how your search decides between equals."""
    _expect_arguments(curves, tolerance)
    kept = _kept(curves)
    best = min(kept, key=lambda lr: (float(kept[lr][-1]), -lr), default=None)
    return _verdicts(curves, kept, best, None if best is None else _bound(kept[best], tolerance))


@mistake(
    "diagnose_learning_rates",
    hints=(
        "Give the same sweep in another order of the rates. Do your verdicts change?",
        "Of two runs that end equally low, your search keeps the one that comes first. Is that the one with the smaller rate?",
        "Go through the rates in rising order, or compare pairs of last loss and rate.",
    ),
)
def first_of_equals(curves, tolerance=0.1):
    """Of runs that end equally low, you take the one that comes first in the dict as the best. The rates may come in any
    order, and the rule takes the smallest. Check how your search decides between equals."""
    _expect_arguments(curves, tolerance)
    kept = _kept(curves)
    best = min(kept, key=lambda lr: float(kept[lr][-1]), default=None)
    return _verdicts(curves, kept, best, None if best is None else _bound(kept[best], tolerance))


@mistake(
    "diagnose_learning_rates",
    hints=(
        "Call it with tolerance = 0.5. Does the result change?",
        "0.1 is a default. In which line may it occur?",
        "Use the argument `tolerance` in the body, not the number.",
    ),
)
def tolerance_ignored(curves, tolerance=0.1):
    """You always use 0.1 as the tolerance. That is only the default of the argument. Check where your code uses
    `tolerance`."""
    _expect_arguments(curves, tolerance)
    return _judged(curves, _kept(curves), 0.1)


@mistake(
    "diagnose_learning_rates",
    hints=(
        "Two runs fall nearly as far as each other. How many of them are good by the rule?",
        "What is the tolerance for?",
        "Every run whose last loss is at most the bound of the formula is good, not only the best.",
    ),
)
def only_the_best_is_good(curves, tolerance=0.1):
    """Only the best run is good in your code. The tolerance has no effect: a run that falls nearly as far is good, too.
    Check which condition a good run must fulfil."""
    _expect_arguments(curves, tolerance)
    return _judged(curves, _kept(curves), 0.0)


@mistake(
    "diagnose_learning_rates",
    hints=(
        "How many keys do your result and `curves` have?",
        "What does your result say about a run that diverges?",
        "Give each rate of `curves` a verdict, also those that you set aside.",
    ),
)
def diverging_left_out(curves, tolerance=0.1):
    """The runs that diverge are missing from your result. You are right to set them aside while you look for the best run,
    but each rate of the sweep needs a verdict."""
    _expect_arguments(curves, tolerance)
    kept = _kept(curves)
    return _judged(kept, kept, tolerance)


@mistake(
    "diagnose_learning_rates",
    hints=(
        "Which words does the docstring list for the verdicts?",
        "What is your verdict on a run that becomes infinite?",
        'Say "diverges" for such a run; "too high" is for runs that stay finite and do not end above their start.',
    ),
)
def diverging_called_too_high(curves, tolerance=0.1):
    """You say "too high" for a run that diverges. Its rate is too high, of course, but the rule has a verdict of its own
    for it. Check the list of verdicts in the docstring."""
    _expect_arguments(curves, tolerance)
    found = _judged(curves, _kept(curves), tolerance)
    return {lr: "too high" if verdict == "diverges" else verdict for lr, verdict in found.items()}


@mistake(
    "diagnose_learning_rates",
    hints=(
        "Call it with a single run that diverges, and with {}. What happens?",
        "What does `min` do if there is nothing to choose from?",
        "Return early if no run is left after you set aside those that diverge.",
    ),
)
def needs_a_best_run(curves, tolerance=0.1):
    """Your search for the best run fails if no run is left: in an empty sweep, or if all runs diverge. Then each verdict is
    already known. Add a case for a dict without a best run."""
    _expect_arguments(curves, tolerance)
    kept = _kept(curves)
    best = min(kept, key=lambda lr: (float(kept[lr][-1]), lr))
    return _verdicts(curves, kept, best, _bound(kept[best], tolerance))


@mistake(
    "diagnose_learning_rates",
    hints=(
        "Give the losses of a run as a tensor, `torch.tensor([2.0, 1.0])`. What happens?",
        "What is the truth value of a tensor with two entries?",
        "Ask for the number of losses with `len`.",
    ),
)
def truth_of_a_tensor(curves, tolerance=0.1):
    """Your code fails if losses come in a tensor: an operation that works on a list is not defined for it, such as
    `if not losses`. The docstring allows both. Try your function with a tensor, and read which line fails."""
    if any(not losses for losses in curves.values()):
        raise ValueError("curves must have losses for each rate")
    _expect_arguments(curves, tolerance)
    return _judged(curves, _kept(curves), tolerance)


@mistake(
    "diagnose_learning_rates",
    hints=(
        "Print the losses of a run before and after the call. Are they the same?",
        "Which list methods change their list: those that sort, those that remove an entry?",
        "Read the first and the last entry by index, and do not change the list.",
    ),
)
def losses_changed(curves, tolerance=0.1):
    """Your verdicts are right, but you change the caller's lists or the dict: entries are missing, or in another order. A
    later plot of the curves is then wrong. Check which methods you call on them."""
    _expect_arguments(curves, tolerance)
    found = _judged(curves, _kept(curves), tolerance)
    for losses in curves.values():
        if isinstance(losses, list):
            losses.pop()
    return found


@mistake(
    "diagnose_learning_rates",
    hints=(
        "Call it with a run that has no losses, {0.1: []}. Which exception do you get?",
        "Which arguments does the docstring say to refuse?",
        "Test the number of losses of each run first, and raise a ValueError that names `curves`.",
    ),
)
def empty_run_accepted(curves, tolerance=0.1):
    """You do not refuse a run without losses: the docstring asks for a ValueError that names `curves`. An IndexError from
    deep inside does not tell the caller which argument is wrong."""
    _expect_arguments({}, tolerance)
    return _judged(curves, _kept(curves), tolerance)


@mistake(
    "diagnose_learning_rates",
    hints=(
        "What does a tolerance of -0.1 mean? What does your function do with it?",
        "Which arguments does the docstring say to refuse?",
        "Raise a ValueError that names `tolerance` if it is below 0.",
    ),
)
def negative_tolerance_accepted(curves, tolerance=0.1):
    """You accept a negative tolerance. Then even the best run is not good, and every verdict is wrong, without an error.
    Check in the docstring which values to refuse, and with which error."""
    _expect_arguments(curves, 0.0)
    return _judged(curves, _kept(curves), tolerance)


@mistake(
    "diagnose_learning_rates",
    hints=(
        "Call it with {0.1: []}, and with a tolerance of -0.1. What happens?",
        "Which arguments does the docstring say to refuse?",
        "Test both arguments first, and raise a ValueError that names the wrong one.",
    ),
)
def nothing_refused(curves, tolerance=0.1):
    """You refuse neither a run without losses nor a negative tolerance. Check in the docstring which error to raise, and
    when, and test the arguments before all else."""
    return _judged(curves, _kept(curves), tolerance)


@mistake(
    "diagnose_learning_rates",
    hints=(
        "A run with a rate below the best one has a loss that no longer falls at its end. Which verdict does the rule give?",
        "Which two numbers does the rule compare for a run that is not good?",
        "Compare the rate of the run with the rate of the best run.",
    ),
)
def still_falling_is_too_low(curves, tolerance=0.1):
    """You call a run too low if its loss still falls in its last step, and too high if not. The rule compares learning rates: a
    run that is not good is too low if its rate is below that of the best run."""
    _expect_arguments(curves, tolerance)
    kept, found = _kept(curves), dict.fromkeys(curves, "diverges")
    best = _best(kept)
    for lr, losses in kept.items():
        falls = len(losses) > 1 and bool(losses[-1] < losses[-2])
        found[lr] = "good" if losses[-1] <= _bound(kept[best], tolerance) else "too low" if falls else "too high"
    return found


@mistake(
    "diagnose_learning_rates",
    hints=(
        "Give the runs different first losses. Whose fall does the formula use?",
        "How many different bounds does your code compute for one sweep?",
        "Compute one bound from the best run, and compare every last loss with it.",
    ),
)
def share_of_its_own_fall(curves, tolerance=0.1):
    """You take the tolerance of each run's own fall, so a run that falls far is judged more mildly. There is one bound for the
    whole sweep: both losses in the formula's second term belong to the best run."""
    _expect_arguments(curves, tolerance)
    kept, found = _kept(curves), dict.fromkeys(curves, "diverges")
    best = _best(kept)
    for lr, losses in kept.items():
        bound = kept[best][-1] + tolerance * (losses[0] - losses[-1])
        found[lr] = "good" if losses[-1] <= bound else "too low" if lr < best else "too high"
    return found
