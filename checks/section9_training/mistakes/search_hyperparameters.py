"""Mistakes in search_hyperparameters."""

import math

import torch

from grader.toolkit.mistakes import mistake


def _expect_range(low, high, num_trials):
    if low <= 0:
        raise ValueError("low must be positive")
    if high < low:
        raise ValueError("high must not be below low")
    if num_trials < 1:
        raise ValueError("num_trials must be at least 1")


def _log_uniform(low, high, generator):
    u = torch.rand((), generator=generator, dtype=torch.float64).item()
    return min(max(low * (high / low) ** u, low), high)


def _best(trials):
    scored = [trial for trial in trials if not math.isnan(trial[1])]
    return max(scored, key=lambda trial: trial[1])[0] if scored else None


@mistake(
    "search_hyperparameters",
    hints=(
        "Draw 1000 learning rates between 0.0001 and 1. How many are below 0.01, the middle of the range on a log axis?",
        "You draw the learning rate itself uniformly. What should be uniform instead?",
        "Draw uniformly between the logarithms of `low` and `high`, and take the exponential of the result.",
    ),
)
def uniform_on_a_linear_axis(train_and_score, low, high, num_trials, generator):
    """Nearly all of your learning rates lie in the upper half of the range on a log axis, as if you draw the rate itself
    uniformly. You hardly ever try small learning rates. The order of magnitude matters: draw its logarithm uniformly."""
    _expect_range(low, high, num_trials)
    trials = []
    for _ in range(num_trials):
        lr = low + (high - low) * torch.rand((), generator=generator, dtype=torch.float64).item()
        trials.append((lr, train_and_score(lr)))
    return _best(trials), trials


@mistake(
    "search_hyperparameters",
    hints=(
        "Search with the scores NaN, 1, 2, in this order. Which learning rate wins?",
        "NaN is neither above nor below a number. What does that mean for a maximum that starts with the first score?",
        "Remove the NaN scores before you look for the highest; if none is left, there is no best.",
    ),
)
def nan_wins(train_and_score, low, high, num_trials, generator):
    """A NaN score wins when it comes first: no other score is greater, so it is never replaced. Then a run that
    diverged is reported as the best. Look at how you compare the scores."""
    _expect_range(low, high, num_trials)
    trials = []
    for _ in range(num_trials):
        lr = _log_uniform(low, high, generator)
        trials.append((lr, train_and_score(lr)))
    return max(trials, key=lambda trial: trial[1])[0], trials


@mistake(
    "search_hyperparameters",
    hints=(
        "Search with the scores 1, NaN, 2, in this order. Which learning rate wins?",
        "`argmax` of torch and numpy treats NaN as the largest of all numbers.",
        "Remove the NaN scores before you look for the highest; if none is left, there is no best.",
    ),
)
def nan_counts_as_highest(train_and_score, low, high, num_trials, generator):
    """A NaN score wins at any position, as if it were higher than any number; `argmax` of torch and numpy treats it
    this way. Then a run that diverged is reported as the best. Look at how you find the highest score."""
    _expect_range(low, high, num_trials)
    trials = []
    for _ in range(num_trials):
        lr = _log_uniform(low, high, generator)
        trials.append((lr, train_and_score(lr)))
    return trials[int(torch.tensor([score for _, score in trials], dtype=torch.float64).argmax())][0], trials


@mistake(
    "search_hyperparameters",
    hints=(
        "Search with a single trial whose score is NaN. Which learning rate do you return?",
        "What is your best learning rate before you look at the first score?",
        "Start with None as the best, and return it if no score replaces it.",
    ),
)
def all_nan_gives_the_first(train_and_score, low, high, num_trials, generator):
    """If all scores are NaN, you return the first learning rate, as if it were good. Then no learning rate is the best:
    return None. Look at the value that you start with."""
    _expect_range(low, high, num_trials)
    trials = []
    for _ in range(num_trials):
        lr = _log_uniform(low, high, generator)
        trials.append((lr, train_and_score(lr)))
    best_lr = _best(trials)
    return (trials[0][0] if best_lr is None else best_lr), trials


