"""Mistakes in random_direction."""

import math

import torch

from grader.toolkit.mistakes import mistake


def _unit(vector):
    return vector / vector.norm()


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
