"""Mistakes in random_search."""

import torch

from grader.toolkit.mistakes import mistake
from solutions.section3_search import random_direction, random_search_step

from .shared import expect_not_negative


@mistake(
    "random_search",
    hints=(
        "After an accepted step, from which point does your next proposal start?",
        "Each step starts where the last step ended.",
        "In the loop, pass the returned point to the next step.",
    ),
)
def starts_from_w0_each_time(objective, w0, step_size, num_steps, generator):
    """Each of your steps starts from w0, so the search never gets farther than one step. Each step must start from the
    best point so far. Look at the point that the loop passes to the next step."""
    expect_not_negative(step_size=step_size, num_steps=num_steps)
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
        "Which values should the history hold at the bottom of a bowl?",
        "The history describes the current point, not the proposals.",
        "After a refused step, append the old value again.",
    ),
)
def history_of_proposals(objective, w0, step_size, num_steps, generator):
    """Your search goes the right way, but the history holds the values of all proposals, also of refused ones, so it
    rises. It must hold the value at the current point after each step. Check the values that you store."""
    expect_not_negative(step_size=step_size, num_steps=num_steps)
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
    steps, and t starts at 0. Check the history before the loop."""
    expect_not_negative(step_size=step_size, num_steps=num_steps)
    w, history = w0.clone(), []
    for _ in range(num_steps):
        w, value = random_search_step(objective, w, step_size, generator)
        history.append(value)
    return w, torch.stack(history) if history else objective(w).new_empty(0)


@mistake(
    "random_search",
    hints=(
        "How many entries does your history have if no proposal is better?",
        "num_steps counts proposals, accepted or not, and each gives an entry.",
        "Append in every iteration: the new value if you take the step, else the old value.",
    ),
)
def history_of_accepted_steps(objective, w0, step_size, num_steps, generator):
    """Your history grows only when you accept a step, so its length depends on chance. It must have num_steps + 1
    entries, so that it shows how long the search stood still. Look at where you append."""
    expect_not_negative(step_size=step_size, num_steps=num_steps)
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
        "Look at two consecutive entries of your history. May the second be larger?",
        "What happens to a proposal that is worse?",
        "Replace w only when the new value is smaller than the old one.",
    ),
)
def accepts_every_step_of_a_search(objective, w0, step_size, num_steps, generator):
    """Your search takes every step, also upwards: it is a random walk, and in many dimensions it moves away from the
    minimum. It must refuse a step that is worse. Look at when you replace w."""
    expect_not_negative(step_size=step_size, num_steps=num_steps)
    w, history = w0.clone(), [objective(w0)]
    for _ in range(num_steps):
        w = w + step_size * random_direction(len(w), generator).to(w.dtype)
        history.append(objective(w))
    return w, torch.stack(history)


@mistake(
    "random_search",
    slug="accepts_slightly_worse",
    hints=(
        "All points except w0 are worse by a millionth. Where should the search end?",
        "What does your comparison contain besides the two values?",
        "Compare the two values themselves, without a tolerance or a factor.",
    ),
)
def accepts_slightly_worse_in_a_search(objective, w0, step_size, num_steps, generator):
    """Your search also accepts proposals that are slightly worse. Many of these steps add up, and the history rises,
    which it never should. Look at how you compare the two values."""
    expect_not_negative(step_size=step_size, num_steps=num_steps)
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
        "Ask whether the proposal is better, not whether it is worse; stay if it is not better.",
    ),
)
def goes_to_nan_in_a_search(objective, w0, step_size, num_steps, generator):
    """Your search moves to points where the objective is NaN. NaN is neither above nor below a number, so "go back if it is
    worse" does not go back; and `argmin` takes NaN for the smallest value. Ask whether the proposal is better instead."""
    expect_not_negative(step_size=step_size, num_steps=num_steps)
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
        "How many times does your loop run for num_steps = 1?",
        "Make num_steps steps; the start is one more entry.",
    ),
)
def one_step_too_few_in_a_search(objective, w0, step_size, num_steps, generator):
    """Your history starts with the start, but has num_steps entries, one too few: the value after the last step is
    missing. Entry t is the value after t steps, for t from 0 to num_steps. Look at how many times your loop runs, and
    when it stores a value."""
    expect_not_negative(step_size=step_size, num_steps=num_steps)
    w, history = w0.clone(), [objective(w0)]
    for _ in range(num_steps - 1):
        w, value = random_search_step(objective, w, step_size, generator)
        history.append(value)
    return w, torch.stack(history)


