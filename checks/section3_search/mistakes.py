"""Section 3, wrong on purpose."""

import math

import torch

from grader.toolkit.mistakes import mistake
from solutions.section3_search import (
    finite_difference_gradient,
    gradient,
    gradient_descent_step,
    random_direction,
    random_search_step,
)


def _expect_not_negative(**arguments):
    for name, value in arguments.items():
        if not value >= 0:
            raise ValueError(f"{name} must be at least 0, got {value}")


def _unit(vector):
    return vector / vector.norm()


# -- random_direction


@mistake(
    "random_direction",
    hints=(
        "In the plane, throw darts at a square and normalise. Which angles are hit more often?",
        "A corner of the square is farther from the middle than a side, so more of the square lies behind it.",
        "Draw numbers whose joint density depends on the length of the vector alone: independent normal ones.",
    ),
)
def uniform_in_cube(dim, generator):
    """Your directions are points that are uniform in a cube, normalised. Length, mean and variance are right, but a
    cube has corners, and directions towards them come up too often. Think about which distribution of the entries has
    no corners."""
    return _unit(2 * torch.rand(dim, generator=generator, dtype=torch.float64) - 1)


@mistake(
    "random_direction",
    hints=(
        "Look at the largest entries of many draws in 200 dimensions: how often is one above four typical ones?",
        "A sum of a few uniform numbers looks like a bell, but its tails end. Does the joint density depend on length alone?",
        "Draw each entry from the normal distribution itself; torch has a function for it.",
    ),
)
def sum_of_uniforms(dim, generator):
    """The entries of your directions are nearly, but not quite, those of a normal distribution: large ones come up too
    seldom, as in a sum of a few uniform numbers. So corners are still preferred, and in many dimensions it shows. Look
    at the distribution that you draw from."""
    return _unit(torch.rand(12, dim, generator=generator, dtype=torch.float64).sum(0) - 6)


@mistake(
    "random_direction",
    hints=(
        "Print the norm of one draw in 100 dimensions. What should it be?",
        "The sphere holds the points at distance 1. Your draw is a normal vector, about sqrt(d) long.",
        "Divide the vector by its Euclidean norm before you return it.",
    ),
)
def not_normalised(dim, generator):
    """Your directions are not of length 1: they grow with the dimension, about as sqrt(d). Then step_size is no longer
    the length of a step. Look at what turns a random vector into a point on the unit sphere."""
    return torch.randn(dim, generator=generator, dtype=torch.float64)


@mistake(
    "random_direction",
    hints=(
        "What is the length of [3, 4]? What is the length of [3, 4] divided by 25?",
        "The sum of the squares is the squared length. Something is missing before you divide.",
        "Take the square root of the sum of squares, and divide by that.",
    ),
)
def divided_by_squared_norm(dim, generator):
    """The more dimensions, the shorter your directions are, as if each vector were divided by its squared length. The
    unit sphere has radius 1 in any dimension. Look at what you divide by."""
    normal = torch.randn(dim, generator=generator, dtype=torch.float64)
    return normal / (normal @ normal)


@mistake(
    "random_direction",
    hints=(
        "What does `generator` do in your function? What would change if it had another seed?",
        "torch's random functions use a global generator unless they are told otherwise.",
        "Pass the argument `generator` on to the function that draws the numbers.",
    ),
)
def global_generator(dim, generator):
    """Your directions come from torch's global generator, and `generator` is not used. Nobody can then repeat your
    search, and every other random number in the program is shifted. Look at where your random numbers are drawn."""
    return _unit(torch.randn(dim, dtype=torch.float64))


@mistake(
    "random_direction",
    hints=(
        "Compare torch.get_rng_state() before and after a call. Who else uses that state?",
        "Seeding torch globally resets the random numbers of the whole program, also those of others.",
        "No seed is needed: the functions that draw can be given `generator` itself.",
    ),
)
def reseeds_torch(dim, generator):
    """Your directions do depend on `generator`, but each call also changes torch's global random state, as seeding it
    does. All else in the program that is random then follows from your seed. Draw from `generator` and from nothing
    else."""
    torch.manual_seed(int(torch.randint(2**31, (1,), generator=generator)))
    return _unit(torch.randn(dim, dtype=torch.float64))


@mistake(
    "random_direction",
    hints=(
        "Call your function twice with one generator. What should be different the second time?",
        "A generator that is seeded again starts its stream of numbers again.",
        "Leave the state of the generator alone: do not seed it, or another from its seed, in the function.",
    ),
)
def same_draw_each_time(dim, generator):
    """Each call gives the same direction again, as if the generator were seeded anew at each. A search would then only
    ever try one direction. Each call should draw the next numbers of the generator's stream."""
    fresh = torch.Generator().manual_seed(generator.initial_seed())
    return _unit(torch.randn(dim, generator=fresh, dtype=torch.float64))