@mistake(
    "search_hyperparameters",
    hints=(
        "Search with the scores 0.5 and 0.9. Is your result a learning rate, or a score?",
        "Each trial has two numbers. Which of them does the caller need for the next training?",
        "Return the learning rate of the trial whose score is the highest.",
    ),
)
def score_instead_of_learning_rate(train_and_score, low, high, num_trials, generator):
    """You return the highest score. The caller needs the learning rate that gave it, for the next training. Check the first
    value that you return."""
    _expect_range(low, high, num_trials)
    trials = []
    for _ in range(num_trials):
        lr = _log_uniform(low, high, generator)
        trials.append((lr, train_and_score(lr)))
    return max((score for _, score in trials if not math.isnan(score)), default=None), trials


@mistake(
    "search_hyperparameters",
    hints=(
        "Search with the scores 1, 3, 2. In which order does your list contain them?",
        "Does your function sort the list that it returns?",
        "Find the best without changing the order of the trials, or sort a copy.",
    ),
)
def trials_sorted(train_and_score, low, high, num_trials, generator):
    """You sort your list of trials, best first. It must keep the order in which you tried them, like a log of the
    search. Find the line that changes the order."""
    _expect_range(low, high, num_trials)
    trials = []
    for _ in range(num_trials):
        lr = _log_uniform(low, high, generator)
        trials.append((lr, train_and_score(lr)))
    trials.sort(key=lambda trial: -math.inf if math.isnan(trial[1]) else trial[1], reverse=True)
    return _best(trials), trials


@mistake(
    "search_hyperparameters",
    hints=(
        "Search with the scores 0.5 and 0.9. Which of the two learning rates do you return?",
        "Is the score a loss or an accuracy? The docstring says which way is better.",
        "Look for the highest score instead of the lowest.",
    ),
)
def lower_is_better(train_and_score, low, high, num_trials, generator):
    """You return the learning rate of the *lowest* score, as if it were a loss. Here the score is like an accuracy:
    higher is better. Look at the direction of your comparison."""
    _expect_range(low, high, num_trials)
    trials = []
    for _ in range(num_trials):
        lr = _log_uniform(low, high, generator)
        trials.append((lr, train_and_score(lr)))
    scored = [trial for trial in trials if not math.isnan(trial[1])]
    return (min(scored, key=lambda trial: trial[1])[0] if scored else None), trials


@mistake(
    "search_hyperparameters",
    hints=(
        "Make two generators with the same seed and search with each. Are the trials the same?",
        "Which of your lines draws random numbers, and from which source?",
        "Pass `generator` to the function that draws.",
    ),
)
def global_generator(train_and_score, low, high, num_trials, generator):
    """You draw from the global random state, not from `generator`. The search cannot be repeated by seeding the
    generator, and it changes the random numbers of other code. Look at the line that draws."""
    _expect_range(low, high, num_trials)
    trials = []
    for _ in range(num_trials):
        lr = _log_uniform(low, high, None)
        trials.append((lr, train_and_score(lr)))
    return _best(trials), trials


@mistake(
    "search_hyperparameters",
    hints=(
        "Search with the scores -3 and -2. Which learning rate wins?",
        "With which score does your search for the maximum start? Could all scores be below it?",
        "Start without a best score, and let the first score that is not NaN become the best.",
    ),
)
def best_starts_too_high(train_and_score, low, high, num_trials, generator):
    """Your best score starts too high: if all scores are low, none of them wins. A score may be any number: the
    negative of a loss is below zero. Look at the score that you start with."""
    _expect_range(low, high, num_trials)
    best_lr, best_score, trials = None, 0.0, []
    for _ in range(num_trials):
        lr = _log_uniform(low, high, generator)
        score = train_and_score(lr)
        trials.append((lr, score))
        if score > best_score:
            best_lr, best_score = lr, score
    return best_lr, trials


