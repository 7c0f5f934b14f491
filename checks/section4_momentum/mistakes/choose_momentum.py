"""Pairs that do not arrive, one for each reason. The probe finds the reason of any other pair."""

from grader.toolkit.mistakes import mistake


@mistake(
    "choose_momentum",
    hints=(
        "Which of your two numbers is the learning rate?",
        "Compare the order with the docstring.",
        "Return the learning rate first, then the momentum.",
    ),
)
def swapped_order():
    """You return the momentum first. In the other order, your pair arrives. Look at the order in the docstring:
    `(lr, beta)`."""
    return 0.85, 1.5


@mistake(
    "choose_momentum",
    hints=(
        "How far does one of your steps move the weights, and where to?",
        "A learning rate scales the step; it never turns it round.",
        "Choose a learning rate above 0.",
    ),
)
def negative_lr():
    """Your learning rate is below 0, so each step goes uphill. Look at its sign."""
    return -1.0, 0.9


@mistake(
    "choose_momentum",
    hints=(
        "What happens to the velocity if the gradient is zero from now on?",
        "Which interval does the docstring allow for beta?",
        "Choose a beta below 1, and not below 0.",
    ),
)
def beta_out_of_range():
    """Your momentum is outside [0, 1). With a beta of 1 or more the velocity never fades; with a negative one it turns
    round in every step. Look at the interval in the docstring."""
    return 1.0, 1.0


@mistake(
    "choose_momentum",
    hints=(
        "How far does a step with learning rate 0 move the weights?",
        "Try 0.1, 0.3, 1 and 3, and compare the risks after 100 steps.",
        "Choose a learning rate above 0.",
    ),
)
def zero_lr():
    """Your learning rate is 0, so the weights stay at the start. Try several learning rates, each three times as large
    as the one before."""
    return 0.0, 0.9


@mistake(
    "choose_momentum",
    hints=(
        "Try several learning rates with beta = 0. How close do they come in 100 steps?",
        "The ravine has a condition number of about 260. How many steps does gradient descent need there?",
        "Raise beta: 0.5, then 0.8, then 0.9.",
    ),
)
def no_momentum():
    """Your momentum is 0, which is gradient descent. Without momentum, no learning rate arrives within 100 steps from every
    start. Raise beta, and compare the risks after 100 steps from the worst of the corners."""
    return 1.0, 0.0


@mistake(
    "choose_momentum",
    hints=(
        "Which rule did you use when you searched: v <- beta v + g, or v <- beta v + (1 - beta) g?",
        "An average of gradients is 1 - beta times our sum. What does that mean for the learning rate?",
        "Multiply your learning rate by 1 - beta.",
    ),
)
def pair_for_an_average():
    """Your pair arrives if the velocity is an exponential moving average, with (1 - beta) before the gradient. The heavy
    ball of 4.4 adds the whole gradient, so here your learning rate is too large by the factor 1 / (1 - beta). Search with
    the rule of 4.4."""
    return 10.0, 0.9


@mistake(
    "choose_momentum",
    hints=(
        "Plot the risk after each step. Does it swing up and down?",
        "With a large beta the ball rolls past the minimum and comes back. How long do its swings take?",
        "Keep your learning rate, and lower beta.",
    ),
)
def beta_too_large():
    """With your learning rate, a smaller momentum arrives. With yours, old gradients count for too long: the ball rolls
    past the minimum and still swings after 100 steps. Lower beta."""
    return 1.0, 0.99


@mistake(
    "choose_momentum",
    hints=(
        "Plot the risk after each step. Does it still fall at the end?",
        "The speed along the floor grows with 1 / (1 - beta).",
        "Keep your learning rate, and raise beta.",
    ),
)
def beta_too_small():
    """With your learning rate, a larger momentum arrives. With yours the ball is still on its way after 100 steps. Raise
    beta: the ball gets faster along the floor of the ravine."""
    return 0.5, 0.5


@mistake(
    "choose_momentum",
    hints=(
        "Plot the risk after each step. Does it still fall at the end?",
        "Try three times your learning rate, then nine times.",
        "Keep beta, and raise the learning rate until the risk jumps up and down; then take a third of it.",
    ),
)
def lr_too_small():
    """With your momentum, a larger learning rate arrives. With yours the ball is still on its way after 100 steps. Raise
    the learning rate."""
    return 0.01, 0.9


@mistake(
    "choose_momentum",
    hints=(
        "Plot the risk after each step. Does it fall at all?",
        "The heavy ball diverges above 2 (1 + beta) / L. What is L here? Ask `sharpness`.",
        "Keep beta, and lower the learning rate to a third, then to a tenth.",
    ),
)
def lr_too_large():
    """With your momentum, a smaller learning rate arrives. With yours, the ball jumps from wall to wall of the ravine
    and does not settle. Lower the learning rate."""
    return 4.0, 0.9


@mistake(
    "choose_momentum",
    hints=(
        "Plot the risk after each step, for beta = 0.8 and several learning rates.",
        "Start from a beta of 0.8. Which learning rate between 0.1 and 10 gives the smallest risk after 100 steps?",
        "Fix one number at a reasonable value, search the other, and then the first again.",
    ),
)
def both_far_off():
    """Both numbers are far off: a change of only one of them does not help. Start from a usual momentum, such as 0.8,
    and search the learning rate for it."""
    return 100.0, 0.998