@mistake(
    "random_direction",
    hints=(
        "Draw 100 directions in the plane. In which quadrants are they?",
        "Numbers from [0, 1) have no minus sign. Can a search with them ever go back?",
        "Draw entries that are negative as often as positive: normal numbers are.",
    ),
)
def never_negative(dim, generator):
    """No entry of your directions is ever negative, so that all lie in one quadrant and most of the sphere is never
    reached. A search could go only one way along each axis. Look at the range of the numbers that you draw."""
    return _unit(torch.rand(dim, generator=generator, dtype=torch.float64))


@mistake(
    "random_direction",
    hints=(
        "How many different directions can your function give in the plane? How many are there?",
        "Going along an axis is a direction, but the sphere has points between the axes.",
        "Draw a random number for each entry, then make the length 1.",
    ),
)
def along_an_axis(dim, generator):
    """Your directions are the axes: one entry is 1 or -1, the others are 0. That is a search along one coordinate at a
    time; uniform on the sphere means that no axis is preferred. Each entry needs a random number of its own."""
    direction = torch.zeros(dim, dtype=torch.float64)
    place, sign = int(torch.randint(dim, (1,), generator=generator)), int(torch.randint(2, (1,), generator=generator))
    direction[place] = 2 * sign - 1
    return direction


@mistake(
    "random_direction",
    hints=(
        "On a globe, draw latitude and longitude uniformly. Is it as crowded at the equator as at the poles?",
        "The circles of latitude get shorter towards the poles: uniform angles crowd the points there.",
        "Give up angles: draw a normal number for each entry and normalise.",
    ),
)
def uniform_angles(dim, generator):
    """Some entries of your directions are almost always large and others small, as when angles (latitude, longitude, ...) are
    drawn uniformly: points then crowd at the poles. On a sphere no entry is special. Look for a way that treats all alike."""
    angles = 2 * math.pi * torch.rand(max(dim - 1, 1), generator=generator, dtype=torch.float64)
    if dim == 1:
        return torch.where(angles < math.pi, 1.0, -1.0).double()
    sines = torch.cat([torch.ones(1, dtype=torch.float64), torch.sin(angles).cumprod(0)])
    return sines * torch.cat([torch.cos(angles), torch.ones(1, dtype=torch.float64)])


@mistake(
    "random_direction",
    hints=(
        "Print the dtype of one draw. Which one does the docstring promise?",
        "torch draws in float32 unless it is told otherwise.",
        "Ask for torch.float64 where the numbers are drawn.",
    ),
)
def float32(dim, generator):
    """Your directions are float32, torch's default, and float64 is promised. Their length is then 1 to seven digits
    only, which float64 weights can see. Look at the dtype of the numbers that you draw."""
    return _unit(torch.randn(dim, generator=generator))


# -- random_search_step


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


# -- random_search


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


# -- finite_difference_gradient


def _shifted(w, i, eps):
    moved = w.clone()
    moved[i] += eps
    return moved


@mistake(
    "finite_difference_gradient",
    hints=(
        "On J(w) = w^2 at w = 1 with eps = 1, what does your formula give? The slope is 2.",
        "Look at the picture in your mind: where is the midpoint between your two points?",
        "Put one point on each side of w, and divide by the distance between them.",
    ),
)
def forward_difference(objective, w, eps=1e-4):
    """You take forward differences: one of the two points is w itself. Their error is of the order eps, that of central
    differences eps^2, because the errors of both sides cancel. Look at where the two points lie."""
    _expect_not_negative(eps=eps)
    J = objective(w)
    return torch.stack([(objective(_shifted(w, i, eps)) - J) / eps for i in range(len(w))])


@mistake(
    "finite_difference_gradient",
    hints=(
        "On J(w) = 3 w, what does your function give? The slope is 3.",
        "How far are your two points apart?",
        "Divide by the distance between the two points, which is twice eps.",
    ),
)
def forgot_to_halve(objective, w, eps=1e-4):
    """All of your slopes are twice too large: the two points are 2 eps apart, and you divide by eps. Look at the
    denominator."""
    _expect_not_negative(eps=eps)
    values = [(objective(_shifted(w, i, eps)), objective(_shifted(w, i, -eps))) for i in range(len(w))]
    return torch.stack([(up - down) / eps for up, down in values])


