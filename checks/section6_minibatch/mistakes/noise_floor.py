"""Mistakes in noise_floor."""

from grader.toolkit.mistakes import mistake


def _expect_bowl(lr, curvature, noise, batch_size):
    if not curvature > 0:
        raise ValueError("curvature must be above 0")
    if not 0 <= lr < 2 / curvature:
        raise ValueError("lr is out of range")
    if not noise >= 0:
        raise ValueError("noise must be at least 0")
    if not batch_size >= 1:
        raise ValueError("batch_size must be at least 1")


def _floor(lr, curvature, noise, batch_size):
    """The right value, without tests of the arguments."""
    return lr * noise / (batch_size * curvature * (2 - lr * curvature))


@mistake(
    "noise_floor",
    hints=(
        "With lr = 1, curvature = 1, noise = 8 and batch_size = 4, what does the formula give? What do you return?",
        "What is in the bracket of the formula besides the 2?",
        "Subtract lr * curvature from 2 in the denominator.",
    ),
)
def only_for_small_rates(lr, curvature, noise, batch_size):
    """You divide by 2, not by 2 - lr * curvature. That is nearly right while lr is small. At lr = 1 / curvature your floor
    is half of the right one, and near 2 / curvature it misses that SGD no longer settles. Check the denominator."""
    _expect_bowl(lr, curvature, noise, batch_size)
    return lr * noise / (2 * batch_size * curvature)


@mistake(
    "noise_floor",
    hints=(
        "Take a larger learning rate. Should the bracket grow or shrink? What does yours do?",
        "Which sign is in the bracket of the formula?",
        "Subtract lr * curvature from 2.",
    ),
)
def plus_in_the_bracket(lr, curvature, noise, batch_size):
    """You add lr * curvature to 2, and the formula subtracts it. So your floor stays finite where SGD no longer settles.
    Check the sign in the bracket."""
    _expect_bowl(lr, curvature, noise, batch_size)
    return lr * noise / (batch_size * curvature * (2 + lr * curvature))


@mistake(
    "noise_floor",
    hints=(
        "With lr = 0.5, curvature = 2, noise = 8 and batch_size = 4, the docstring has 0.5. What do you return?",
        "Which number is in the bracket of the formula?",
        "Subtract lr * curvature from 2, not from 1.",
    ),
)
def one_in_the_bracket(lr, curvature, noise, batch_size):
    """You subtract lr * curvature from 1, and the formula subtracts it from 2. So your floor grows without end at 1 /
    curvature, where SGD still settles, and is negative above. Check the bracket."""
    _expect_bowl(lr, curvature, noise, batch_size)
    return lr * noise / (batch_size * curvature * (1 - lr * curvature))


@mistake(
    "noise_floor",
    hints=(
        "Divide 1 - (1 - x)^2 by x. What is left?",
        "Square 1 - lr * curvature by hand, and subtract it from 1. Which power of lr cancels?",
        "One factor lr of the numerator cancels: only one remains.",
    ),
)
def rate_squared(lr, curvature, noise, batch_size):
    """Your floor has the square of lr in the numerator. In the balance, one factor lr cancels: 1 - (1 - lr c)^2 is lr c (2
    - lr c). So the floor falls with lr, not with its square. Check the numerator."""
    _expect_bowl(lr, curvature, noise, batch_size)
    return lr**2 * noise / (batch_size * curvature * (2 - lr * curvature))


@mistake(
    "noise_floor",
    hints=(
        "How much noise does one step add? Is that all the noise of the earlier steps, too?",
        "The distance balances two terms. Which of them is missing in your code?",
        "Solve floor = (1 - lr * curvature)^2 * floor + lr^2 * noise / batch_size for the floor.",
    ),
)
def noise_of_one_step(lr, curvature, noise, batch_size):
    """You return what one step adds, lr^2 noise / B. The noise of earlier steps remains in part, since each step shrinks it
    only by the factor (1 - lr c)^2. The floor is where both balance: solve for it."""
    _expect_bowl(lr, curvature, noise, batch_size)
    return lr**2 * noise / batch_size