@mistake(
    "random_search",
    hints=(
        "At the bottom of a bowl every proposal is refused. How many proposals does your search make there?",
        "A refused step means only that this direction is bad; the next may be good.",
        "Continue the loop to its end, also after a refused step.",
    ),
)
def stops_when_refused(objective, w0, step_size, num_steps, generator):
    """Your search ends when a proposal is refused, and fills the history with the last value. In many dimensions half of
    all proposals are refused, and later even more, so it ends almost immediately. Try each of the num_steps steps: check
    where your loop ends."""
    expect_not_negative(step_size=step_size, num_steps=num_steps)
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
        "Count the proposals in a search of 100 steps, far from a minimum and at a minimum.",
        "In many dimensions, a good direction may take more than ten tries.",
        "Make num_steps proposals; do not stop after refusals.",
    ),
)
def runs_out_of_patience(objective, w0, step_size, num_steps, generator):
    """Your search stops after several refusals in a row, and fills the history with the last value. In many dimensions
    a good direction is rare, so the search stops too early. Try each of the num_steps steps: check where your loop ends."""
    expect_not_negative(step_size=step_size, num_steps=num_steps)
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
        "The history has the right length, but after some step all its entries are equal. Why?",
        "The number of iterations must depend only on num_steps.",
    ),
)
def stops_after_a_dozen(objective, w0, step_size, num_steps, generator):
    """Your search makes only its first steps, even if every step leads down, and fills the history with the last value.
    Then a long search is no better than a short one. Check where your loop ends."""
    expect_not_negative(step_size=step_size, num_steps=num_steps)
    w, history = w0.clone(), [objective(w0)]
    for _ in range(min(num_steps, 12)):
        w, value = random_search_step(objective, w, step_size, generator)
        history.append(value)
    return w, torch.stack(history + history[-1:] * (num_steps + 1 - len(history)))


@mistake(
    "random_search",
    hints=(
        "Print the directions of three consecutive steps.",
        "Which values does your loop draw in each iteration, and which only once?",
        "Draw the direction inside the loop, from the same generator, without seeding it again.",
    ),
)
def one_direction_for_all(objective, w0, step_size, num_steps, generator):
    """All your proposals go in the same direction, as if you draw it only once. A search along one line cannot find a
    minimum beside it. Draw a new direction in each step: look at where you draw it."""
    expect_not_negative(step_size=step_size, num_steps=num_steps)
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
        "`w = w0` does not copy: an in-place change of w also changes w0.",
        "Start from a copy of w0.",
    ),
)
def moves_the_callers_w0(objective, w0, step_size, num_steps, generator):
    """You change the caller's w0: after the search it holds the final point. Then the caller cannot compare two
    searches from the same start. Look for an in-place operation, and the tensor that it changes."""
    expect_not_negative(step_size=step_size, num_steps=num_steps)
    w, history = w0, [objective(w0)]
    for _ in range(num_steps):
        proposal, value = random_search_step(objective, w, step_size, generator)
        w.data.copy_(proposal)
        history.append(value)
    return w.clone(), torch.stack(history)


@mistake(
    "random_search",
    hints=(
        "Is the objective at your returned point equal to the last entry of your history?",
        "Which point is better: the last that you tried, or the last that you kept?",
        "Store the best point separately from the proposal, and return it.",
    ),
)
def returns_the_last_proposal(objective, w0, step_size, num_steps, generator):
    """The history is right, but you return the last proposed point, even if it was refused. Return the point of the
    last entry of the history. Check the point that you return."""
    expect_not_negative(step_size=step_size, num_steps=num_steps)
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
        "Count the calls of the objective in a search of 10 steps.",
        "A step already returns the value at its final point.",
        "Append the value that the step returns; do not evaluate again.",
    ),
)
def evaluates_again_in_a_search(objective, w0, step_size, num_steps, generator):
    """Your search is right, but it evaluates the objective more often than twice per step and once at w0. This may need the whole
    data set: it is the cost of a search. Reuse the values that you have."""
    expect_not_negative(step_size=step_size, num_steps=num_steps)
    w, history = w0.clone(), [objective(w0)]
    for _ in range(num_steps):
        w, _ = random_search_step(objective, w, step_size, generator)
        history.append(objective(w))
    return w, torch.stack(history)


@mistake(
    "random_search",
    hints=(
        "Print the dtype of your history for a float64 start.",
        "By default, a tensor made from Python floats is float32.",
        "Stack the values of the objective unchanged, or give their dtype.",
    ),
)
def float32_history(objective, w0, step_size, num_steps, generator):
    """Your history is float32, although the values of the objective are float64: half of their digits are lost, and
    small gains with them. Look at how you create the tensor of values."""
    expect_not_negative(step_size=step_size, num_steps=num_steps)
    w, history = w0.clone(), [float(objective(w0))]
    for _ in range(num_steps):
        w, value = random_search_step(objective, w, step_size, generator)
        history.append(float(value))
    return w, torch.tensor(history)