@mistake(
    "finite_difference_gradient",
    slug="wrong_sign",
    hints=(
        "On J(w) = 3 w, which sign has the slope? Which has yours?",
        "A positive slope means that J is higher on the side where w is larger.",
        "Subtract the value on the lower side from that on the upper side.",
    ),
)
def wrong_sign_of_differences(objective, w, eps=1e-4):
    """Your slopes have the wrong sign: the two values are subtracted the wrong way round. Descent with such a gradient
    climbs. Look at the order in the numerator."""
    _expect_not_negative(eps=eps)
    values = [(objective(_shifted(w, i, eps)), objective(_shifted(w, i, -eps))) for i in range(len(w))]
    return torch.stack([(down - up) / (2 * eps) for up, down in values])


@mistake(
    "finite_difference_gradient",
    hints=(
        "With eps = 1 in the formula, at which two points is the objective evaluated? At which does yours?",
        "eps is the distance from w to each point, not the distance between the points.",
        "Move by the whole eps to either side, and divide by twice of it.",
    ),
)
def half_steps(objective, w, eps=1e-4):
    """Your differences are central, but your points are only eps / 2 away from w. In the docstring's formula eps is the
    distance to either side. Compare the points that you evaluate with the formula."""
    _expect_not_negative(eps=eps)
    values = [(objective(_shifted(w, i, eps / 2)), objective(_shifted(w, i, -eps / 2))) for i in range(len(w))]
    return torch.stack([(up - down) / eps for up, down in values])


@mistake(
    "finite_difference_gradient",
    hints=(
        "Call your function with eps = 1 and with eps = 0.1 on w^3. Should the results differ?",
        "Where does the argument eps enter?",
        "Use the argument, and no number of your own, for the distance.",
    ),
)
def fixed_eps(objective, w, eps=1e-4):
    """Your function uses a distance of its own, whatever eps is. The right one depends on the dtype and on the size of
    the weights, so the caller chooses it. Look at where eps enters."""
    _expect_not_negative(eps=eps)
    return finite_difference_gradient_with(objective, w, 1e-4)


def finite_difference_gradient_with(objective, w, eps):
    values = [(objective(_shifted(w, i, eps)), objective(_shifted(w, i, -eps))) for i in range(len(w))]
    return torch.stack([(up - down) / (2 * eps) for up, down in values])


@mistake(
    "finite_difference_gradient",
    hints=(
        "On J(w) = w_1 + 10 w_2, the slopes are 1 and 10. What are yours?",
        "`w + eps` moves every coordinate at once.",
        "For entry i, add eps to coordinate i only, and leave the others.",
    ),
)
def moves_all_coordinates(objective, w, eps=1e-4):
    """You move all coordinates at once, so that every entry is the sum of all slopes. In one dimension it makes no
    difference. For entry i only coordinate i should move."""
    _expect_not_negative(eps=eps)
    return torch.stack([(objective(w + eps) - objective(w - eps)) / (2 * eps) for _ in range(len(w))])


@mistake(
    "finite_difference_gradient",
    hints=(
        "Print the points at which you evaluate for w = [1, 2] and eps = 0.5. In how many coordinates does each differ from w?",
        "After the first coordinate, where is your moving point?",
        "Put each coordinate back before you go on to the next.",
    ),
)
def not_put_back(objective, w, eps=1e-4):
    """The first of your slopes is right, the later ones are not: coordinates that were moved are not put back, so the
    later slopes are taken beside w. Look at what your moving point holds when the next coordinate begins."""
    _expect_not_negative(eps=eps)
    moving, slopes = w.clone(), torch.zeros_like(w)
    for i in range(len(w)):
        moving[i] += eps
        up = objective(moving)
        moving[i] -= 2 * eps
        slopes[i] = (up - objective(moving)) / (2 * eps)
    return slopes


@mistake(
    "finite_difference_gradient",
    hints=(
        "Compare w before and after, bit for bit. Try w = 0.1 and eps = 0.3 in float32.",
        "Adding eps and subtracting it again rounds twice.",
        "Move a copy, or keep the old value and put that back.",
    ),
)
def leaves_rounding_in_w(objective, w, eps=1e-4):
    """You move w itself, forth and back, and rounding stays behind: w is not quite what it was. After many calls it has
    wandered. Work on a copy, or put back exactly what was there."""
    _expect_not_negative(eps=eps)
    slopes = torch.zeros_like(w)
    for i in range(len(w)):
        w[i] += eps
        up = objective(w)
        w[i] -= 2 * eps
        down = objective(w)
        w[i] += eps
        slopes[i] = (up - down) / (2 * eps)
    return slopes


@mistake(
    "finite_difference_gradient",
    hints=(
        "In three dimensions, how often do you call the objective?",
        "Which of the values that you compute do not enter the result?",
        "Two evaluations per coordinate are enough: leave out the one at w.",
    ),
)
def one_evaluation_too_many(objective, w, eps=1e-4):
    """The slopes are right, but you evaluate the objective more than 2 d times. The value at w, for one, is not needed
    for central differences. Evaluations are what this method costs: look at which you can do without."""
    _expect_not_negative(eps=eps)
    J = objective(w)
    values = [(objective(_shifted(w, i, eps)), objective(_shifted(w, i, -eps))) for i in range(len(w))]
    return torch.stack([((up - J) + (J - down)) / (2 * eps) for up, down in values])


