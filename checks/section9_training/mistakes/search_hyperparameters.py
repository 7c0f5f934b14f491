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
        "Draw uniformly between the logarithms of `low` and `high`, and take the exponential of what comes.",
    ),
)
def uniform_on_a_linear_axis(train_and_score, low, high, num_trials, generator):
    """You draw the learning rate itself uniformly, so that nearly all trials lie in the largest decade, and small learning rates
    are hardly ever tried. What matters is the order of magnitude: its logarithm should be uniform."""
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
        "Any comparison with NaN is false. What does that mean for a maximum that begins with the first score?",
        "Leave out the scores that are NaN before you look for the highest; if none is left, there is no best.",
    ),
)
def nan_wins(train_and_score, low, high, num_trials, generator):
    """A score that is NaN wins when it comes first: no other score compares as greater, so it is never replaced. A run that
    diverged would be reported as the best."""
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
        "`argmax` of torch and numpy takes NaN for the largest of all numbers.",
        "Leave out the scores that are NaN before you look for the highest; if none is left, there is no best.",
    ),
)
def nan_counts_as_highest(train_and_score, low, high, num_trials, generator):
    """A score that is NaN wins wherever it comes, as if it were higher than any number; `argmax` of torch and numpy sees it so. A
    run that diverged would be reported as the best."""
    _expect_range(low, high, num_trials)
    trials = []
    for _ in range(num_trials):
        lr = _log_uniform(low, high, generator)
        trials.append((lr, train_and_score(lr)))
    return trials[int(torch.tensor([score for _, score in trials], dtype=torch.float64).argmax())][0], trials


@mistake(
    "search_hyperparameters",
    hints=(
        "Search with a single trial whose score is NaN. What do you return as the best learning rate?",
        "What does your best learning rate hold before any score has been looked at?",
        "Begin with None as the best, and return that if no score replaces it.",
    ),
)
def all_nan_gives_the_first(train_and_score, low, high, num_trials, generator):
    """If all scores are NaN, you return the first learning rate, as though it had been a good one. There is no best then, and
    None says so."""
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
        "Search with the scores 0.5 and 0.9. Is what you return a learning rate, or a score?",
        "Of each trial you know two numbers. Which of them does whoever calls you need for the next training?",
        "Return the learning rate of the trial whose score is the highest.",
    ),
)
def score_instead_of_learning_rate(train_and_score, low, high, num_trials, generator):
    """You return the highest score. It was reached by one of the learning rates, and that is what is asked for: what to train
    with from now on."""
    _expect_range(low, high, num_trials)
    trials = []
    for _ in range(num_trials):
        lr = _log_uniform(low, high, generator)
        trials.append((lr, train_and_score(lr)))
    return max((score for _, score in trials if not math.isnan(score)), default=None), trials


@mistake(
    "search_hyperparameters",
    hints=(
        "Search with the scores 1, 3, 2. In which order are they in your list?",
        "Does your function sort the list that it returns?",
        "Look for the best without changing the order of the trials, or sort a copy.",
    ),
)
def trials_sorted(train_and_score, low, high, num_trials, generator):
    """Your list of trials is sorted, with the best first. It should keep the order in which they were tried: that is what a log
    of the search shows, and what another run with the same generator repeats."""
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
    """You return the learning rate of the *lowest* score, as if it were a loss. Here the score is something like an accuracy:
    higher is better."""
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
        "Which of your lines draws, and from which source of randomness?",
        "Hand `generator` on to whatever draws.",
    ),
)
def global_generator(train_and_score, low, high, num_trials, generator):
    """You draw from the global random state, not from `generator`. The search cannot be repeated by seeding the generator, and it
    changes what other code draws afterwards."""
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
        "Which score does your search for the maximum begin with? Could all scores be below it?",
        "Begin with no best at all, and let the first score that is not NaN become it.",
    ),
)
def best_starts_too_high(train_and_score, low, high, num_trials, generator):
    """Your best score starts too high: where all scores are low enough, none of them wins. A score need not be an accuracy: the
    negative of a loss is below zero, and may be as low as it likes."""
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
        "Search with a single trial, whose score is minus infinity. What do you return?",
        "A score has to be greater than the one that you begin with. Is every score that is not NaN greater than yours?",
        "Begin with no best at all, and let the first score that is not NaN become it, however low it is.",
    ),
)
def minus_infinity_never_wins(train_and_score, low, high, num_trials, generator):
    """A score of minus infinity, such as the negative of a loss that overflowed, never wins in your search, not even when there
    is no other. Only NaN should be left out. Look at what a score has to be greater than in order to become the best."""
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
        "The whole distance between the two logarithms belongs to the range, not half of it.",
    ),
)
def half_of_the_range(train_and_score, low, high, num_trials, generator):
    """Your learning rates fill only the lower half of the range on a log axis: none lies above the geometric mean of `low` and
    `high`. Check where the largest uniform number leads."""
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
        "Something besides the logarithm bends your scale: is the number in your exponent uniform?",
        "Use the uniform number itself as the exponent.",
    ),
)
def exponent_squared(train_and_score, low, high, num_trials, generator):
    """Your learning rates crowd near `low`, also on a log axis: the exponent seems to be the square of a uniform number. The
    logarithm should be spread evenly."""
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
        "Each of your trials seems to have a slice of the range to itself. What does the first trial then tell of the second?",
        "Draw every trial from the whole range, whatever the others have drawn.",
    ),
)
def one_trial_per_slice(train_and_score, low, high, num_trials, generator):
    """You divide the range into as many slices as there are trials, and take one learning rate from each. That fills the range
    evenly, but it is no longer random search: the trials should be independent, each drawn from the whole range."""
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
        "Draw each learning rate at random from the range, instead of placing them at equal distances.",
    ),
)
def fixed_grid(train_and_score, low, high, num_trials, generator):
    """You try a fixed grid: the same learning rates whatever the generator. Random search draws each of them, so that another
    seed tries other values, and two hyper-parameters never share a few of them."""
    _expect_range(low, high, num_trials)
    trials = []
    for place in range(num_trials):
        lr = min(max(low * (high / low) ** (place / max(num_trials - 1, 1)), low), high)
        trials.append((lr, train_and_score(lr)))
    return _best(trials), trials


@mistake(
    "search_hyperparameters",
    hints=(
        "Count how often `train_and_score` is called when you ask for three trials.",
        "Training is what takes long. Do you need a score again that you had already?",
        "Keep each score in a variable, and use that for the list and for the comparison.",
    ),
)
def trained_twice_per_trial(train_and_score, low, high, num_trials, generator):
    """You call `train_and_score` twice per trial, which doubles the time of the search, and may give two scores for one learning
    rate. It should be called exactly once."""
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
        "Search with the scores NaN and 1. How long is the list of trials that you return?",
        "Which trials does your list leave out? What would whoever plots score against learning rate miss?",
        "List every trial, also one whose score is NaN; leave it out only where you look for the best.",
    ),
)
def nan_trials_left_out(train_and_score, low, high, num_trials, generator):
    """Trials whose score is NaN are missing from your list. They were made, and they show where training diverges: such a score
    must not win, but it belongs into the list."""
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
        "Call it with low = 0. What do you expect, and what comes?",
        "Is there a logarithm of 0?",
        "Refuse every `low` that is not greater than 0, with a ValueError that names it.",
    ),
)
def low_of_zero_accepted(train_and_score, low, high, num_trials, generator):
    """You accept `low = 0`, but there is no logarithm of zero: no learning rate above it is reached by finitely many decades. A
    ValueError that names `low` should be raised."""
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
