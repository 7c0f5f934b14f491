"""Mistakes in filter_normalized_direction."""

import torch

from grader.toolkit.mistakes import mistake


def _rowwise(p, d):
    """Scale each row of `d` to the norm of that row of `p`."""
    rows = d.flatten(1)
    scale = p.flatten(1).norm(dim=1) / rows.norm(dim=1)
    return (rows * scale[:, None]).reshape(p.shape)


@mistake(
    "filter_normalized_direction",
    hints=(
        "Make a matrix with one small and one large row. How long are the two rows of your direction?",
        "How many norms does one weight matrix have in the formula?",
        "Compute one norm per row, of the weights and of the direction, and scale row by row.",
    ),
)
def norm_of_the_tensor(params, generator):
    """You scale each tensor as a whole: it gets the norm of the whole weight matrix. Filter normalisation works row by row,
    so that a unit with small weights moves little. Check with a matrix that has one small and one large row."""
    directions = []
    for p in params:
        d = torch.randn(p.shape, generator=generator, dtype=p.dtype)
        directions.append(d * (p.detach().norm() / d.norm()) if p.dim() > 1 else torch.zeros_like(p.detach()))
    return directions


@mistake(
    "filter_normalized_direction",
    hints=(
        "What is your direction for a bias?",
        "The loss is drawn over the weights. Which tensors are to stay where they are?",
        "Return zeros for every tensor with one dimension.",
    ),
)
def biases_move(params, generator):
    """Your direction moves biases as well. Filter normalisation leaves tensors with one dimension where they are: their
    entry should be zero. Look at what you do with 1-D tensors."""
    directions = []
    for p in params:
        d = torch.randn(p.shape, generator=generator, dtype=p.dtype)
        directions.append(_rowwise(p.detach(), d) if p.dim() > 1 else d * (p.detach().norm() / d.norm()))
    return directions


@mistake(
    "filter_normalized_direction",
    hints=(
        "Call your function twice with generators of the same seed. Are the results equal?",
        "Where do your random numbers come from if not from `generator`?",
        "Pass the generator on to whatever draws the Gaussian numbers.",
    ),
)
def global_generator(params, generator):
    """Your direction does not come from `generator`: you draw from torch's global random state. The picture cannot be drawn
    again, and others who draw from the global state get other numbers. Look at the call that draws."""
    return [
        _rowwise(p.detach(), torch.randn(p.shape, dtype=p.dtype)) if p.dim() > 1 else torch.zeros_like(p.detach())
        for p in params
    ]


@mistake(
    "filter_normalized_direction",
    hints=(
        "How long are the rows of your direction, for weights with rows of norm 5 and 1?",
        "A row of norm 1 is only half of the normalisation.",
        "After dividing by the norm of the random row, multiply by the norm of that row of the weights.",
    ),
)
def rows_of_norm_1(params, generator):
    """Every row of your direction has norm 1, however large the weights are. The point of filter normalisation is that a
    unit with large weights moves further. One factor of the formula is missing."""
    directions = []
    for p in params:
        d = torch.randn(p.shape, generator=generator, dtype=p.dtype)
        unit = _rowwise(torch.ones_like(d), d) / p[0].numel() ** 0.5 if p.dim() > 1 else torch.zeros_like(d)
        directions.append(unit)
    return directions


@mistake(
    "filter_normalized_direction",
    hints=(
        "How long are the rows of your direction, for weights with rows of norm 5 and 1?",
        "A Gaussian row of d numbers is about sqrt(d) long, before any scaling.",
        "Divide each random row by its own norm before multiplying by the norm of the weights.",
    ),
)
def not_divided_by_own_norm(params, generator):
    """You multiply each random row by the norm of the weights' row, but do not divide by its own norm. A Gaussian row is
    about as long as the root of its size, so that your rows are too long. One factor of the formula is missing."""
    directions = []
    for p in params:
        d = torch.randn(p.shape, generator=generator, dtype=p.dtype)
        factor = p.detach().flatten(1).norm(dim=1) if p.dim() > 1 else torch.zeros(len(d))
        directions.append(d * factor.to(p.dtype).reshape(-1, *[1] * (d.dim() - 1)))
    return directions