@mistake(
    "finite_difference_gradient",
    slug="float32",
    hints=(
        "Print the dtype of the result for float64 weights.",
        "torch makes float32 tensors unless it is told otherwise.",
        "Give the tensor of slopes the dtype of w.",
    ),
)
def float32_slopes(objective, w, eps=1e-4):
    """Your slopes come back in float32, whatever the dtype of w, and half of their digits are lost. Look at how you
    make the tensor that holds them."""
    _expect_not_negative(eps=eps)
    return finite_difference_gradient_with(objective, w, eps).float()


@mistake(
    "finite_difference_gradient",
    hints=(
        "What would a negative distance mean?",
        "The docstring has a paragraph that begins with Raises.",
        "Before anything else, raise a ValueError whose message names eps if it is negative.",
    ),
)
def accepts_negative_eps(objective, w, eps=1e-4):
    """The slopes are right, but a negative eps is accepted. It is a distance, so a negative one is most likely a
    mix-up. Look at the docstring's Raises."""
    return finite_difference_gradient_with(objective, w, eps)


# -- gradient


@mistake(
    "gradient",
    hints=(
        "Call it twice at the same point. What is in w.grad after the second call?",
        "`.backward()` adds to `.grad`. Who sets it to zero?",
        "Differentiate with respect to a fresh copy of w in each call, or use a function that returns the gradient instead.",
    ),
)
def accumulates_in_grad(objective, w):
    """Your gradients pile up in w.grad: each call adds to those before, so that the second call at one point gives
    twice the gradient. And w keeps traces of the call. Look at what .backward() does to .grad."""
    w.requires_grad_()
    objective(w).backward()
    return w.grad


@mistake(
    "gradient",
    hints=(
        "What is w.grad before your call, and after it?",
        "Setting .grad to None forgets an old gradient that somebody may still need.",
        "Differentiate with respect to a copy of w, so that w itself is never touched.",
    ),
)
def leaves_grad_behind(objective, w):
    """Each gradient is right, but w is not as it was: your call replaces its .grad and lets it require grad. An
    optimiser that looks at .grad later finds yours there. The function should leave no trace."""
    w.requires_grad_()
    w.grad = None
    objective(w).backward()
    return w.grad


@mistake(
    "gradient",
    hints=(
        "What is w.requires_grad before your call, and after it?",
        "A method whose name ends in _ changes the tensor itself.",
        "Let a copy of w require grad, not w.",
    ),
)
def leaves_requires_grad(objective, w):
    """The gradient is right, but w requires grad afterwards, although it did not before. From then on torch records all
    that is computed with it, and in-place steps fail. Look at which tensor you switch on."""
    w.requires_grad_()
    return torch.autograd.grad(objective(w), w)[0]


@mistake(
    "gradient",
    hints=(
        "Give w an old .grad before the call. Is it still there afterwards?",
        "You tidy up at the end, and throw away what was there before you came.",
        "Work on a copy of w: then nothing needs tidying up.",
    ),
)
def wipes_an_old_grad(objective, w):
    """The gradient is right, but a .grad that w had before your call is gone after it. Tidying up means that things are
    as they were before, not that they are empty. Look at what you do to w.grad."""
    required = w.requires_grad
    w.requires_grad_().grad = None
    objective(w).backward()
    slopes, w.grad = w.grad, None
    w.requires_grad_(required)
    return slopes


@mistake(
    "gradient",
    hints=(
        "On J(w) = w^2 at w = 1, is the slope 2 or -2?",
        "The gradient points up. The minus sign belongs to the descent step.",
        "Return what autograd gives, without changing its sign.",
    ),
)
def wrong_sign(objective, w):
    """You return the negative gradient, the direction of descent. The gradient itself points upwards; the step
    subtracts it, so that with two minus signs you would climb. Look for a minus sign."""
    leaf = w.detach().clone().requires_grad_()
    return -torch.autograd.grad(objective(leaf), leaf)[0]


@mistake(
    "gradient",
    hints=(
        "Is the gradient of w^2 larger at w = 10 than at w = 1? Is yours?",
        "The length of the gradient says how steep it is.",
        "Leave out the division by the norm.",
    ),
)
def unit_gradient(objective, w):
    """Your gradients all have length 1: only the direction is left, and how steep it is, is lost. Descent would then
    never come to rest. Look for a division by the norm."""
    leaf = w.detach().clone().requires_grad_()
    return torch.nn.functional.normalize(torch.autograd.grad(objective(leaf), leaf)[0], dim=0)


