"""Mistakes in random_search_step."""

import torch

from grader.toolkit.mistakes import mistake
from solutions.section3_search import random_direction

from .shared import _expect_not_negative


@mistake(
    "random_search_step",
    hints=(
        "Stand at the bottom of a bowl. Where should a step end?",
        "A random step leads up about as often as down. What should become of those that lead up?",
        "Compare both values of the objective, and return w itself unless the new one is smaller.",
    ),
)
def accepts_every_step(objective, w, step_size, generator):
    """You always return the proposed point, also when it is worse. That is a random walk, not a search. Look at the
    case where the objective at the proposed point is higher."""
    _expect_not_negative(step_size=step_size)
    proposal = w + step_size * random_direction(len(w), generator).to(w.dtype)
    objective(w)
    return proposal, objective(proposal)


@mistake(
    "random_search_step",
    hints=(
        "Is a point that is worse by a millionth the better of the two?",
        "Look at what stands on either side of your comparison, besides the two values.",
        "Compare the two values themselves, without a tolerance or a factor.",
    ),
)
def accepts_slightly_worse(objective, w, step_size, generator):
    """You also accept a proposal that is a little worse. Many such steps add up, and the search climbs while it seems
    to stand still. The better of two points is the one with the smaller value, however small the difference. Look at
    your comparison."""
    _expect_not_negative(step_size=step_size)
    proposal = w + step_size * random_direction(len(w), generator).to(w.dtype)
    J, J_proposal = objective(w), objective(proposal)
    return (proposal, J_proposal) if J_proposal < J + 0.01 else (w.clone(), J)


@mistake(
    "random_search_step",
    hints=(
        "Is a point that is better by a millionth worth going to?",
        "Look at what stands on either side of your comparison, besides the two values.",
        "Compare the two values themselves, without asking for a least gain.",
    ),
)
def wants_a_large_gain(objective, w, step_size, generator):
    """You refuse proposals that are better by only a little. Near a minimum all gains are small, and your search stops
    before it gets there. The better of two points is the one with the smaller value. Look at your comparison."""
    _expect_not_negative(step_size=step_size)
    proposal = w + step_size * random_direction(len(w), generator).to(w.dtype)
    J, J_proposal = objective(w), objective(proposal)
    return (proposal, J_proposal) if J_proposal < J - 0.01 else (w.clone(), J)


@mistake(
    "random_search_step",
    hints=(
        "On J(w) = w^2, from w = 1: should a step to 0.5 be taken? Is it, by yours?",
        "Minimising means that smaller is better.",
        "Turn the comparison round: keep the point whose value is smaller.",
    ),
)
def keeps_the_worse(objective, w, step_size, generator):
    """You keep the worse of the two points: you climb. The objective is a loss, so smaller is better. Look at the
    direction of your comparison."""
    _expect_not_negative(step_size=step_size)
    proposal = w + step_size * random_direction(len(w), generator).to(w.dtype)
    J, J_proposal = objective(w), objective(proposal)
    return (proposal, J_proposal) if J_proposal > J else (w.clone(), J)


@mistake(
    "random_search_step",
    hints=(
        "When is a comparison with NaN true? Try nan > 1 and nan < 1.",
        "You go back if the proposal is worse. A NaN is never worse: what happens then?",
        "Ask whether the proposal is better, instead of whether it is worse, and stay if it is not.",
    ),
)
def goes_to_nan(objective, w, step_size, generator):
    """You accept a proposal where the objective is NaN. Every comparison with NaN is false, so that "go back if it is
    worse" does not go back. Ask the question the other way round."""
    _expect_not_negative(step_size=step_size)
    proposal = w + step_size * random_direction(len(w), generator).to(w.dtype)
    J, J_proposal = objective(w), objective(proposal)
    return (w.clone(), J) if J_proposal >= J else (proposal, J_proposal)


@mistake(
    "random_search_step",
    hints=(
        "Take a step that is accepted. Is the value that you return the objective at the point that you return?",
        "Two things are returned, and they belong together.",
        "Where you return the proposed point, return the value at the proposed point.",
    ),
)
def value_before_the_step(objective, w, step_size, generator):
    """The value that you return is the one at w, also when you return the proposed point. A search that goes on from
    there compares with a value that is too high. Look at the case where the step is accepted."""
    _expect_not_negative(step_size=step_size)
    proposal = w + step_size * random_direction(len(w), generator).to(w.dtype)
    J = objective(w)
    return (proposal if objective(proposal) < J else w.clone()), J