@mistake(
    "noise_floor",
    hints=(
        "Take a batch of 1 and a batch of 100. Does your floor differ?",
        "Which argument do you not use?",
        "Divide by the batch size.",
    ),
)
def batch_size_forgotten(lr, curvature, noise, batch_size):
    """Your floor does not depend on the batch size. The mean over B examples has a B-th of the noise, so the floor falls
    as 1 / B. Check the denominator."""
    _expect_bowl(lr, curvature, noise, batch_size)
    return _floor(lr, curvature, noise, 1)


@mistake(
    "noise_floor",
    hints=(
        "Take a batch that is four times as large. By which factor should the floor fall? By which does yours?",
        "The length of the error falls as 1 / sqrt(B). How does its square fall?",
        "Divide by the batch size itself.",
    ),
)
def root_of_the_batch_size(lr, curvature, noise, batch_size):
    """You divide by the root of the batch size. The length of the error falls so, and the floor is a squared distance: it
    falls as 1 / B. Check the denominator."""
    _expect_bowl(lr, curvature, noise, batch_size)
    return lr * noise / (batch_size**0.5 * curvature * (2 - lr * curvature))


@mistake(
    "noise_floor",
    hints=(
        "How often does the curvature occur in the formula? How often in your code?",
        "A steep bowl pulls back harder. Which factor of the formula says so?",
        "Multiply the denominator by the curvature.",
    ),
)
def curvature_forgotten(lr, curvature, noise, batch_size):
    """The factor c in front of the bracket is missing. It says that a steeper bowl pulls the weights back harder. Check
    the denominator: the curvature occurs twice."""
    _expect_bowl(lr, curvature, noise, batch_size)
    return lr * noise / (batch_size * (2 - lr * curvature))


@mistake(
    "noise_floor",
    hints=(
        "With the numbers of the docstring, is your result 0.5 or its root?",
        "Is the floor a distance, or a squared distance?",
        "Return the squared distance, without a root.",
    ),
)
def distance_not_squared(lr, curvature, noise, batch_size):
    """You return the root of the floor, a distance. The exercise asks for the mean *squared* distance, which is what the
    balance gives. Remove the root."""
    _expect_bowl(lr, curvature, noise, batch_size)
    return _floor(lr, curvature, noise, batch_size) ** 0.5


@mistake(
    "noise_floor",
    hints=(
        "Make the noise four times as large. By which factor does your floor grow?",
        "Is `noise` the length of an error, or its square already?",
        "Use `noise` as it is: it is sigma^2.",
    ),
)
def noise_squared(lr, curvature, noise, batch_size):
    """You square `noise`. It is sigma^2 already, a mean squared distance, so the floor is proportional to it. Check the
    numerator."""
    _expect_bowl(lr, curvature, noise, batch_size)
    return _floor(lr, curvature, noise**2, batch_size)


@mistake(
    "noise_floor",
    hints=(
        "Is the floor here a loss, or a squared distance?",
        "By which factor does your result differ from the docstring's example?",
        "Return the squared distance itself, without the factor curvature / 2.",
    ),
)
def loss_for_distance(lr, curvature, noise, batch_size):
    """You return the loss at which SGD hovers, curvature / 2 times the squared distance. The exercise asks for the mean
    squared distance itself. Check the factors in front."""
    _expect_bowl(lr, curvature, noise, batch_size)
    return curvature / 2 * _floor(lr, curvature, noise, batch_size)


@mistake(
    "noise_floor",
    hints=(
        "What should lr = 0 give? What do you do?",
        "The interval is [0, 2 / curvature). Which of its ends belongs to it?",
        "Accept lr = 0.",
    ),
)
def zero_rate_refused(lr, curvature, noise, batch_size):
    """You refuse lr = 0. The interval includes 0: without steps nothing moves away from the minimum, and the floor is 0.0.
    Compare your test with the docstring."""
    _expect_bowl(lr, curvature, noise, batch_size)
    if lr == 0:
        raise ValueError("lr must be above 0")
    return _floor(lr, curvature, noise, batch_size)


@mistake(
    "noise_floor",
    hints=(
        "What should noise = 0 give? What do you do?",
        "Exact gradients have no noise. Is that forbidden?",
        "Accept noise = 0.",
    ),
)
def zero_noise_refused(lr, curvature, noise, batch_size):
    """You refuse noise = 0. Exact gradients have no noise, and then the floor is 0.0: SGD is gradient descent. Compare your
    test with the docstring."""
    _expect_bowl(lr, curvature, noise, batch_size)
    if noise == 0:
        raise ValueError("noise must be above 0")
    return _floor(lr, curvature, noise, batch_size)


