"""Mistakes in random_direction."""

import math

import torch

from grader.toolkit.mistakes import mistake


def _unit(vector):
    return vector / vector.norm()


@mistake(
    "random_direction",
    hints=(
        "In the plane, draw points from a square and normalise them. Which angles are more frequent?",
        "A corner of the square is farther from the centre than a side, so more points lie in its direction.",
        "Draw numbers whose joint density depends only on the length of the vector: independent normal numbers.",
    ),
)
def uniform_in_cube(dim, generator):
    """You draw points uniformly from a cube and normalise them. Length, mean and variance are right, but a cube has
    corners, and directions towards the corners are too frequent. Look for a distribution of the entries without
    corners."""
    return _unit(2 * torch.rand(dim, generator=generator, dtype=torch.float64) - 1)


@mistake(
    "random_direction",
    hints=(
        "Look at the largest entries of many draws in 200 dimensions. How often is an entry more than four times a typical one?",
        "A sum of a few uniform numbers resembles a bell curve, but its tails end. Does its joint density depend only on length?",
        "Draw each entry from the normal distribution itself; torch has a function for it.",
    ),
)
def sum_of_uniforms(dim, generator):
    """Your entries are almost normal, but not quite: large values are too rare, as in a sum of a few uniform numbers.
    Corners are still more likely, which shows in many dimensions. Look at the distribution that you draw from."""
    return _unit(torch.rand(12, dim, generator=generator, dtype=torch.float64).sum(0) - 6)


@mistake(
    "random_direction",
    hints=(
        "Print the norm of one draw in 100 dimensions. What should it be?",
        "The sphere contains the points at distance 1. Your draw is a normal vector, about sqrt(d) long.",
        "Divide the vector by its Euclidean norm before you return it.",
    ),
)
def not_normalised(dim, generator):
    """Your directions do not have length 1: their length grows with the dimension, about as sqrt(d). Then step_size is
    not the length of a step. Look for the line that should make the length 1."""
    return torch.randn(dim, generator=generator, dtype=torch.float64)


@mistake(
    "random_direction",
    hints=(
        "What is the length of [3, 4]? What is the length of [3, 4] divided by 25?",
        "The sum of the squares is the squared length. Which step is missing before you divide?",
        "Take the square root of the sum of squares, and divide by it.",
    ),
)
def divided_by_squared_norm(dim, generator):
    """Your directions become shorter in more dimensions, as if you divide each vector by its squared length. The unit
    sphere has radius 1 in any dimension. Look at the divisor."""
    normal = torch.randn(dim, generator=generator, dtype=torch.float64)
    return normal / (normal @ normal)


@mistake(
    "random_direction",
    hints=(
        "What does `generator` do in your function? What changes if it has another seed?",
        "By default, torch's random functions use the global generator.",
        "Pass the argument `generator` to the function that draws the numbers.",
    ),
)
def global_generator(dim, generator):
    """You draw from torch's global generator and ignore `generator`. Then your search cannot be repeated, and you
    change the other random numbers of the program. Look at where you draw random numbers."""
    return _unit(torch.randn(dim, dtype=torch.float64))


@mistake(
    "random_direction",
    hints=(
        "Compare torch.get_rng_state() before and after a call. Which other code uses that state?",
        "Seeding torch resets the random numbers of the whole program.",
        "You need no seed: pass `generator` itself to the functions that draw.",
    ),
)
def reseeds_torch(dim, generator):
    """Your directions depend on `generator`, but each call also changes torch's global random state, as seeding does.
    Then all other random numbers of the program depend on your seed. Draw from `generator` only."""
    torch.manual_seed(int(torch.randint(2**31, (1,), generator=generator)))
    return _unit(torch.randn(dim, dtype=torch.float64))


@mistake(
    "random_direction",
    hints=(
        "Call your function twice with the same generator. What should differ the second time?",
        "If you seed a generator again, its numbers start again.",
        "Do not change the state of the generator: seed neither it nor another generator in the function.",
    ),
)
def same_draw_each_time(dim, generator):
    """Each call gives the same direction, as if you seed the generator in each call. Then a search would try only one
    direction. Each call must draw the next numbers of the generator. Look for a seed in your function."""
    fresh = torch.Generator().manual_seed(generator.initial_seed())
    return _unit(torch.randn(dim, generator=fresh, dtype=torch.float64))


@mistake(
    "random_direction",
    hints=(
        "Draw 100 directions in the plane. In which quadrants do they lie?",
        "Numbers from [0, 1) are never negative. Can a search with them ever go back?",
        "Draw entries that are negative as often as positive, such as normal numbers.",
    ),
)
def never_negative(dim, generator):
    """In 2,000 entries of your directions, none is negative, as if you draw numbers from 0 to 1. Such directions lie in one
    quadrant, and a search could go only one way along each axis. Look at the range of the numbers that you draw."""
    return _unit(torch.rand(dim, generator=generator, dtype=torch.float64))


@mistake(
    "random_direction",
    hints=(
        "How many different directions does your function give in the plane? How many exist?",
        "An axis is a direction, but the sphere also has points between the axes.",
        "Draw a random number for each entry, then make the length 1.",
    ),
)
def along_an_axis(dim, generator):
    """Your directions are the axes: one entry is 1 or -1, the others are 0. Then a search changes only one coordinate
    at a time. Uniform on the sphere means that no axis is preferred: draw a random number for each entry."""
    direction = torch.zeros(dim, dtype=torch.float64)
    place, sign = int(torch.randint(dim, (1,), generator=generator)), int(torch.randint(2, (1,), generator=generator))
    direction[place] = 2 * sign - 1
    return direction