@mistake(
    "random_search_step",
    hints=(
        "Print w before and after a call. Who else may still need it?",
        "`w += ...` changes the caller's tensor; `w + ...` makes a new one.",
        "Compute the proposal as a new tensor and leave w alone.",
    ),
)
def moves_the_callers_w(objective, w, step_size, generator):
    """You modify the caller's w. It should keep its values whether the step is accepted or not: the caller may compare
    with it, or start again from it. Look for an operation that works in place."""
    _expect_not_negative(step_size=step_size)
    J, move = objective(w), step_size * random_direction(len(w), generator).to(w.dtype)
    old = w.clone()
    w += move
    J_proposal = objective(w)
    return (w.clone(), J_proposal) if J_proposal < J else (old, J)


@mistake(
    "random_search_step",
    hints=(
        "Is w bit for bit what it was after a step? Try several seeds.",
        "In floating point, is (0.1 + 0.7) - 0.7 equal to 0.1?",
        "Compute the proposal as a new tensor and leave w alone.",
    ),
)
def goes_there_and_back(objective, w, step_size, generator):
    """You move the caller's w to the proposed point and back again, and rounding stays behind: it is not always quite what it
    was. Leave w alone, and compute the proposal as a tensor of its own."""
    _expect_not_negative(step_size=step_size)
    J, move = objective(w), step_size * random_direction(len(w), generator).to(w.dtype)
    w += move
    proposal, J_proposal = w.clone(), objective(w)
    w -= move
    return (proposal, J_proposal) if J_proposal < J else (w.clone(), J)


@mistake(
    "random_search_step",
    hints=(
        "Count how often your function calls the objective in one step.",
        "One call at w and one at the proposed point are enough, if you keep what they gave.",
        "Give the two values names, and use the names in the comparison and in what you return.",
    ),
)
def evaluates_again(objective, w, step_size, generator):
    """The points are right, but you evaluate the objective more than twice. One evaluation may be a pass over the whole
    data set: it is what a step costs. Keep the two values instead of asking for them again."""
    _expect_not_negative(step_size=step_size)
    proposal = w + step_size * random_direction(len(w), generator).to(w.dtype)
    w_new = proposal if objective(proposal) < objective(w) else w.clone()
    return w_new, objective(w_new)


@mistake(
    "random_search_step",
    hints=(
        "How far from w is the point that you propose if step_size is 0.1?",
        "A direction has length 1. What makes a step of length s of it?",
        "Multiply the direction by step_size before you add it to w.",
    ),
)
def ignores_step_size(objective, w, step_size, generator):
    """The points that you propose are at distance 1 from w, whatever step_size is. Near the minimum, steps that are too
    long only lead up, and the search stands still. Look at where step_size enters."""
    _expect_not_negative(step_size=step_size)
    proposal = w + random_direction(len(w), generator).to(w.dtype)
    J, J_proposal = objective(w), objective(proposal)
    return (proposal, J_proposal) if J_proposal < J else (w.clone(), J)


@mistake(
    "random_search_step",
    slug="global_generator",
    hints=(
        "Take two steps with two generators of the same seed. Do they agree?",
        "Which generator draws the direction if you name none?",
        "Pass the argument `generator` on to whatever draws the direction.",
    ),
)
def global_generator_of_a_step(objective, w, step_size, generator):
    """Your proposals come from torch's global generator, and `generator` is not used. Nobody can then repeat your
    search. Look at where the direction is drawn."""
    _expect_not_negative(step_size=step_size)
    proposal = w + step_size * random_direction(len(w), torch.default_generator).to(w.dtype)
    J, J_proposal = objective(w), objective(proposal)
    return (proposal, J_proposal) if J_proposal < J else (w.clone(), J)


@mistake(
    "random_search_step",
    hints=(
        "Start from float32 weights. Which dtype comes back?",
        "A direction is float64, and float32 + float64 is float64.",
        "Convert the direction to the dtype of w before you add it.",
    ),
)
def becomes_float64(objective, w, step_size, generator):
    """Your step turns float32 weights into float64: the direction is float64, and so is the sum. The objective then
    sees weights of another dtype than its data. The result should have the dtype of w."""
    _expect_not_negative(step_size=step_size)
    proposal = w + step_size * random_direction(len(w), generator)
    J, J_proposal = objective(w), objective(proposal)
    return (proposal, J_proposal) if J_proposal < J else (w.clone(), J)


@mistake(
    "random_search_step",
    slug="accepts_negative_step_size",
    hints=(
        "What does a step of length -0.5 mean?",
        "The docstring has a paragraph that begins with Raises.",
        "Before anything else, raise a ValueError whose message names step_size if it is negative.",
    ),
)
def accepts_negative_step_size_in_a_step(objective, w, step_size, generator):
    """Your steps are right, but a negative step_size is accepted. A length cannot be negative, and who passes one has
    most likely mixed up something. Look at the docstring's Raises."""
    proposal = w + step_size * random_direction(len(w), generator).to(w.dtype)
    J, J_proposal = objective(w), objective(proposal)
    return (proposal, J_proposal) if J_proposal < J else (w.clone(), J)
