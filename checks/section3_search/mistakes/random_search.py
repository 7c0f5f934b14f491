"""Mistakes in random_search."""

import torch

from grader.toolkit.mistakes import mistake
from solutions.section3_search import random_direction, random_search_step

from .shared import _expect_not_negative


@mistake(
    "random_search",
    hints=(
        "After an accepted step, from which point does your next proposal start?",
        "Each step begins where the last one ended.",
        "Carry the returned point over into the next turn of the loop.",
    ),
)
def starts_from_w0_each_time(objective, w0, step_size, num_steps, generator):
    """Each of your steps starts from w0, so that the search never gets farther away than one step. It should go on from
    the best point so far. Look at which point the loop hands to the next step."""
    _expect_not_negative(step_size=step_size, num_steps=num_steps)
    w, history = w0.clone(), [objective(w0)]
    for _ in range(num_steps):
        proposal, value = random_search_step(objective, w0, step_size, generator)
        if value < history[-1]:
            w = proposal
        history.append(torch.minimum(value, history[-1]))
    return w, torch.stack(history)


@mistake(
    "random_search",
    hints=(
        "At the bottom of a bowl, which values should the history hold?",
        "The history is about where the search is, not about what it tried.",
        "After a refused step, write down the old value once more.",
    ),
)
def history_of_proposals(objective, w0, step_size, num_steps, generator):
    """Your search goes the right way, but the history holds the values of all proposals, also of refused ones, and so
    it rises. It should hold the value at the point where the search is after each step. Look at what you append."""
    _expect_not_negative(step_size=step_size, num_steps=num_steps)
    w, history = w0.clone(), [objective(w0)]
    best = history[0]
    for _ in range(num_steps):
        proposal = w + step_size * random_direction(len(w), generator).to(w.dtype)
        history.append(objective(proposal))
        if history[-1] < best:
            w, best = proposal, history[-1]
    return w, torch.stack(history)


@mistake(
    "random_search",
    hints=(
        "After one step, how many values should the history hold?",
        "Entry 0 belongs to the start, before any step.",
        "Evaluate the objective at w0 and put that value first.",
    ),
)
def history_without_the_start(objective, w0, step_size, num_steps, generator):
    """Your history has num_steps entries, one too few: the value at the start is missing. Entry t is the value after t
    steps, and t begins at 0. Look at what the history holds before the loop."""
    _expect_not_negative(step_size=step_size, num_steps=num_steps)
    w, history = w0.clone(), []
    for _ in range(num_steps):
        w, value = random_search_step(objective, w, step_size, generator)
        history.append(value)
    return w, torch.stack(history) if history else objective(w).new_empty(0)


@mistake(
    "random_search",
    hints=(
        "How many entries has your history if no proposal is better?",
        "num_steps counts proposals, accepted or not, and each has an entry.",
        "Append in every turn of the loop: the new value if the step is taken, the old one if not.",
    ),
)
def history_of_accepted_steps(objective, w0, step_size, num_steps, generator):
    """Your history grows only when a step is accepted, so its length depends on luck. It should have num_steps + 1
    entries, so that one sees how long the search stood still. Look at where you append."""
    _expect_not_negative(step_size=step_size, num_steps=num_steps)
    w, history = w0.clone(), [objective(w0)]
    for _ in range(num_steps):
        w, value = random_search_step(objective, w, step_size, generator)
        if value < history[-1]:
            history.append(value)
    return w, torch.stack(history)


@mistake(
    "random_search",
    slug="accepts_every_step",
    hints=(
        "Look at two neighbouring entries of your history. May the second be larger?",
        "What becomes of a proposal that is worse?",
        "Replace w only when the new value is smaller than the old one.",
    ),
)
def accepts_every_step_of_a_search(objective, w0, step_size, num_steps, generator):
    """Your search takes every step, also those that lead up: it is a random walk, and in many dimensions it drifts away
    from the minimum. A step that is worse should be refused. Look at when w is replaced."""
    _expect_not_negative(step_size=step_size, num_steps=num_steps)
    w, history = w0.clone(), [objective(w0)]
    for _ in range(num_steps):
        w = w + step_size * random_direction(len(w), generator).to(w.dtype)
        history.append(objective(w))
    return w, torch.stack(history)


@mistake(
    "random_search",
    slug="accepts_slightly_worse",
    hints=(
        "Let every point but w0 be worse by a millionth. Where should the search end?",
        "Look at what stands on either side of your comparison, besides the two values.",
        "Compare the two values themselves, without a tolerance or a factor.",
    ),
)
def accepts_slightly_worse_in_a_search(objective, w0, step_size, num_steps, generator):
    """Your search also accepts proposals that are a little worse. Many such steps add up, and the history, which should
    never rise, does. Look at how you compare the two values."""
    _expect_not_negative(step_size=step_size, num_steps=num_steps)
    w, history = w0.clone(), [objective(w0)]
    for _ in range(num_steps):
        proposal = w + step_size * random_direction(len(w), generator).to(w.dtype)
        value = objective(proposal)
        if value < history[-1] + 0.01:
            w = proposal
        history.append(value if w is proposal else history[-1])
    return w, torch.stack(history)