@mistake(
    "search_hyperparameters",
    hints=(
        "Search with a single trial whose score is minus infinity. What do you return?",
        "A score must exceed your first best score. Does every score that is not NaN exceed it?",
        "Start without a best score, and let the first score that is not NaN become the best, however low it is.",
    ),
)
def minus_infinity_never_wins(train_and_score, low, high, num_trials, generator):
    """A score of minus infinity, such as the negative of a loss that overflowed, never wins, even if it is the only
    score. Leave out only NaN. Look at the score that another score must exceed to become the best."""
    _expect_range(low, high, num_trials)
    best_lr, best_score, trials = None, -math.inf, []
    for _ in range(num_trials):
        lr = _log_uniform(low, high, generator)
        score = train_and_score(lr)
        trials.append((lr, score))
        if score > best_score:
            best_lr, best_score = lr, score
    return best_lr, trials


@mistake(
    "search_hyperparameters",
    hints=(
        "Draw 1000 learning rates between 0.01 and 1. What is the largest of them?",
        "When your uniform number is 1, your learning rate should be `high`. Is it?",
        "Use the whole distance between the two logarithms, not half of it.",
    ),
)
def half_of_the_range(train_and_score, low, high, num_trials, generator):
    """Your learning rates cover only the lower half of the range on a log axis: none lies above the geometric mean of
    `low` and `high`. Look at which learning rate the largest uniform number gives."""
    _expect_range(low, high, num_trials)
    trials = []
    for _ in range(num_trials):
        lr = _log_uniform(low, max(low, math.sqrt(low * high)), generator)
        trials.append((lr, train_and_score(lr)))
    return _best(trials), trials


@mistake(
    "search_hyperparameters",
    hints=(
        "Draw 1000 learning rates between 0.01 and 1. How many lie below 0.1, the middle of the range on a log axis?",
        "Something besides the logarithm distorts your scale: is the number in your exponent uniform?",
        "Use the uniform number itself as the exponent.",
    ),
)
def exponent_squared(train_and_score, low, high, num_trials, generator):
    """Too many of your learning rates lie near `low`, also on a log axis: the exponent seems to be the square of a
    uniform number. The logarithm should be uniform. Look at your exponent."""
    _expect_range(low, high, num_trials)
    trials = []
    for _ in range(num_trials):
        u = torch.rand((), generator=generator, dtype=torch.float64).item() ** 2
        lr = min(max(low * (high / low) ** u, low), high)
        trials.append((lr, train_and_score(lr)))
    return _best(trials), trials


@mistake(
    "search_hyperparameters",
    hints=(
        "Search with two trials, for many seeds. How often do both lie in the upper half of the range?",
        "Each of your trials seems to have its own slice of the range. What does the first trial then say about the second?",
        "Draw every trial from the whole range, independently of the others.",
    ),
)
def one_trial_per_slice(train_and_score, low, high, num_trials, generator):
    """Your trials cover the range evenly, as if each had a slice of it: where one lies tells where no other does. That is
    not random search. The trials must be independent, each drawn from the whole range."""
    _expect_range(low, high, num_trials)
    trials = []
    for place in torch.randperm(num_trials, generator=generator).tolist():
        u = (place + torch.rand((), generator=generator, dtype=torch.float64).item()) / num_trials
        lr = min(max(low * (high / low) ** u, low), high)
        trials.append((lr, train_and_score(lr)))
    return _best(trials), trials