@mistake(
    "filter_normalized_direction",
    hints=(
        "Can an entry of your direction be negative?",
        "How many of the directions in a plane can your numbers reach?",
        "Draw Gaussian numbers, with mean 0, and keep their signs.",
    ),
)
def uniform_noise(params, generator):
    """No entry of your direction is ever negative, as when numbers are drawn between 0 and 1, or their sign is lost: most
    directions cannot occur. Gaussian numbers prefer none. Look at what you draw and what you do to it."""
    return [
        _rowwise(p.detach(), torch.rand(p.shape, generator=generator, dtype=p.dtype))
        if p.dim() > 1
        else torch.zeros_like(p.detach())
        for p in params
    ]


@mistake(
    "filter_normalized_direction",
    hints=(
        "Let a layer have a single input, so that its weights have the shape (4, 1). Does your direction move them?",
        "What do you go by, to tell biases from weights: the number of axes, or the number of entries?",
        "Biases are the tensors with one dimension, and nothing else.",
    ),
)
def single_inputs_taken_for_biases(params, generator):
    """Your direction leaves weights of the shape (n, 1) where they are, as if they were biases. A layer with one input has
    such weights, one row per unit, and they move. Biases are the tensors with one dimension."""
    return [
        _rowwise(p.detach(), torch.randn(p.shape, generator=generator, dtype=p.dtype))
        if p.numel() > len(p)
        else torch.zeros_like(p.detach())
        for p in params
    ]


@mistake(
    "filter_normalized_direction",
    hints=(
        "Which axis of a weight matrix numbers the output units?",
        "Compare the norms of the rows, and then those of the columns, with those of the weights. Which agree?",
        "The first axis numbers the units: the norm of a row runs over all the other axes.",
    ),
)
def columns_for_rows(params, generator):
    """You scale columns: each column of your direction has the norm of that column of the weights. The first axis of a
    weight matrix numbers the output units, so that a unit's weights are a row. Look at the axis of your norm."""
    directions = []
    for p in params:
        d = torch.randn(p.shape, generator=generator, dtype=p.dtype)
        norms = (p.detach().norm(dim=0, keepdim=True), d.norm(dim=0, keepdim=True))
        directions.append(d * norms[0] / norms[1] if p.dim() > 1 else torch.zeros_like(d))
    return directions


@mistake(
    "filter_normalized_direction",
    hints=(
        "How many norms does a convolution with 2 filters have? How many do you compute for it?",
        "For a matrix the second axis is the rest of a row. For a convolution there are more axes than that.",
        "Take the norm over all axes but the first.",
    ),
)
def second_axis_only(params, generator):
    """You take norms along the second axis. For a matrix that is right, but a filter of a convolution has more axes, and is
    scaled as a whole: one norm per filter. Look at which axes your norm runs over."""
    directions = []
    for p in params:
        d = torch.randn(p.shape, generator=generator, dtype=p.dtype)
        if p.dim() > 1:
            d = d * p.detach().norm(dim=1, keepdim=True) / d.norm(dim=1, keepdim=True)
        directions.append(d if p.dim() > 1 else torch.zeros_like(d))
    return directions


@mistake(
    "filter_normalized_direction",
    hints=(
        "How many norms does a convolution with 2 filters have? How many do you compute for it?",
        "For a matrix the last axis is the rest of a row. For a convolution there are more axes than that.",
        "Take the norm over all axes but the first.",
    ),
)
def last_axis_only(params, generator):
    """You take norms along the last axis. For a matrix that is right, but a filter of a convolution has more axes, and is
    scaled as a whole: one norm per filter. Look at which axes your norm runs over."""
    directions = []
    for p in params:
        d = torch.randn(p.shape, generator=generator, dtype=p.dtype)
        if p.dim() > 1:
            d = d * p.detach().norm(dim=-1, keepdim=True) / d.norm(dim=-1, keepdim=True)
        directions.append(d if p.dim() > 1 else torch.zeros_like(d))
    return directions


@mistake(
    "filter_normalized_direction",
    hints=(
        "What is your direction for weights that are zero, one entry or a whole row?",
        "Noise that is multiplied with the weights cannot move a weight that is zero.",
        "Draw the direction without looking at the weights, and use only the norms of their rows.",
    ),
)
def noise_times_weights(params, generator):
    """You multiply the noise by the weights, entry by entry. A weight that is zero then never moves, and a row of zeros
    divides zero by zero, which is NaN. The direction is drawn freely; only its rows' norms come from the weights."""
    directions = []
    for p in params:
        d = p.detach() * torch.randn(p.shape, generator=generator, dtype=p.dtype)
        directions.append(_rowwise(p.detach(), d) if p.dim() > 1 else torch.zeros_like(d))
    return directions