@mistake(
    "gradient",
    hints=(
        "How many digits of your gradient are right? Compare with one by hand.",
        "Differences of the objective are an estimate; this exercise asks for the exact gradient.",
        "Let autograd differentiate: a leaf that requires grad, one evaluation, one backward pass.",
    ),
)
def by_finite_differences(objective, w):
    """Your gradient is only nearly right, as finite differences are. Besides, they need 2 d evaluations where autograd
    needs one. This exercise is about the second: no eps is needed."""
    return finite_difference_gradient(objective, w)


@mistake(
    "gradient",
    slug="float32",
    hints=(
        "Print the dtype of the result for float64 weights.",
        "Which of your operations makes a new dtype?",
        "Make the copy of w without converting it.",
    ),
)
def float32_gradient(objective, w):
    """Your gradient comes back in float32, whatever the dtype of w, and half of its digits are lost. Look for a
    conversion, or for a tensor that is made with torch's default dtype."""
    leaf = w.detach().clone().requires_grad_()
    return torch.autograd.grad(objective(leaf), leaf)[0].float()


# -- gradient_descent_step


@mistake(
    "gradient_descent_step",
    hints=(
        "On J(w) = w^2 at w = 1 the gradient is 2. Which way is down?",
        "The gradient points to where J grows.",
        "Subtract lr times the gradient instead of adding it.",
    ),
)
def ascent(params, grads, lr):
    """You add the gradient, and so you climb. The gradient points to where the objective grows; descent goes the other
    way. Look at the sign of your step."""
    _expect_not_negative(lr=lr)
    with torch.no_grad():
        for w, g in zip(params, grads, strict=True):
            w.add_(lr * g)


@mistake(
    "gradient_descent_step",
    hints=(
        "Keep the tensor `w = params[0]` before a step, and print it afterwards. Has it moved?",
        "`w = w - ...` and `params[i] = params[i] - ...` make a new tensor; the old one is as it was.",
        "Use an operation that changes the tensor itself; in torch their names end in an underscore.",
    ),
)
def rebinds_the_name(params, grads, lr):
    """The tensors that you were given do not move: you compute new ones, but do not write them into the old ones. A name, or
    a place in a list, is not the tensor itself. Look for an operation that works in place."""
    _expect_not_negative(lr=lr)
    for w, g in zip(params, grads, strict=True):
        w = w - lr * g


@mistake(
    "gradient_descent_step",
    hints=(
        "Take a step for a gradient of 1 and for one of 1000. Is the second 1000 times as long?",
        "Something keeps your gradients from becoming large. Is that a part of the rule?",
        "Subtract lr times the gradient as it is.",
    ),
)
def clips_large_gradients(params, grads, lr):
    """Your step is right for small gradients and too short for large ones: they seem to be cut off. That has its uses, but it is
    another rule. Here w moves by lr times the gradient, however large it is."""
    _expect_not_negative(lr=lr)
    with torch.no_grad():
        for w, g in zip(params, grads, strict=True):
            w.sub_(lr * g.clamp(-10, 10))


@mistake(
    "gradient_descent_step",
    hints=(
        "Take a step of weights that are transposed in memory, such as `torch.ones(3, 2).T`. Do they move?",
        "When a tensor does not lie in memory in the order of its entries, what does `reshape(-1)` give: a view or a copy?",
        "Change the tensor itself, in its own shape.",
    ),
)
def flattened_copy(params, grads, lr):
    """Weights that lie transposed in memory do not move: you write into a copy of theirs, as `reshape` and `flatten` give one
    then. Change the tensor itself, which needs no other shape for that."""
    _expect_not_negative(lr=lr)
    for w, g in zip(params, grads, strict=True):
        w.detach().reshape(-1).sub_(lr * g.reshape(-1))


@mistake(
    "gradient_descent_step",
    hints=(
        "Take a step of weights that require grad. Do they still require grad afterwards?",
        "A flag of a tensor is a part of it, too.",
        "Use torch.no_grad() for your own lines instead of switching `requires_grad` off.",
    ),
)
def requires_grad_off_for_good(params, grads, lr):
    """The numbers are right, but weights that required grad do not do so after your step: no gradient can be computed for the
    next one. Work without gradients in your own lines only, and leave the flags of the weights alone."""
    _expect_not_negative(lr=lr)
    for w, g in zip(params, grads, strict=True):
        w.requires_grad_(False).sub_(lr * g)


