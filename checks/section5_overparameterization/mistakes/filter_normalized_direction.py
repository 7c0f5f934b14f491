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
        "Make a matrix with one small and one large row. What are the norms of the two rows of your direction?",
        "How many norms does one weight matrix have in the formula?",
        "Compute one norm per row, of the weights and of the direction, and scale row by row.",
    ),
)
def norm_of_the_tensor(params, generator):
    """You scale each tensor as a whole, to the norm of the whole weight matrix. Filter normalisation works row by row,
    so that a unit with small weights moves little. Try a matrix with one small and one large row."""
    directions = []
    for p in params:
        d = torch.randn(p.shape, generator=generator, dtype=p.dtype)
        directions.append(d * (p.detach().norm() / d.norm()) if p.dim() > 1 else torch.zeros_like(p.detach()))
    return directions


@mistake(
    "filter_normalized_direction",
    hints=(
        "What is your direction for a bias?",
        "Which tensors does the direction leave where they are?",
        "Return zeros for every tensor with one dimension.",
    ),
)
def biases_move(params, generator):
    """Your direction also moves biases. Filter normalisation does not move tensors with one dimension: return zeros for
    them. Check your code for 1-D tensors."""
    directions = []
    for p in params:
        d = torch.randn(p.shape, generator=generator, dtype=p.dtype)
        directions.append(_rowwise(p.detach(), d) if p.dim() > 1 else d * (p.detach().norm() / d.norm()))
    return directions


@mistake(
    "filter_normalized_direction",
    hints=(
        "Call your function twice with generators of the same seed. Are the results equal?",
        "Where do your random numbers come from, if not from `generator`?",
        "Pass `generator` to the function that draws the Gaussian numbers.",
    ),
)
def global_generator(params, generator):
    """Your direction does not come from `generator`: you draw from torch's global random state. So the same picture
    cannot be drawn again, and you change the random numbers of other code. Check the call that draws."""
    return [
        _rowwise(p.detach(), torch.randn(p.shape, dtype=p.dtype)) if p.dim() > 1 else torch.zeros_like(p.detach())
        for p in params
    ]


@mistake(
    "filter_normalized_direction",
    hints=(
        "For weights with rows of norm 5 and 1, what are the norms of your rows?",
        "A norm of 1 for each row is only half of the normalisation.",
        "After you divide by the norm of the random row, multiply by the norm of the weights' row.",
    ),
)
def rows_of_norm_1(params, generator):
    """Every row of your direction has norm 1, for all weights. In filter normalisation, a unit with large weights moves
    further. One factor of the formula is missing."""
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
    """You multiply each random row by the norm of the weights' row, but do not divide by its own norm. A Gaussian row
    of d numbers has a norm of about sqrt(d), so your rows are too long. One factor of the formula is missing."""
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
        "Of all directions in a plane, how many can your numbers give?",
        "Draw Gaussian numbers with mean 0, and keep their signs.",
    ),
)
def uniform_noise(params, generator):
    """No entry of your direction is ever negative: you probably draw numbers between 0 and 1, or lose the sign. So most
    directions cannot occur; with Gaussian numbers all are equally likely. Check how you draw, and how you change the
    numbers afterwards."""
    return [
        _rowwise(p.detach(), torch.rand(p.shape, generator=generator, dtype=p.dtype))
        if p.dim() > 1
        else torch.zeros_like(p.detach())
        for p in params
    ]


@mistake(
    "filter_normalized_direction",
    hints=(
        "Let a layer have a single input, so its weights have the shape (4, 1). Does your direction move them?",
        "How do you recognise a bias: by the number of axes, or by the number of entries?",
        "Biases are the tensors with one dimension, and no others.",
    ),
)
def single_inputs_taken_for_biases(params, generator):
    """Your direction does not move weights of shape (n, 1), as if they were biases. A layer with one input has weights
    of this shape, one row per unit, and they should move. Biases are the tensors with one dimension."""
    return [
        _rowwise(p.detach(), torch.randn(p.shape, generator=generator, dtype=p.dtype))
        if p.numel() > len(p)
        else torch.zeros_like(p.detach())
        for p in params
    ]


@mistake(
    "filter_normalized_direction",
    hints=(
        "Which axis of a weight matrix belongs to the output units?",
        "Compare the norms of rows, and then of columns, with those of the weights. Which agree?",
        "The first axis belongs to the units: take the norm of a row over all other axes.",
    ),
)
def columns_for_rows(params, generator):
    """You scale columns: each column of your direction has the norm of the weights' column. The first axis of a weight
    matrix belongs to the output units, so a unit's weights are a row. Check the axis of your norm."""
    directions = []
    for p in params:
        d = torch.randn(p.shape, generator=generator, dtype=p.dtype)
        norms = (p.detach().norm(dim=0, keepdim=True), d.norm(dim=0, keepdim=True))
        directions.append(d * norms[0] / norms[1] if p.dim() > 1 else torch.zeros_like(d))
    return directions