@mistake(
    "search_hyperparameters",
    hints=(
        "Search twice with generators of different seeds. Do the learning rates differ?",
        "Where does your function use `generator`?",
        "Draw each learning rate at random from the range; do not place them at equal distances.",
    ),
)
def fixed_grid(train_and_score, low, high, num_trials, generator):
    """You try a fixed grid: the same learning rates for any generator. Random search draws each learning rate, so that
    another seed tries other values. Look at where you use `generator`."""
    _expect_range(low, high, num_trials)
    trials = []
    for place in range(num_trials):
        lr = min(max(low * (high / low) ** (place / max(num_trials - 1, 1)), low), high)
        trials.append((lr, train_and_score(lr)))
    return _best(trials), trials


@mistake(
    "search_hyperparameters",
    hints=(
        "Count the calls of `train_and_score` when you ask for three trials.",
        "Training takes most of the time. Do you need to compute a score that you already have?",
        "Store each score in a variable, and use it for the list and for the comparison.",
    ),
)
def trained_twice_per_trial(train_and_score, low, high, num_trials, generator):
    """You call `train_and_score` twice per trial. This doubles the time of the search, and may give two scores for the
    same learning rate. Call it exactly once: look at where you use the score."""
    _expect_range(low, high, num_trials)
    trials, best_lr, best_score = [], None, math.nan
    for _ in range(num_trials):
        lr = _log_uniform(low, high, generator)
        trials.append((lr, train_and_score(lr)))
        score = train_and_score(lr)
        if not math.isnan(score) and not score <= best_score:
            best_lr, best_score = lr, score
    return best_lr, trials


@mistake(
    "search_hyperparameters",
    hints=(
        "Search with the scores NaN and 1. How long is your list of trials?",
        "Which trials does your list leave out? What would be missing in a plot of score against learning rate?",
        "List every trial, also with a NaN score; leave it out only when you look for the best.",
    ),
)
def nan_trials_left_out(train_and_score, low, high, num_trials, generator):
    """Trials with a NaN score are missing from your list. They show where training diverges: a NaN score must not win,
    but it belongs in the list. Look at when you append."""
    _expect_range(low, high, num_trials)
    trials = []
    for _ in range(num_trials):
        lr = _log_uniform(low, high, generator)
        score = train_and_score(lr)
        if not math.isnan(score):
            trials.append((lr, score))
    return _best(trials), trials


@mistake(
    "search_hyperparameters",
    hints=(
        "Call it with low = 0. What do you expect, and what happens?",
        "What is the logarithm of 0?",
        "Raise a ValueError that names `low` for every `low` that is not greater than 0.",
    ),
)
def low_of_zero_accepted(train_and_score, low, high, num_trials, generator):
    """You accept `low = 0`. log 0 is minus infinity, so you cannot sample from it. Raise a ValueError that names `low`:
    look at the limit in your condition."""
    if low < 0:
        raise ValueError("low must not be negative")
    if high < low:
        raise ValueError("high must not be below low")
    if num_trials < 1:
        raise ValueError("num_trials must be at least 1")
    trials = []
    for _ in range(num_trials):
        lr = _log_uniform(low, high, generator) if low else low
        trials.append((lr, train_and_score(lr)))
    return _best(trials), trials


@mistake(
    "search_hyperparameters",
    hints=(
        "Search between 0.01 and 1, and print the smallest and the largest learning rate that you try.",
        "`math.log10(0.01)` is -2. What is `math.exp(-2)`, and what is `10 ** -2`?",
        "Use one base for both: `log10` with `10 **`, or `log` with `exp`.",
    ),
)
def base_10_and_e_mixed(train_and_score, low, high, num_trials, generator):
    """You take logarithms to base 10, and raise e to the result. So your learning rates do not lie between `low` and `high`:
    1e-4 becomes exp(-4) = 0.018. Logarithm and power need the same base."""
    _expect_range(low, high, num_trials)
    trials = []
    for _ in range(num_trials):
        u = torch.rand((), generator=generator, dtype=torch.float64).item()
        lr = math.exp(math.log10(low) + u * (math.log10(high) - math.log10(low)))
        trials.append((lr, train_and_score(lr)))
    return _best(trials), trials
