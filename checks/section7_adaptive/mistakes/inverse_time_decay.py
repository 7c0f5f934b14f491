"""Mistakes in inverse_time_decay."""

import math

from grader.toolkit.mistakes import mistake


@mistake(
    "inverse_time_decay",
    hints=(
        "What should the learning rate of the very first step be? What is yours?",
        "From which number are the steps counted here?",
        "Use `step` as it is, without adding 1.",
    ),
)
def counts_from_one(lr0, step, decay):
    """Your schedule is one step ahead: already the first step has a smaller rate than lr0. Steps are counted from 0
    here, so nothing has to be added to `step`. Check what your formula gives for step 0."""
    return lr0 / (1 + decay * (step + 1))


@mistake(
    "inverse_time_decay",
    hints=(
        "What happens at step 0?",
        "What is the 1 in the formula good for?",
        "Add 1 to decay times step before you divide.",
    ),
)
def one_forgotten(lr0, step, decay):
    """You divide by decay * step alone: the 1 in the denominator is missing. At step 0 that divides by zero, and the
    rate of later steps depends on nothing but their number. Check what the formula gives for step 0."""
    return lr0 / (decay * step)


@mistake(
    "inverse_time_decay",
    hints=(
        "Compute step 3 with decay 1 and lr0 = 0.8 by hand. What does your code give?",
        "Which does Python do first: divide, or add?",
        "Put brackets around the whole denominator.",
    ),
)
def brackets_forgotten(lr0, step, decay):
    """You divide lr0 by 1 and then add decay * step, so your rate grows with every step. Python divides before it adds.
    Look at what belongs to the denominator."""
    return lr0 / 1 + decay * step


@mistake(
    "inverse_time_decay",
    hints=(
        "After 1 / decay steps the rate should have halved. What is left of yours?",
        "There are several schedules in use. What is this one called, and what yours?",
        "Divide by a number that grows steadily; no exponential is needed.",
    ),
)
def exponential_decay(lr0, step, decay):
    """Your rate decays exponentially. That is another schedule: it falls so fast that all steps together cover only a
    finite distance, while here they add up to infinity. Compare your formula with that of the exercise."""
    return lr0 * math.exp(-decay * step)


@mistake(
    "inverse_time_decay",
    hints=(
        "Compute step 2 with decay 1 and lr0 = 0.9 by hand. What does your code give?",
        "By what do you divide at step 1, 2, 3? Do these numbers grow steadily, or faster and faster?",
        "Multiply decay by step, instead of raising something to the power of step.",
    ),
)
def compound_decay(lr0, step, decay):
    """You divide by 1 + decay once more in every step, as with compound interest. That decays exponentially, and so far
    too fast. The denominator should grow by the same amount in each step: look at where `step` enters."""
    return lr0 / (1 + decay) ** step


@mistake(
    "inverse_time_decay",
    hints=(
        "After 1 / decay steps the rate should have halved. What is left of yours?",
        "Can a learning rate become negative? Can yours?",
        "Divide by 1 plus decay times step, instead of multiplying by 1 minus it.",
    ),
)
def linear_decay(lr0, step, decay):
    """Your rate falls along a straight line: after 1 / decay steps it is zero, and then negative. Inverse time decay
    never gets there, since it divides. Compare your formula with that of the exercise."""
    return lr0 * (1 - decay * step)


@mistake(
    "inverse_time_decay",
    hints=(
        "After 1 / decay steps the rate should have halved. What is left of yours?",
        "Which power of the denominator stands in the formula?",
        "Leave out the square root.",
    ),
)
def root_of_time(lr0, step, decay):
    """You divide by the square root of 1 + decay * step. Such a schedule exists, and it is how Adagrad's rate falls
    under a constant gradient; but here the rate must halve after 1 / decay steps. Compare the denominators."""
    return lr0 / math.sqrt(1 + decay * step)


@mistake(
    "inverse_time_decay",
    hints=(
        "Plot the rate over the first 20 steps for decay = 0.1. Where does yours change?",
        "Some libraries offer this schedule with stairs. Are they asked for here?",
        "Use decay * step as it is, without rounding it.",
    ),
)
def stairs(lr0, step, decay):
    """Your rate falls in stairs: decay * step is rounded down to a whole number. Here it falls a little in each step.
    Look for an integer division, or a conversion to int, in your denominator."""
    return lr0 / (1 + math.floor(decay * step))