@mistake(
    "random_search",
    slug="goes_to_nan",
    hints=(
        "When is a comparison with NaN true? Try nan > 1 and nan < 1.",
        "You go back if the proposal is worse. A NaN is never worse: what happens then?",
        "Ask whether the proposal is better, instead of whether it is worse, and stay if it is not.",
    ),
)
def goes_to_nan_in_a_search(objective, w0, step_size, num_steps, generator):
    """Your search goes where the objective is NaN. Every comparison with NaN is false, so that "go back if it is worse"
    does not go back. Ask the question the other way round."""
    _expect_not_negative(step_size=step_size, num_steps=num_steps)
    w, history = w0.clone(), [objective(w0)]
    for _ in range(num_steps):
        proposal = w + step_size * random_direction(len(w), generator).to(w.dtype)
        value = objective(proposal)
        if value >= history[-1]:
            value = history[-1]
        else:
            w = proposal
        history.append(value)
    return w, torch.stack(history)


@mistake(
    "random_search",
    slug="one_step_too_few",
    hints=(
        "After one step, how many values should the history hold?",
        "With num_steps = 1, how often does your loop run?",
        "Make num_steps steps; with the start that gives one entry more.",
    ),
)
def one_step_too_few_in_a_search(objective, w0, step_size, num_steps, generator):
    """Your history begins with the start, but has num_steps entries, one too few: the value after the last step is missing.
    Entry t is the value after t steps, and t goes up to num_steps. Look at how often your loop runs, and when it keeps a
    value."""
    _expect_not_negative(step_size=step_size, num_steps=num_steps)
    w, history = w0.clone(), [objective(w0)]
    for _ in range(num_steps - 1):
        w, value = random_search_step(objective, w, step_size, generator)
        history.append(value)
    return w, torch.stack(history)


@mistake(
    "random_search",
    hints=(
        "At the bottom of a bowl every proposal is refused. How many does your search make there?",
        "A refused step says that this one direction is bad; the next may be good.",
        "Let the loop run to its end, whatever becomes of a step.",
    ),
)
def stops_when_refused(objective, w0, step_size, num_steps, generator):
    """Your search ends when a proposal is refused, and fills up the history with the last value. In many dimensions
    half of all proposals are refused, and more later on, so it ends almost at once. Each of the num_steps steps should
    be tried."""
    _expect_not_negative(step_size=step_size, num_steps=num_steps)
    w, history = w0.clone(), [objective(w0)]
    for _ in range(num_steps):
        w, value = random_search_step(objective, w, step_size, generator)
        history.append(value)
        if not value < history[-2]:
            break
    return w, torch.stack(history + history[-1:] * (num_steps + 1 - len(history)))


@mistake(
    "random_search",
    hints=(
        "Count the proposals in a search of 100 steps, far from a minimum and at one.",
        "In many dimensions, a good direction may take more than ten tries.",
        "Make as many proposals as num_steps says; do not watch for a standstill.",
    ),
)
def runs_out_of_patience(objective, w0, step_size, num_steps, generator):
    """Your search gives up after several refusals in a row, and fills up the history with the last value. The more
    dimensions, the longer it takes to find a way down, so that patience ends just where it is needed. Each step should
    be tried."""
    _expect_not_negative(step_size=step_size, num_steps=num_steps)
    w, history, refused = w0.clone(), [objective(w0)], 0
    for _ in range(num_steps):
        if refused < 10:
            w, value = random_search_step(objective, w, step_size, generator)
            refused = 0 if value < history[-1] else refused + 1
        history.append(value)
    return w, torch.stack(history)


@mistake(
    "random_search",
    hints=(
        "Count the proposals in a search of 100 steps.",
        "The history has the right length, but from some step on all its entries are the same. Why?",
        "Let the number of turns of the loop depend on num_steps alone.",
    ),
)
def stops_after_a_dozen(objective, w0, step_size, num_steps, generator):
    """Your search makes only its first steps, also while every step leads down, and fills up the history with the last
    value. A long search is then no better than a short one. Look at what ends your loop."""
    _expect_not_negative(step_size=step_size, num_steps=num_steps)
    w, history = w0.clone(), [objective(w0)]
    for _ in range(min(num_steps, 12)):
        w, value = random_search_step(objective, w, step_size, generator)
        history.append(value)
    return w, torch.stack(history + history[-1:] * (num_steps + 1 - len(history)))


@mistake(
    "random_search",
    hints=(
        "Print the directions of three steps in a row.",
        "What draws anew in each turn of your loop, and what was drawn once and for all?",
        "Draw the direction inside the loop, each time from the same generator as it goes on.",
    ),
)
def one_direction_for_all(objective, w0, step_size, num_steps, generator):
    """All of your proposals go in the same direction, as if it were drawn once. A search along one line cannot find a
    minimum beside it. Each step should draw a new direction. Look at where the direction is drawn."""
    _expect_not_negative(step_size=step_size, num_steps=num_steps)
    w, history = w0.clone(), [objective(w0)]
    move = step_size * random_direction(len(w), generator).to(w.dtype)
    for _ in range(num_steps):
        value = objective(w + move)
        if value < history[-1]:
            w = w + move
        history.append(torch.fmin(value, history[-1]))
    return w, torch.stack(history)


