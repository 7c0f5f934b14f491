"""Mistakes in inverse_time_decay."""

import math

from grader.toolkit.mistakes import mistake


@mistake(
    "inverse_time_decay",
    hints=(
        "What should the learning rate of the very first step be? What is yours?",
        "From which number do steps count here?",
        "Use `step` as it is, without adding 1.",
    ),
)
def counts_from_one(lr0, step, decay):
    """Your schedule is one step ahead: the first step already has a rate below lr0. Steps count from 0 here, so add
    nothing to `step`. Check your formula at step 0."""
    return lr0 / (1 + decay * (step + 1))


@mistake(
    "inverse_time_decay",
    hints=(
        "What is your result at step 0?",
        "What does the 1 in the formula do?",
        "Add 1 to decay times step before you divide.",
    ),
)
def one_forgotten(lr0, step, decay):
    """You divide by decay * step: the 1 in the denominator is missing. Step 0 then divides by zero, and later rates are
    wrong, too. Check your formula at step 0."""
    return lr0 / (decay * step)


@mistake(
    "inverse_time_decay",
    hints=(
        "Compute step 3 with decay 1 and lr0 = 0.8 by hand. What does your code give?",
        "Which does Python do first: divide or add?",
        "Put brackets around the whole denominator.",
    ),
)
def brackets_forgotten(lr0, step, decay):
    """You divide lr0 by 1 and then add decay * step, so your rate grows with every step. Python divides before it adds.
    Put brackets around the denominator."""
    return lr0 / 1 + decay * step


@mistake(
    "inverse_time_decay",
    hints=(
        "After 1 / decay steps the rate should be half of lr0. What is yours?",
        "There are several kinds of schedules. What is the name of this one, and of yours?",
        "Divide by a number that grows linearly. You need no exponential.",
    ),
)
def exponential_decay(lr0, step, decay):
    """Your rate decays exponentially. That is another schedule: all its steps together cover only a finite distance,
    while here the steps add up to infinity. Compare your formula with the formula of the exercise."""
    return lr0 * math.exp(-decay * step)