@mistake(
    "filter_normalized_direction",
    hints=(
        "What is your direction for a row of zeros?",
        "You guard against dividing by zero. Which of the two norms stands below the line?",
        "The norm of the weights is a factor: if it is zero, the row is zero, and that needs no guard.",
    ),
)
def zero_rows_move(params, generator):
    """Your direction moves rows that are zero: where the norm of the weights is zero, you seem to use another number. That
    norm is a factor and not a divisor, so it needs no protection: a row of zeros should get a direction of zeros."""
    directions = []
    for p in params:
        d = torch.randn(p.shape, generator=generator, dtype=p.dtype)
        if p.dim() > 1:
            norms = p.detach().flatten(1).norm(dim=1)
            norms[norms == 0] = 1
            d = (d.flatten(1) * (norms / d.flatten(1).norm(dim=1))[:, None]).reshape(p.shape)
        directions.append(d if p.dim() > 1 else torch.zeros_like(d))
    return directions


@mistake(
    "filter_normalized_direction",
    hints=(
        "Pass the same matrix twice in one list. Are the two directions equal?",
        "Every number of the direction should be drawn anew. Where does yours start again?",
        "Use the one generator for all tensors, one after the other, without seeding anything in the loop.",
    ),
)
def same_noise_for_every_tensor(params, generator):
    """You use the same random numbers for every tensor: two layers of one shape get the same direction. A random direction
    moves all layers independently. Look for what starts the random numbers anew in your loop."""
    seed = int(torch.randint(2**31, (), generator=generator))
    directions = []
    for p in params:
        d = torch.randn(p.shape, generator=torch.Generator().manual_seed(seed), dtype=p.dtype)
        directions.append(_rowwise(p.detach(), d) if p.dim() > 1 else torch.zeros_like(d))
    return directions


@mistake(
    "filter_normalized_direction",
    hints=(
        "Look at two rows of your direction for one matrix. Do they point the same way?",
        "How many numbers do you draw for a 3 x 4 matrix?",
        "Draw a number for every entry of the tensor, not for one row of it.",
    ),
)
def same_noise_in_every_row(params, generator):
    """You draw one row and use it for every unit: all rows of your direction are parallel. A random direction moves the
    units independently. Look at the shape of what you draw."""
    directions = []
    for p in params:
        d = torch.randn(p.shape[1:], generator=generator, dtype=p.dtype).expand(p.shape)
        directions.append(_rowwise(p.detach(), d) if p.dim() > 1 else torch.zeros_like(p.detach()))
    return directions


@mistake(
    "filter_normalized_direction",
    hints=(
        "Draw twice from one generator. Are the two directions different?",
        "What does seeding a generator do to the numbers that it has already given?",
        "Draw from the generator as it is, without seeding it again.",
    ),
)
def generator_seeded_again(params, generator):
    """Your function gives the same direction at every call, though the generator goes on: you start its sequence again. Two
    directions of one picture would coincide. Draw from the generator as it comes."""
    fresh = torch.Generator().manual_seed(generator.initial_seed())
    return [
        _rowwise(p.detach(), torch.randn(p.shape, generator=fresh, dtype=p.dtype))
        if p.dim() > 1
        else torch.zeros_like(p.detach())
        for p in params
    ]


@mistake(
    "filter_normalized_direction",
    hints=(
        "Subtract the weights from your result. What is left?",
        "A direction says where to go; it is not the point at which one arrives.",
        "Return the scaled noise itself, without adding the weights.",
    ),
)
def weights_added(params, generator):
    """Your function returns the moved weights, `w + d`. A direction is `d` alone: the surface adds it to the weights in
    steps of different lengths. Look at what you put into the list."""
    return [
        p.detach() + _rowwise(p.detach(), torch.randn(p.shape, generator=generator, dtype=p.dtype))
        if p.dim() > 1
        else torch.zeros_like(p.detach())
        for p in params
    ]


@mistake(
    "filter_normalized_direction",
    hints=(
        "Pass float64 weights. Which dtype does your direction have?",
        "Torch draws float32 numbers unless it is told otherwise.",
        "Tell the function that draws which dtype the weights have.",
    ),
)
def always_float32(params, generator):
    """Your direction is float32 whatever the weights are. With float64 weights this loses half of the digits. Each direction
    should have the dtype of its tensor."""
    return [
        _rowwise(p.detach().float(), torch.randn(p.shape, generator=generator)) if p.dim() > 1 else torch.zeros(p.shape)
        for p in params
    ]
