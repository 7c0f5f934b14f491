"""Mistakes in random_search_step."""

import torch

from grader.toolkit.mistakes import mistake
from solutions.section3_search import random_direction

from .shared import expect_not_negative


@mistake(
    "random_search_step",
    hints=(
        "You are at the bottom of a bowl. Where should a step end?",
        "A random step leads up about as often as down. What should happen to a step that leads up?",
        "Compare both values of the objective, and return w itself unless the new one is smaller.",
    ),
)
def accepts_every_step(objective, w, step_size, generator):
    """You always return the proposed point, even if it is worse. This is a random walk, not a search. Look at the case
    where the objective is higher at the proposed point."""
    expect_not_negative(step_size=step_size)
    proposal = w + step_size * random_direction(len(w), generator).to(w.dtype)
    objective(w)
    return proposal, objective(proposal)


@mistake(
    "random_search_step",
    hints=(
        "One point is worse by a millionth. Is it the better of the two?",
        "What does your comparison contain besides the two values?",
        "Compare the two values themselves, without a tolerance or a factor.",
    ),
)
def accepts_slightly_worse(objective, w, step_size, generator):
    """You also accept a proposal that is slightly worse. Many of these steps add up, and the search climbs slowly. The
    better point is the one with the smaller value, however small the difference. Look at your comparison."""
    expect_not_negative(step_size=step_size)
    proposal = w + step_size * random_direction(len(w), generator).to(w.dtype)
    J, J_proposal = objective(w), objective(proposal)
    return (proposal, J_proposal) if J_proposal < J + 0.01 else (w.clone(), J)


@mistake(
    "random_search_step",
    hints=(
        "A point is better by a millionth. Should the search go there?",
        "What does your comparison contain besides the two values?",
        "Compare the two values themselves, without a minimum gain.",
    ),
)
def wants_a_large_gain(objective, w, step_size, generator):
    """You refuse proposals that are only slightly better. Near a minimum all gains are small, so your search stops too
    early. The better point is the one with the smaller value. Look at your comparison."""
    expect_not_negative(step_size=step_size)
    proposal = w + step_size * random_direction(len(w), generator).to(w.dtype)
    J, J_proposal = objective(w), objective(proposal)
    return (proposal, J_proposal) if J_proposal < J - 0.01 else (w.clone(), J)


@mistake(
    "random_search_step",
    hints=(
        "For J(w) = w^2 and w = 1, should a step to 0.5 be taken? Does your function take it?",
        "Minimising means that smaller is better.",
        "Reverse the comparison: keep the point with the smaller value.",
    ),
)
def keeps_the_worse(objective, w, step_size, generator):
    """You keep the worse of the two points, so you climb. The objective is a loss: smaller is better. Look at the
    direction of your comparison."""
    expect_not_negative(step_size=step_size)
    proposal = w + step_size * random_direction(len(w), generator).to(w.dtype)
    J, J_proposal = objective(w), objective(proposal)
    return (proposal, J_proposal) if J_proposal > J else (w.clone(), J)


@mistake(
    "random_search_step",
    hints=(
        "When is a comparison with NaN true? Try nan > 1 and nan < 1.",
        "You go back if the proposal is worse. A NaN is never worse: what happens then?",
        "Ask whether the proposal is better, not whether it is worse; stay if it is not better.",
    ),
)
def goes_to_nan(objective, w, step_size, generator):
    """You accept a proposal where the objective is NaN. NaN is neither above nor below a number, so "go back if it is worse"
    does not go back; and `argmin` takes NaN for the smallest value. Ask whether the proposal is better instead."""
    expect_not_negative(step_size=step_size)
    proposal = w + step_size * random_direction(len(w), generator).to(w.dtype)
    J, J_proposal = objective(w), objective(proposal)
    return (w.clone(), J) if J_proposal >= J else (proposal, J_proposal)


@mistake(
    "random_search_step",
    hints=(
        "Take a step that is accepted. Is your returned value the objective at your returned point?",
        "You return a point and a value, and they belong together.",
        "If you return the proposed point, return the value at the proposed point.",
    ),
)
def value_before_the_step(objective, w, step_size, generator):
    """You return the value at w, even when you return the proposed point. A search that continues from there compares
    with a value that is too high. Look at the case where you accept the step."""
    expect_not_negative(step_size=step_size)
    proposal = w + step_size * random_direction(len(w), generator).to(w.dtype)
    J = objective(w)
    return (proposal if objective(proposal) < J else w.clone()), J


@mistake(
    "random_search_step",
    hints=(
        "Print w before and after a call. Does it change?",
        "`w += ...` changes the caller's tensor; `w + ...` creates a new tensor.",
        "Compute the proposal as a new tensor and leave w unchanged.",
    ),
)
def moves_the_callers_w(objective, w, step_size, generator):
    """You change the caller's w. It must keep its values whether you accept the step or not: the caller may compare
    with it, or start from it again. Look for an in-place operation."""
    expect_not_negative(step_size=step_size)
    J, move = objective(w), step_size * random_direction(len(w), generator).to(w.dtype)
    old = w.clone()
    w += move
    J_proposal = objective(w)
    return (w.clone(), J_proposal) if J_proposal < J else (old, J)