@mistake(
    "filter_normalized_direction",
    hints=(
        "A convolution has 2 filters, so 2 norms. How many do you compute?",
        "For a matrix, the second axis covers the whole row. A convolution has more axes.",
        "Take the norm over all axes except the first.",
    ),
)
def second_axis_only(params, generator):
    """You take norms along the second axis. This is right for a matrix, but a filter of a convolution has more axes and
    needs a single norm. Check the axes of your norm."""
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
        "A convolution has 2 filters, so 2 norms. How many do you compute?",
        "For a matrix, the last axis covers the whole row. A convolution has more axes.",
        "Take the norm over all axes except the first.",
    ),
)
def last_axis_only(params, generator):
    """You take norms along the last axis. This is right for a matrix, but a filter of a convolution has more axes and
    needs a single norm. Check the axes of your norm."""
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
        "What is your direction for weights of zero: a single entry, or a whole row?",
        "Noise times a weight of zero is zero, so this weight cannot move.",
        "Draw the direction independently of the weights, and use only the norms of their rows.",
    ),
)
def noise_times_weights(params, generator):
    """You multiply the noise by the weights, entry by entry. So a weight of zero never moves, and a row of zeros gives
    zero divided by zero, which is NaN. Draw the direction independently; take only the rows' norms from the weights."""
    directions = []
    for p in params:
        d = p.detach() * torch.randn(p.shape, generator=generator, dtype=p.dtype)
        directions.append(_rowwise(p.detach(), d) if p.dim() > 1 else torch.zeros_like(d))
    return directions


@mistake(
    "filter_normalized_direction",
    hints=(
        "What is your direction for a row of zeros?",
        "You guard against a division by zero. Which of the two norms is the divisor?",
        "The norm of the weights is a factor: if it is zero, the row of the direction is zero. It needs no guard.",
    ),
)
def zero_rows_move(params, generator):
    """Your direction moves rows of zeros: where the norm of the weights is zero, you seem to use another number. This
    norm is a factor and not a divisor, so it needs no guard: a row of zeros gets a direction of zeros."""
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
        "Draw new numbers for every entry. Where do your random numbers start again?",
        "Use the same generator for all tensors in turn, and do not seed in the loop.",
    ),
)
def same_noise_for_every_tensor(params, generator):
    """You use the same random numbers for every tensor, so two layers of the same shape get the same direction. A
    random direction moves all layers independently. Find the line that restarts the random numbers in your loop."""
    seed = int(torch.randint(2**31, (), generator=generator))
    directions = []
    for p in params:
        d = torch.randn(p.shape, generator=torch.Generator().manual_seed(seed), dtype=p.dtype)
        directions.append(_rowwise(p.detach(), d) if p.dim() > 1 else torch.zeros_like(d))
    return directions


@mistake(
    "filter_normalized_direction",
    hints=(
        "Print two rows of your direction for one matrix. Are they parallel?",
        "How many numbers do you draw for a 3 x 4 matrix?",
        "Draw a number for every entry of the tensor, not for only one row.",
    ),
)
def same_noise_in_every_row(params, generator):
    """You draw one row and use it for every unit, so all rows of your direction are parallel. A random direction moves
    the units independently. Check the shape of your draw."""
    directions = []
    for p in params:
        d = torch.randn(p.shape[1:], generator=generator, dtype=p.dtype).expand(p.shape)
        directions.append(_rowwise(p.detach(), d) if p.dim() > 1 else torch.zeros_like(p.detach()))
    return directions


@mistake(
    "filter_normalized_direction",
    hints=(
        "Draw twice from one generator. Are the two directions different?",
        "What does a new seed do to a generator's sequence of numbers?",
        "Draw from `generator` as it is, and do not seed it again.",
    ),
)
def generator_seeded_again(params, generator):
    """Your function gives the same direction at every call, as if you restart the generator's sequence. Then the two
    directions of a picture are equal. Use the generator as you get it."""
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
        "A direction is a difference between two points, not the point at the end.",
        "Return the scaled noise itself, and do not add the weights.",
    ),
)
def weights_added(params, generator):
    """Your function returns the moved weights, `w + d`. A direction is `d` alone: the surface adds it to the weights in
    steps of different lengths. Check the entries of your list."""
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
        "Torch draws float32 numbers by default.",
        "Pass the dtype of the weights to the function that draws.",
    ),
)
def always_float32(params, generator):
    """Your direction is always float32. With float64 weights, this loses half of the digits. Each direction should have
    the dtype of its tensor."""
    return [
        _rowwise(p.detach().float(), torch.randn(p.shape, generator=generator)) if p.dim() > 1 else torch.zeros(p.shape)
        for p in params
    ]