@mistake(
    "random_search",
    slug="global_generator",
    hints=(
        "Search twice, with two generators of the same seed. Are the paths equal?",
        "Which generator draws the directions if you pass none?",
        "Pass the argument `generator` to every step.",
    ),
)
def global_generator_of_a_search(objective, w0, step_size, num_steps, generator):
    """Your search draws from torch's global generator and ignores `generator`. Then it cannot be repeated. Look at the
    generator that you pass to each step."""
    expect_not_negative(step_size=step_size, num_steps=num_steps)
    w, history = w0.clone(), [objective(w0)]
    for _ in range(num_steps):
        w, value = random_search_step(objective, w, step_size, torch.default_generator)
        history.append(value)
    return w, torch.stack(history)


@mistake(
    "random_search",
    hints=(
        "Search with a negative step_size and zero steps, and with a negative num_steps. What does the docstring say?",
        "Check the arguments at the start, not when you first use them.",
        "Before the loop, raise a ValueError that names the argument, for step_size and for num_steps.",
    ),
)
def accepts_bad_arguments(objective, w0, step_size, num_steps, generator):
    """Your search is right, but it does not always refuse a negative step_size or num_steps. If only the steps check,
    then zero steps check nothing, and a negative num_steps acts like zero. Look at Raises in the docstring."""
    w, history = w0.clone(), [objective(w0)]
    for _ in range(num_steps):
        w, value = random_search_step(objective, w, step_size, generator)
        history.append(value)
    return w, torch.stack(history)


@mistake(
    "random_search",
    hints=(
        "What is torch.minimum(torch.tensor(1.0), torch.tensor(math.nan)), or min of the two? Try it.",
        "Your search stays where it is. Which value belongs to that point?",
        "Append the value of the current point; do not compute it by a minimum.",
    ),
)
def nan_in_the_history(objective, w0, step_size, num_steps, generator):
    """A proposal with the value NaN makes your history NaN, although the search stays where it is. `torch.minimum` of a number
    and NaN is NaN, and Python's `min` depends on the order. Append the value of the current point."""
    expect_not_negative(step_size=step_size, num_steps=num_steps)
    w, history = w0.clone(), [objective(w0)]
    for _ in range(num_steps):
        proposal = w + step_size * random_direction(len(w), generator).to(w.dtype)
        value = objective(proposal)
        w = proposal if value < history[-1] else w
        history.append(torch.minimum(value, history[-1]))
    return w, torch.stack(history)


@mistake(
    "random_search",
    hints=(
        "Is the objective at your returned point equal to the last entry of your history?",
        "The history never rises. Does your point move all the same?",
        "Move only when the new value is smaller.",
    ),
)
def moves_to_every_proposal(objective, w0, step_size, num_steps, generator):
    """Your history holds the best value so far, but your point moves to every proposal, also to worse ones. So it is a random
    walk, and the last point does not have the last value. Move only when the new value is smaller."""
    expect_not_negative(step_size=step_size, num_steps=num_steps)
    w, history = w0.clone(), [objective(w0)]
    for _ in range(num_steps):
        w = w + step_size * random_direction(len(w), generator).to(w.dtype)
        history.append(torch.fmin(objective(w), history[-1]))
    return w, torch.stack(history)


@mistake(
    "random_search",
    hints=(
        "Search with two generators of different seeds. Do the paths differ?",
        "Which lines of your loop create or seed a generator?",
        "Pass the argument `generator` to every step, and seed nothing.",
    ),
)
def seeds_in_every_step(objective, w0, step_size, num_steps, generator):
    """All your steps go in the same direction, for any `generator`, as if you seed a generator of your own in each step, or
    never draw. Take each direction from the argument `generator`, and seed nothing."""
    expect_not_negative(step_size=step_size, num_steps=num_steps)
    w, history = w0.clone(), [objective(w0)]
    for _ in range(num_steps):
        w, value = random_search_step(objective, w, step_size, torch.Generator().manual_seed(0))
        history.append(value)
    return w, torch.stack(history)


@mistake(
    "random_search",
    hints=(
        "Refuse the first step and accept the second. What are the first three entries of your history?",
        "Entry t belongs to step t. What must it hold if step t is refused?",
        "Append in every iteration: the new value if you take the step, else the old value.",
    ),
)
def history_filled_up_at_the_end(objective, w0, step_size, num_steps, generator):
    """You append to the history only when you accept a step, and fill up the rest at the end. So the values stand at the wrong
    steps, and the search seems to stand still at the end only. Append one value after every step."""
    expect_not_negative(step_size=step_size, num_steps=num_steps)
    w, history = w0.clone(), [objective(w0)]
    for _ in range(num_steps):
        w, value = random_search_step(objective, w, step_size, generator)
        if value < history[-1]:
            history.append(value)
    history += history[-1:] * (num_steps + 1 - len(history))
    return w, torch.stack(history)