@mistake(
    "random_search_step",
    hints=(
        "Compare w before and after a step, bit by bit. Try several seeds.",
        "In floating point, is (0.1 + 0.7) - 0.7 equal to 0.1?",
        "Compute the proposal as a new tensor and leave w unchanged.",
    ),
)
def goes_there_and_back(objective, w, step_size, generator):
    """You change w to the proposed point and change it back, and rounding errors remain. Leave w unchanged, and compute
    the proposal as a new tensor."""
    expect_not_negative(step_size=step_size)
    J, move = objective(w), step_size * random_direction(len(w), generator).to(w.dtype)
    w += move
    proposal, J_proposal = w.clone(), objective(w)
    w -= move
    return (proposal, J_proposal) if J_proposal < J else (w.clone(), J)


@mistake(
    "random_search_step",
    hints=(
        "Count the calls of the objective in one step.",
        "One call at w and one at the proposed point are enough, if you store their values.",
        "Give the two values names, and use the names in the comparison and in what you return.",
    ),
)
def evaluates_again(objective, w, step_size, generator):
    """The points are right, but you evaluate the objective more than twice. An evaluation may need the whole data set:
    it is the cost of a step. Store the two values and reuse them."""
    expect_not_negative(step_size=step_size)
    proposal = w + step_size * random_direction(len(w), generator).to(w.dtype)
    w_new = proposal if objective(proposal) < objective(w) else w.clone()
    return w_new, objective(w_new)


@mistake(
    "random_search_step",
    hints=(
        "How far from w is your proposal for step_size = 0.1?",
        "A direction has length 1. How do you make a step of length s from it?",
        "Multiply the direction by step_size before you add it to w.",
    ),
)
def ignores_step_size(objective, w, step_size, generator):
    """For a step_size of 0.7, your proposals are at distance 1 from w. Near the minimum, steps that are too long only lead
    up, and the search stands still. Look at where you use step_size."""
    expect_not_negative(step_size=step_size)
    proposal = w + random_direction(len(w), generator).to(w.dtype)
    J, J_proposal = objective(w), objective(proposal)
    return (proposal, J_proposal) if J_proposal < J else (w.clone(), J)


@mistake(
    "random_search_step",
    slug="global_generator",
    hints=(
        "Take two steps with two generators of the same seed. Are the steps equal?",
        "Which generator draws the direction if you pass none?",
        "Pass the argument `generator` to the function that draws the direction.",
    ),
)
def global_generator_of_a_step(objective, w, step_size, generator):
    """You draw proposals from torch's global generator and ignore `generator`. Then your search cannot be repeated.
    Look at where you draw the direction."""
    expect_not_negative(step_size=step_size)
    proposal = w + step_size * random_direction(len(w), torch.default_generator).to(w.dtype)
    J, J_proposal = objective(w), objective(proposal)
    return (proposal, J_proposal) if J_proposal < J else (w.clone(), J)


@mistake(
    "random_search_step",
    hints=(
        "Start from float32 weights. Which dtype does the result have?",
        "A direction is float64, and float32 + float64 is float64.",
        "Convert the direction to the dtype of w before you add it.",
    ),
)
def becomes_float64(objective, w, step_size, generator):
    """Your step turns float32 weights into float64, because the direction is float64, and so is the sum. Then the
    objective gets weights with a different dtype than its data. The result must have the dtype of w: look at the
    sum."""
    expect_not_negative(step_size=step_size)
    proposal = w + step_size * random_direction(len(w), generator)
    J, J_proposal = objective(w), objective(proposal)
    return (proposal, J_proposal) if J_proposal < J else (w.clone(), J)


@mistake(
    "random_search_step",
    slug="accepts_negative_step_size",
    hints=(
        "What does a step of length -0.5 mean?",
        "The docstring has a paragraph that starts with Raises.",
        "First, raise a ValueError whose message names step_size if it is negative.",
    ),
)
def accepts_negative_step_size_in_a_step(objective, w, step_size, generator):
    """Your steps are right, but you accept a negative step_size. A length cannot be negative, so it is almost certainly
    a bug. Look at Raises in the docstring."""
    proposal = w + step_size * random_direction(len(w), generator).to(w.dtype)
    J, J_proposal = objective(w), objective(proposal)
    return (proposal, J_proposal) if J_proposal < J else (w.clone(), J)


@mistake(
    "random_search_step",
    hints=(
        "You are at the bottom of a bowl. Where should a step end, and with which value?",
        "You return a point and a value, and they belong together.",
        "Decide once which point is better, and return that point with its own value.",
    ),
)
def moves_with_the_smaller_value(objective, w, step_size, generator):
    """You always move to the proposed point, but return the smaller of the two values. The value is then not that of your point.
    Stay at w if the proposal is not better."""
    expect_not_negative(step_size=step_size)
    proposal = w + step_size * random_direction(len(w), generator).to(w.dtype)
    return proposal, torch.fmin(objective(w), objective(proposal))