@mistake(
    "gradient_descent_step",
    hints=(
        "Take a step with lr = 0.1 and one with lr = 0.5. Do they differ?",
        "How long is your step if the gradient is 2 and lr is 0.1?",
        "Multiply the gradient by lr before you subtract it.",
    ),
)
def ignores_lr(params, grads, lr):
    """Your step subtracts the whole gradient, whatever lr is. Where the objective is strongly curved that is too far,
    and descent diverges. Look at where lr enters."""
    _expect_not_negative(lr=lr)
    with torch.no_grad():
        for w, g in zip(params, grads, strict=True):
            w.sub_(g)


@mistake(
    "gradient_descent_step",
    hints=(
        "Print the gradients after a step. Are they what they were?",
        "A method whose name ends in _ changes its tensor.",
        "Compute lr times the gradient as a new tensor, or use the argument alpha of the in-place subtraction.",
    ),
)
def scales_the_gradients(params, grads, lr):
    """The weights are right, but the caller's gradients are not what they were: you multiply them by lr in place.
    Whoever uses them next takes a wrong step. Look at what you do to the gradient before you subtract it."""
    _expect_not_negative(lr=lr)
    with torch.no_grad():
        for w, g in zip(params, grads, strict=True):
            w.sub_(g.mul_(lr))


@mistake(
    "gradient_descent_step",
    hints=(
        "Try it with weights that require grad, as those of a network do. What does torch say?",
        "torch does not let a leaf be changed in place while it is recording.",
        "Switch recording off around the update.",
    ),
)
def records_the_step(params, grads, lr):
    """Your step fails for weights that require grad, as those of every network do: torch would have to record the
    change, and refuses. An update is not part of what is differentiated. Look for a way to tell torch so."""
    _expect_not_negative(lr=lr)
    for w, g in zip(params, grads, strict=True):
        w.sub_(lr * g)


@mistake(
    "gradient_descent_step",
    hints=(
        "Give it two tensors. Which of them moves?",
        "A network has a list of weight tensors, and each has its own gradient.",
        "Do the same to each pair of weight and gradient.",
    ),
)
def first_tensor_only(params, grads, lr):
    """Only the first tensor of the list moves. A network has several, and the others would keep their random start.
    Look at whether your update reaches every pair of weight and gradient."""
    _expect_not_negative(lr=lr)
    with torch.no_grad():
        for w, g in zip(params[:1], grads, strict=False):
            w.sub_(lr * g)


@mistake(
    "gradient_descent_step",
    hints=(
        "Take a step where the gradient is 2, and one where it is 0.02. How far should each go?",
        "The step of gradient descent is longer where it is steeper.",
        "Leave out the division by the norm.",
    ),
)
def constant_length(params, grads, lr):
    """Your steps all have length lr, however steep it is: the gradient is divided by its norm. Then descent cannot come
    to rest at a minimum, where the gradient fades. Look for the division."""
    _expect_not_negative(lr=lr)
    with torch.no_grad():
        for w, g in zip(params, grads, strict=True):
            w.sub_(lr * g / g.norm().clamp(min=1e-12))


@mistake(
    "gradient_descent_step",
    slug="accepts_negative_lr",
    hints=(
        "Where does a step with lr = -0.1 lead?",
        "The docstring has a paragraph that begins with Raises.",
        "Before anything else, raise a ValueError whose message names lr if it is negative.",
    ),
)
def accepts_negative_lr_in_a_step(params, grads, lr):
    """The step is right, but a negative lr is accepted, and with it you climb. Who passes one has most likely mixed up
    a sign. Look at the docstring's Raises."""
    with torch.no_grad():
        for w, g in zip(params, grads, strict=True):
            w.sub_(lr * g)


# -- gradient_descent


def _descend(objective, w, lr):
    return w - lr * gradient(objective, w)


@mistake(
    "gradient_descent",
    slug="ascent",
    hints=(
        "Look at the values of the objective along your trajectory. Do they fall?",
        "The gradient points to where the objective grows.",
        "Subtract lr times the gradient, or let gradient_descent_step do it.",
    ),
)
def ascent_all_the_way(objective, w0, lr, num_steps):
    """Your trajectory climbs: the gradient is added. It points to where the objective grows, so descent subtracts it.
    Look at the sign of your step."""
    _expect_not_negative(lr=lr, num_steps=num_steps)
    rows = [w0.detach().clone()]
    for _ in range(num_steps):
        rows.append(_descend(objective, rows[-1], -lr))
    return torch.stack(rows)


@mistake(
    "gradient_descent",
    hints=(
        "Print the first and the last row of your trajectory after three steps.",
        "If a list holds one tensor many times and it changes in place, what does each entry show?",
        "Store a copy of the weights in each step.",
    ),
)
def one_tensor_for_all_rows(objective, w0, lr, num_steps):
    """All rows of your trajectory are the same: the last point. You stored the same tensor each time, and every step
    changes it in place. Look at what you append."""
    _expect_not_negative(lr=lr, num_steps=num_steps)
    w = w0.detach().clone()
    rows = [w]
    for _ in range(num_steps):
        gradient_descent_step([w], [gradient(objective, w)], lr)
        rows.append(w)
    return torch.stack(rows)