@mistake(
    "inverse_time_decay",
    hints=(
        "Compute step 2 with decay 1 and lr0 = 0.9 by hand. What does your code give?",
        "By which number do you divide at steps 1, 2 and 3? Does it grow linearly, or faster?",
        "Multiply decay by step, instead of a power with exponent step.",
    ),
)
def compound_decay(lr0, step, decay):
    """You divide by 1 + decay once more in every step, like compound interest. So the rate decays exponentially, which
    is too fast. The denominator should grow by the same amount in each step: check how you use `step`."""
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
    divides, so it never reaches zero. Compare your formula with the formula of the exercise."""
    return lr0 * (1 - decay * step)


@mistake(
    "inverse_time_decay",
    hints=(
        "After 1 / decay steps the rate should have halved. What is left of yours?",
        "Which power of the denominator does the formula have?",
        "Remove the square root.",
    ),
)
def root_of_time(lr0, step, decay):
    """You divide by the square root of 1 + decay * step. Adagrad's rate falls like this under a constant gradient, but
    here the rate must be half of lr0 after 1 / decay steps. Compare the denominators."""
    return lr0 / math.sqrt(1 + decay * step)


@mistake(
    "inverse_time_decay",
    hints=(
        "Plot the rate over the first 20 steps for decay = 0.1. At which steps does yours change?",
        "Some libraries offer this schedule with stairs. Does this exercise ask for stairs?",
        "Use decay * step without rounding.",
    ),
)
def stairs(lr0, step, decay):
    """Your rate falls in stairs: you round decay * step down to a whole number. Here the rate falls a little in each
    step. Check your denominator for an integer division or a conversion to int."""
    return lr0 / (1 + math.floor(decay * step))


@mistake(
    "inverse_time_decay",
    hints=(
        "After 1 / decay steps the rate should have halved. What is left of yours?",
        "Can a learning rate reach zero here?",
        "Divide by 1 plus decay times step, instead of multiplying by 1 minus it.",
    ),
)
def linear_to_zero(lr0, step, decay):
    """Your rate falls along a straight line and stays at zero from step 1 / decay on. Inverse time decay divides,
    so it never reaches zero."""
    return lr0 * max(0.0, 1 - decay * step)


@mistake(
    "inverse_time_decay",
    hints=(
        "After 1 / decay steps the rate should have halved. What is left of yours?",
        "Is the fall of the formula the same fraction in each step?",
        "Divide by 1 plus decay times step.",
    ),
)
def fraction_of_each_rate(lr0, step, decay):
    """You multiply by 1 - decay in each step, which is an exponential decay: each step loses the same fraction.
    Inverse time decay falls ever more slowly. Compare with the formula."""
    return lr0 * (1 - decay) ** step


@mistake(
    "inverse_time_decay",
    hints=(
        "After 1 / decay steps the rate should have halved. What is left of yours?",
        "What is the rate for decay = 0.5 and step = 2 by the formula?",
        "Multiply the step by `decay`; there is no power.",
    ),
)
def decay_as_a_power(lr0, step, decay):
    """You divide by (1 + step) to the power of decay. In the formula `decay` is a factor of the step, not an
    exponent."""
    return lr0 / (1 + step) ** decay


@mistake(
    "inverse_time_decay",
    hints=(
        "After 1 / decay steps the rate should have halved. What is left of yours?",
        "And after 2 / decay steps: a third, or a quarter?",
        "Divide by 1 plus decay times step.",
    ),
)
def half_life(lr0, step, decay):
    """Your rate halves every 1 / decay steps, an exponential decay. By the formula it is half after 1 / decay
    steps, and a third after 2 / decay."""
    return lr0 * 0.5 ** (decay * step)


@mistake(
    "inverse_time_decay",
    hints=(
        "After 1 / decay steps the rate should have halved. What is left of yours?",
        "Can the rate of the formula rise again?",
        "Divide by 1 plus decay times step.",
    ),
)
def cosine(lr0, step, decay):
    """Your rate follows a cosine: it falls to zero and rises again. Inverse time decay divides by 1 + decay *
    step."""
    return lr0 * (1 + math.cos(math.pi * decay * step)) / 2


@mistake(
    "inverse_time_decay",
    hints=(
        "After 1 / decay steps the rate should have halved. What is left of yours?",
        "What is the rate for decay = 0 and step = 5 by the formula?",
        "Multiply `decay` and `step`.",
    ),
)
def terms_added(lr0, step, decay):
    """You add decay and step in the denominator. The formula multiplies them: for decay = 0 the rate should stay
    constant."""
    return lr0 / (1 + decay + step)


@mistake(
    "inverse_time_decay",
    hints=(
        "After 1 / decay steps the rate should have halved. What is left of yours?",
        "Do you divide the first rate, or the rate of the step before?",
        "Divide `lr0` once.",
    ),
)
def divided_again(lr0, step, decay):
    """You divide the rate again in each step, by all of 1 + decay, 1 + 2 decay, and so on. The formula divides
    `lr0` once, by 1 + decay * step."""
    for k in range(step + 1):
        lr0 = lr0 / (1 + decay * k)
        if lr0 == 0:  # and stays so: a check asks for step 10^9
            break
    return lr0


@mistake(
    "inverse_time_decay",
    hints=(
        "Write down your rate at step 0. The formula gives `lr0` there.",
        "Which part of `a / (b) * c` does Python compute first?",
        "Put parentheses around the whole denominator.",
    ),
)
def multiplied_by_the_step(lr0, step, decay):
    """You divide by 1 + decay, and then multiply by step: your rate is 0 at step 0, and grows. The product with step belongs
    in the denominator, 1 + decay * step."""
    return lr0 / (1 + decay) * step