@mistake(
    "random_search_step",
    hints=(
        "What is torch.minimum(torch.tensor(1.0), torch.tensor(math.nan)), or min of the two? Try it.",
        "You stay at w. Which value belongs to w?",
        "Return the value of the point that you return; do not compute it by a minimum.",
    ),
)
def returns_nan(objective, w, step_size, generator):
    """If the proposal is NaN you stay at w, but the value that you return is NaN. `torch.minimum` of a number and NaN is NaN, and
    Python's `min` depends on the order. Return the value that belongs to your point."""
    expect_not_negative(step_size=step_size)
    proposal = w + step_size * random_direction(len(w), generator).to(w.dtype)
    J, J_proposal = objective(w), objective(proposal)
    return (proposal if J_proposal < J else w.clone()), torch.minimum(J, J_proposal)


@mistake(
    "random_search_step",
    hints=(
        "How many points besides w do you evaluate in a step?",
        "The opposite direction is as likely as the first. Is it part of this step?",
        "Propose one point. If it is not better, stay.",
    ),
)
def tries_the_opposite_too(objective, w, step_size, generator):
    """If the proposal is worse, you try the opposite direction, too. That may be a good idea, but it costs a third evaluation,
    and the docstring says exactly two. Propose a single point."""
    expect_not_negative(step_size=step_size)
    proposal = w + step_size * random_direction(len(w), generator).to(w.dtype)
    J, J_proposal = objective(w), objective(proposal)
    if not J_proposal < J:
        proposal = 2 * w - proposal
        J_proposal = objective(proposal)
    return (proposal, J_proposal) if J_proposal < J else (w.clone(), J)


@mistake(
    "random_search_step",
    hints=(
        "How many points do you evaluate at the bottom of a bowl?",
        "A step may fail. What does it return then?",
        "Propose one point, without a loop. If it is not better, stay.",
    ),
)
def tries_until_better(objective, w, step_size, generator):
    """If the proposal is worse, you draw further ones. A step proposes a single point, with two evaluations in all; the search
    makes the next attempt. Remove the loop."""
    expect_not_negative(step_size=step_size)
    proposal = w + step_size * random_direction(len(w), generator).to(w.dtype)
    J, J_proposal, tries = objective(w), objective(proposal), 1
    while not J_proposal < J and tries < 20:
        proposal = w + step_size * random_direction(len(w), generator).to(w.dtype)
        J_proposal, tries = objective(proposal), tries + 1
    return (proposal, J_proposal) if J_proposal < J else (w.clone(), J)


@mistake(
    "random_search_step",
    hints=(
        "Measure the distance of five proposals from w. Is it always step_size?",
        "Which of your vectors has length 1?",
        "The step is step_size times your random_direction, without another factor.",
    ),
)
def move_not_normalised(objective, w, step_size, generator):
    """The distance from w to your proposal is random, and should be step_size. Compare your proposal with w plus step_size times
    `random_direction`, which has length 1."""
    expect_not_negative(step_size=step_size)
    proposal = w + step_size * torch.randn(len(w), generator=generator, dtype=torch.float64).to(w.dtype)
    J, J_proposal = objective(w), objective(proposal)
    return (proposal, J_proposal) if J_proposal < J else (w.clone(), J)


@mistake(
    "random_search_step",
    hints=(
        "How far from w is your proposal for step_size = 0.5 in four dimensions?",
        "A direction has length 1 in any number of dimensions.",
        "Multiply the direction by step_size alone.",
    ),
)
def step_divided_by_root_of_dim(objective, w, step_size, generator):
    """Your steps are too short by the factor sqrt(d): you divide by it. A direction has length 1 in any dimension, so the step is
    step_size long without it. Check how you use step_size."""
    expect_not_negative(step_size=step_size)
    proposal = w + step_size / len(w) ** 0.5 * random_direction(len(w), generator).to(w.dtype)
    J, J_proposal = objective(w), objective(proposal)
    return (proposal, J_proposal) if J_proposal < J else (w.clone(), J)


@mistake(
    "random_search_step",
    hints=(
        "Print the distance between w and your proposal with 17 digits.",
        "Which tensor on the way is float32? A later conversion does not bring the lost digits back.",
        "Convert the direction to the dtype of w, which may be float64.",
    ),
)
def rounded_on_the_way(objective, w, step_size, generator):
    """For float64 weights, the length of your step is right only to seven digits: something on the way is float32, such as a
    direction after `.float()`. Convert to the dtype of w instead."""
    expect_not_negative(step_size=step_size)
    proposal = w + step_size * random_direction(len(w), generator).float()
    J, J_proposal = objective(w), objective(proposal)
    return (proposal, J_proposal) if J_proposal < J else (w.clone(), J)