@mistake(
    "gradient_descent",
    hints=(
        "Print w0 before and after the descent.",
        "A step works in place: on which tensor does yours?",
        "Start from a copy of w0, and store another copy as row 0.",
    ),
)
def overwrites_w0(objective, w0, lr, num_steps):
    """You descend on the caller's w0 itself, so that it is overwritten, and row 0 of the trajectory, which shares its
    memory, with it. The start should be left alone. Look at which tensor your steps change."""
    _expect_not_negative(lr=lr, num_steps=num_steps)
    w = w0.detach()
    rows = [w]
    for _ in range(num_steps):
        gradient_descent_step([w], [gradient(objective, w)], lr)
        rows.append(w.clone())
    return torch.stack(rows)


@mistake(
    "gradient_descent",
    hints=(
        "Print `w0.requires_grad` before and after the descent.",
        "Which tensor do you ask autograd to follow: the caller's, or one of your own?",
        "Take a detached copy of w0, and let autograd follow that one.",
    ),
)
def start_left_requiring_grad(objective, w0, lr, num_steps):
    """Your trajectory is right, but the caller's w0 requires grad afterwards, which it did not before. Whoever goes on
    computing with it builds a graph without knowing. Not to modify a tensor includes its switches; look at which tensor you
    set requires_grad of."""
    _expect_not_negative(lr=lr, num_steps=num_steps)
    w = w0.requires_grad_()
    rows = [w.detach().clone()]
    for _ in range(num_steps):
        (slope,) = torch.autograd.grad(objective(w), w)
        w = (w - lr * slope).detach().requires_grad_()
        rows.append(w.detach().clone())
    return torch.stack(rows)


@mistake(
    "gradient_descent",
    hints=(
        "Print `w0.grad` after the descent, for a w0 that requires grad.",
        "`backward` leaves gradients in the `.grad` of its leaves. Which tensor is the leaf in your first step?",
        "Take a detached copy of w0 first, or use your function `gradient`, which leaves no trace.",
    ),
)
def start_keeps_a_gradient(objective, w0, lr, num_steps):
    """Your trajectory is right, but your first step calls backward on the caller's w0, and leaves a gradient in its `.grad`.
    It would be added to the next one that is computed there. Look at which tensor your first step differentiates at."""
    _expect_not_negative(lr=lr, num_steps=num_steps)
    w = w0.requires_grad_()
    rows = [w.detach().clone()]
    for _ in range(num_steps):
        w.grad = None
        objective(w).backward()
        w = (w - lr * w.grad).detach().requires_grad_()
        rows.append(w.detach().clone())
    return torch.stack(rows)


@mistake(
    "gradient_descent",
    hints=(
        "How many points are on a way of one step?",
        "Row 0 is where you stand before the first step.",
        "Put w0 into the trajectory before the loop begins.",
    ),
)
def start_is_missing(objective, w0, lr, num_steps):
    """Your trajectory has num_steps rows, one too few: the start is missing. Row 0 is w0, row t the weights after t
    steps. Look at when you store the first row."""
    _expect_not_negative(lr=lr, num_steps=num_steps)
    rows, w = [], w0.detach().clone()
    for _ in range(num_steps):
        w = _descend(objective, w, lr)
        rows.append(w)
    return torch.stack(rows) if rows else w.new_empty(0, len(w))


@mistake(
    "gradient_descent",
    hints=(
        "How many points are on a way of one step?",
        "Count how often your loop runs for num_steps = 1.",
        "Make exactly num_steps steps; with the start that gives one row more.",
    ),
)
def one_step_too_many(objective, w0, lr, num_steps):
    """Your trajectory has num_steps + 2 rows: you make one step too many. The start is a row, too, but
    no step. Look at how often your loop runs."""
    _expect_not_negative(lr=lr, num_steps=num_steps)
    rows = [w0.detach().clone()]
    for _ in range(num_steps + 1):
        rows.append(_descend(objective, rows[-1], lr))
    return torch.stack(rows)


@mistake(
    "gradient_descent",
    hints=(
        "How many points are on a way of one step?",
        "With num_steps = 1, how often does your loop run?",
        "Make num_steps steps; with the start that gives one row more.",
    ),
)
def one_step_too_few(objective, w0, lr, num_steps):
    """Your trajectory begins with w0, but has num_steps rows, one too few: the weights after the last step are missing.
    Row t holds the weights after t steps, and t goes up to num_steps. Look at how often your loop runs, and when it keeps
    a row."""
    _expect_not_negative(lr=lr, num_steps=num_steps)
    rows = [w0.detach().clone()]
    for _ in range(num_steps - 1):
        rows.append(_descend(objective, rows[-1], lr))
    return torch.stack(rows)