@mistake(
    "random_search",
    hints=(
        "Print w0 before and after a search.",
        "A name is no copy: after `w = w0`, a change of w in place is a change of w0.",
        "Start from a copy of w0.",
    ),
)
def moves_the_callers_w0(objective, w0, step_size, num_steps, generator):
    """You modify the caller's w0: after the search it holds the end. Whoever wants to compare two searches from the
    same start cannot. Look for what works in place, and on what."""
    _expect_not_negative(step_size=step_size, num_steps=num_steps)
    w, history = w0, [objective(w0)]
    for _ in range(num_steps):
        proposal, value = random_search_step(objective, w, step_size, generator)
        w.data.copy_(proposal)
        history.append(value)
    return w.clone(), torch.stack(history)


@mistake(
    "random_search",
    hints=(
        "Is the objective at the point that you return the last entry of your history?",
        "Which point is better: the last that was tried, or the last that was kept?",
        "Keep the best point apart from the proposal, and return that.",
    ),
)
def returns_the_last_proposal(objective, w0, step_size, num_steps, generator):
    """The history is right, but the point that you return is the last one proposed, even if it was refused. It should
    be the one where the last entry of the history was found. Look at what you return."""
    _expect_not_negative(step_size=step_size, num_steps=num_steps)
    w, history = w0.clone(), [objective(w0)]
    proposal = w
    for _ in range(num_steps):
        proposal = w + step_size * random_direction(len(w), generator).to(w.dtype)
        value = objective(proposal)
        if value < history[-1]:
            w = proposal
        history.append(value if w is proposal else history[-1])
    return proposal, torch.stack(history)


@mistake(
    "random_search",
    slug="evaluates_again",
    hints=(
        "Count how often the objective is called in a search of 10 steps.",
        "A step already returns the value at the point where it ends.",
        "Append the value that the step returns, instead of asking for it again.",
    ),
)
def evaluates_again_in_a_search(objective, w0, step_size, num_steps, generator):
    """Your search is right, but it evaluates the objective more than twice per step. One evaluation may be a pass over
    the whole data set: it is what a search costs. Keep the values that you have."""
    _expect_not_negative(step_size=step_size, num_steps=num_steps)
    w, history = w0.clone(), [objective(w0)]
    for _ in range(num_steps):
        w, _ = random_search_step(objective, w, step_size, generator)
        history.append(objective(w))
    return w, torch.stack(history)


@mistake(
    "random_search",
    hints=(
        "Print the dtype of your history for a float64 start.",
        "A tensor made of Python floats is float32, unless torch is told otherwise.",
        "Stack the values as they come from the objective, or name their dtype.",
    ),
)
def float32_history(objective, w0, step_size, num_steps, generator):
    """Your history is float32, although the objective's values are float64: half of their digits are lost, and small gains
    with them. Look at how you make the tensor that holds the values."""
    _expect_not_negative(step_size=step_size, num_steps=num_steps)
    w, history = w0.clone(), [float(objective(w0))]
    for _ in range(num_steps):
        w, value = random_search_step(objective, w, step_size, generator)
        history.append(float(value))
    return w, torch.tensor(history)


@mistake(
    "random_search",
    slug="global_generator",
    hints=(
        "Search twice, with two generators of the same seed. Do the ways agree?",
        "Which generator draws the directions if you name none?",
        "Pass the argument `generator` on in every step.",
    ),
)
def global_generator_of_a_search(objective, w0, step_size, num_steps, generator):
    """Your search draws from torch's global generator, and `generator` is not used. Nobody can then repeat it. Look at
    which generator each step is given."""
    _expect_not_negative(step_size=step_size, num_steps=num_steps)
    w, history = w0.clone(), [objective(w0)]
    for _ in range(num_steps):
        w, value = random_search_step(objective, w, step_size, torch.default_generator)
        history.append(value)
    return w, torch.stack(history)


@mistake(
    "random_search",
    hints=(
        "Search with a negative step_size and no steps, and with a negative num_steps. What does the docstring say?",
        "Bad arguments should be refused at once, not when something first uses them.",
        "Before the loop, raise a ValueError that names the argument, for step_size and for num_steps.",
    ),
)
def accepts_bad_arguments(objective, w0, step_size, num_steps, generator):
    """Your search is right, but a negative step_size or num_steps is not always refused. If that is left to the steps,
    nothing is refused when there is no step to take, and a negative num_steps looks like none. Look at the docstring's
    Raises."""
    w, history = w0.clone(), [objective(w0)]
    for _ in range(num_steps):
        w, value = random_search_step(objective, w, step_size, generator)
        history.append(value)
    return w, torch.stack(history)