@mistake(
    "noise_floor",
    hints=(
        "Call it with lr = 2 / curvature. What happens?",
        "The interval is [0, 2 / curvature). Which of its ends belongs to it?",
        "Refuse lr = 2 / curvature, too, with a ValueError that names `lr`.",
    ),
)
def edge_accepted(lr, curvature, noise, batch_size):
    """You accept lr = 2 / curvature, and divide by zero there: each step jumps to the opposite wall, and SGD never settles.
    The interval excludes this end. Compare your test with the docstring."""
    if not curvature > 0:
        raise ValueError("curvature must be above 0")
    _expect_bowl(0.0 if lr == 2 / curvature else lr, curvature, noise, batch_size)
    return _floor(lr, curvature, noise, batch_size)


@mistake(
    "noise_floor",
    hints=(
        "Call it with lr = 3 and curvature = 1. Is your result a squared distance?",
        "Which values of lr does the docstring refuse?",
        "Refuse an lr of 2 / curvature and above, with a ValueError that names `lr`.",
    ),
)
def high_rate_accepted(lr, curvature, noise, batch_size):
    """You accept a learning rate of 2 / curvature or more. Your floor is then negative or a division by zero, and no squared
    distance is negative: SGD diverges there. Check both ends of the interval."""
    _expect_bowl(min(lr, 0.0), curvature, noise, batch_size)
    return _floor(lr, curvature, noise, batch_size)


@mistake(
    "noise_floor",
    hints=(
        "Call it with batch_size = 0, and with noise = -1. What happens?",
        "Which values does the docstring refuse, besides those of lr and curvature?",
        "Test all four arguments, in the order of the docstring.",
    ),
)
def noise_and_batch_not_tested(lr, curvature, noise, batch_size):
    """You test lr and curvature, but not `noise` and `batch_size`. A negative noise gives a negative floor, and a batch size
    of 0 divides by zero. Check the list of values to refuse."""
    _expect_bowl(lr, curvature, 1.0, 1)
    return _floor(lr, curvature, noise, batch_size)


@mistake(
    "noise_floor",
    hints=(
        "Call it with curvature = -1, with lr = 3 and with batch_size = 0. What happens?",
        "Which values does the docstring refuse?",
        "Test each argument before you compute, in the order of the docstring, and raise a ValueError that names it.",
    ),
)
def nothing_refused(lr, curvature, noise, batch_size):
    """You refuse no argument. Some bad ones then give negative floors, and others a division by zero. Check in the docstring
    which error to raise, when, and in which order."""
    return _floor(lr, curvature, noise, batch_size)


@mistake(
    "noise_floor",
    hints=(
        "With lr = 1, curvature = 2, noise = 8 and batch_size = 4, compute the denominator by hand. What does Python compute?",
        "Python reads `a / b * c` as `(a / b) * c`.",
        "Put the whole denominator into parentheses.",
    ),
)
def denominator_without_parentheses(lr, curvature, noise, batch_size):
    """You divide by batch_size only, and multiply by the curvature and by the bracket: Python reads `a / b * c` as `(a / b) * c`.
    All three belong to the denominator."""
    _expect_bowl(lr, curvature, noise, batch_size)
    return lr * noise / batch_size * curvature * (2 - lr * curvature)


@mistake(
    "noise_floor",
    hints=(
        "With lr = 1, curvature = 1, noise = 8 and batch_size = 4, compute the denominator by hand. What does Python compute?",
        "Python reads `a / (b * c) * d` as `(a / (b * c)) * d`.",
        "Put the bracket into the denominator, too.",
    ),
)
def bracket_multiplied(lr, curvature, noise, batch_size):
    """You multiply by the bracket, 2 - lr * curvature, where the formula divides by it. So your floor falls to 0 where SGD no
    longer settles. Check which factors are below the line."""
    _expect_bowl(lr, curvature, noise, batch_size)
    return lr * noise / (batch_size * curvature) * (2 - lr * curvature)