@mistake(
    "gradient_descent",
    hints=(
        "Is the second step of your trajectory as long as the first? Should it be?",
        "The slope changes as you move.",
        "Take the gradient anew in every step, at the current weights.",
    ),
)
def gradient_of_the_start(objective, w0, lr, num_steps):
    """Every step of yours uses the gradient at w0: you walk straight on, past the minimum. The slope changes on the
    way. Look at the point at which the gradient is taken, and when."""
    _expect_not_negative(lr=lr, num_steps=num_steps)
    rows, slopes = [w0.detach().clone()], gradient(objective, w0)
    for _ in range(num_steps):
        rows.append(rows[-1] - lr * slopes)
    return torch.stack(rows)


@mistake(
    "gradient_descent",
    slug="accumulates_in_grad",
    hints=(
        "The first step is right, the second is too long. What is in .grad then?",
        "`.backward()` adds to `.grad`. Who sets it to zero between steps?",
        "Clear .grad before each backward pass, or use your function gradient.",
    ),
)
def accumulates_in_grad_on_the_way(objective, w0, lr, num_steps):
    """From the second step on, you step along the sum of all gradients so far: .backward() adds to .grad, and nothing
    sets it back to zero. Look at .grad between two steps."""
    _expect_not_negative(lr=lr, num_steps=num_steps)
    w = w0.detach().clone().requires_grad_()
    rows = [w.detach().clone()]
    for _ in range(num_steps):
        objective(w).backward()
        with torch.no_grad():
            w -= lr * w.grad
        rows.append(w.detach().clone())
    return torch.stack(rows)


@mistake(
    "gradient_descent",
    hints=(
        "What shape has your result after three steps in two dimensions?",
        "The pictures need the way, not only its end.",
        "Collect a copy of the weights before the loop and after every step, and stack them.",
    ),
)
def end_only(objective, w0, lr, num_steps):
    """You return the last weights only. The whole trajectory is asked for: one row for the start and one for each step.
    Look at what is left of the earlier points."""
    _expect_not_negative(lr=lr, num_steps=num_steps)
    w = w0.detach().clone()
    for _ in range(num_steps):
        w = _descend(objective, w, lr)
    return w


@mistake(
    "gradient_descent",
    hints=(
        "By which factor does the second step of your trajectory differ from lr times the gradient there?",
        "lr is a constant in this exercise.",
        "Use the same lr in every step.",
    ),
)
def shrinking_lr(objective, w0, lr, num_steps):
    """Your learning rate shrinks: step t uses lr / t. Such schedules are the subject of a later section; here every
    step uses the same lr. Look at what multiplies the gradient."""
    _expect_not_negative(lr=lr, num_steps=num_steps)
    rows = [w0.detach().clone()]
    for t in range(num_steps):
        rows.append(_descend(objective, rows[-1], lr / (t + 1)))
    return torch.stack(rows)


@mistake(
    "gradient_descent",
    slug="float32",
    hints=(
        "Print the dtype of the trajectory for a float64 start.",
        "torch makes float32 tensors unless it is told otherwise.",
        "Give the tensor that holds the rows the dtype of w0.",
    ),
)
def float32_rows(objective, w0, lr, num_steps):
    """Your trajectory comes back in float32, whatever the dtype of w0, and half of its digits are lost. Look at how you
    make the tensor that holds the rows."""
    _expect_not_negative(lr=lr, num_steps=num_steps)
    w, rows = w0.detach(), torch.zeros(num_steps + 1, len(w0))
    rows[0] = w
    for t in range(num_steps):
        w = _descend(objective, w, lr)
        rows[t + 1] = w
    return rows


@mistake(
    "gradient_descent",
    slug="refuses_too_late",
    hints=(
        "Descend with a negative lr and no steps. What happens, and what does the docstring say?",
        "Bad arguments should be refused at once, not when something first uses them.",
        "Before the loop, raise a ValueError that names the argument, for lr and for num_steps.",
    ),
)
def refuses_too_late_to_descend(objective, w0, lr, num_steps):
    """Your trajectories are right, but you leave it to the steps to refuse bad arguments. With no step to take, a
    negative lr goes through, and a negative num_steps looks like no steps. Look at the docstring's Raises."""
    w = w0.detach().clone()
    rows = [w.clone()]
    for _ in range(num_steps):
        gradient_descent_step([w], [gradient(objective, w)], lr)
        rows.append(w.clone())
    return torch.stack(rows)