@mistake(
    "random_direction",
    hints=(
        "Draw latitude and longitude on a globe uniformly. Are points as dense at the equator as at the poles?",
        "Circles of latitude are shorter near the poles, so uniform angles concentrate the points there.",
        "Do not use angles: draw a normal number for each entry and normalise.",
    ),
)
def uniform_angles(dim, generator):
    """In 50 dimensions, a few entries of your directions are much larger on average than the others, as if you draw angles
    (latitude, longitude, ...) uniformly: then points concentrate at the poles. On a sphere no entry is special. Look for
    a method that treats all entries alike."""
    angles = 2 * math.pi * torch.rand(max(dim - 1, 1), generator=generator, dtype=torch.float64)
    if dim == 1:
        return torch.where(angles < math.pi, 1.0, -1.0).double()
    sines = torch.cat([torch.ones(1, dtype=torch.float64), torch.sin(angles).cumprod(0)])
    return sines * torch.cat([torch.cos(angles), torch.ones(1, dtype=torch.float64)])


@mistake(
    "random_direction",
    hints=(
        "Print the dtype of a draw. Which dtype does the docstring promise?",
        "By default, torch draws float32 numbers.",
        "Ask for torch.float64 when you draw the numbers.",
    ),
)
def float32(dim, generator):
    """Your directions are float32, torch's default, but the docstring promises float64. Their length is 1 only to seven
    digits, which is not enough for float64 weights. Look at the dtype of the numbers that you draw."""
    return _unit(torch.randn(dim, generator=generator))


@mistake(
    "random_direction",
    hints=(
        "Print the norms of five draws in 3 dimensions. Are they all 1?",
        "sqrt(d) is only a typical length of a normal vector. Each draw has its own length.",
        "Divide each vector by its own Euclidean norm.",
    ),
)
def divided_by_root_of_dim(dim, generator):
    """Your directions are a bit longer or shorter than 1, each by another amount, as if you divide by sqrt(d). That is only
    the typical length of a normal vector. Divide each vector by its own length."""
    return torch.randn(dim, generator=generator, dtype=torch.float64) / math.sqrt(dim)


@mistake(
    "random_direction",
    hints=(
        "Print the norm of a draw in 100 dimensions. What should it be?",
        "The length is the root of the *sum* of the squares. Which mean or standard deviation do you take?",
        "Divide by the root of the sum of the squares.",
    ),
)
def divided_by_root_mean_square(dim, generator):
    """All your directions have the same length, but it is about sqrt(d), as if you divide by the root of the *mean* of the
    squares, or by a standard deviation. The length is the root of their sum. Check the divisor."""
    normal = torch.randn(dim, generator=generator, dtype=torch.float64)
    return normal / (normal**2).mean().sqrt()


@mistake(
    "random_direction",
    hints=(
        "What is the length of [3, 4]? And the sum of its absolute values?",
        "Which norm makes a sphere, and which a diamond?",
        "Divide by the Euclidean norm: the root of the sum of the squares.",
    ),
)
def divided_by_sum_of_absolute_values(dim, generator):
    """The absolute values of your entries sum to 1: you divide by that sum. The length of a vector is the root of the sum of the
    squares. Check which norm you use."""
    normal = torch.randn(dim, generator=generator, dtype=torch.float64)
    return normal / normal.abs().sum()


@mistake(
    "random_direction",
    hints=(
        "What is the length of [3, 4]? And its largest entry?",
        "Which norm makes a sphere, and which a cube?",
        "Divide by the Euclidean norm: the root of the sum of the squares.",
    ),
)
def divided_by_largest_entry(dim, generator):
    """In each of your directions, the largest entry is 1 or -1, as if you divide by it. The length of a vector is the root
    of the sum of the squares. Check which norm you use."""
    normal = torch.randn(dim, generator=generator, dtype=torch.float64)
    return normal / normal.abs().max()


@mistake(
    "random_direction",
    hints=(
        "How many different directions can your function give in the plane?",
        "Only the corners of a cube have entries of one size.",
        "Draw normal numbers, which have all sizes, and normalise.",
    ),
)
def corners_only(dim, generator):
    """All entries of your directions have the same size, only their signs are random: you draw corners of a cube. On a sphere
    every size of an entry occurs. Check the numbers that you draw."""
    return _unit(2 * torch.randint(0, 2, (dim,), generator=generator).double() - 1)


@mistake(
    "random_direction",
    hints=(
        "Add up the entries of a draw. What do you get each time?",
        "In the plane, which directions have entries with the sum zero?",
        "Do not subtract the mean of the entries.",
    ),
)
def sum_is_always_zero(dim, generator):
    """The entries of each of your directions sum to zero, as if you subtract their mean. In the plane only two such
    directions exist. Normal numbers are already symmetric around zero: leave them as they are."""
    normal = torch.randn(dim, generator=generator, dtype=torch.float64)
    return _unit(normal - normal.mean() if dim > 1 else normal)


@mistake(
    "random_direction",
    hints=(
        "Print the length of a draw with 17 digits.",
        "Which of your tensors is float32 at first? A later conversion does not bring the lost digits back.",
        "Ask for torch.float64 when you draw the numbers.",
    ),
)
def rounded_on_the_way(dim, generator):
    """Your directions are float64, but their length is 1 only to seven digits: you normalise in float32 and convert afterwards.
    The lost digits do not come back. Check the dtype of the numbers that you draw."""
    return _unit(torch.randn(dim, generator=generator)).double()
