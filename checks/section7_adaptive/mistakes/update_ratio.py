"""Mistakes in update_ratio."""

import math

from grader.toolkit.mistakes import mistake


def _ratios(params, updates, norm=lambda tensor: float(tensor.detach().norm()), log=math.log10):
    """The ratios with another norm or another logarithm."""
    found = []
    for w, update in zip(params, updates, strict=True):
        size, weight_size = norm(update), norm(w)
        if size == 0:
            found.append(-math.inf)
        else:
            found.append(log(size / weight_size) if weight_size > 0 else math.inf)
    return found


@mistake(
    "update_ratio",
    hints=(
        "The update is a tenth of the weights. Which number do you return?",
        "Which base does the logarithm in the formula have? Which base has `math.log`?",
        "Use the logarithm of base 10.",
    ),
)
def natural_logarithm(params, updates):
    """You use the natural logarithm. The ratio counts powers of ten, so a tenth must give -1; yours gives -2.3. Check the
    base of your logarithm."""
    return _ratios(params, updates, log=math.log)


@mistake(
    "update_ratio",
    hints=(
        "The update is a tenth of the weights. Which number do you return?",
        "Which base does the logarithm in the formula have?",
        "Use the logarithm of base 10.",
    ),
)
def binary_logarithm(params, updates):
    """You use the logarithm of base 2. The ratio counts powers of ten, so a tenth must give -1; yours gives -3.3. Check the
    base of your logarithm."""
    return _ratios(params, updates, log=math.log2)


@mistake(
    "update_ratio",
    hints=(
        "The update is a thousandth of the weights. What is your result, and what does the docstring promise?",
        "Which part of the formula is missing?",
        "Take the base-10 logarithm of the ratio of norms.",
    ),
)
def logarithm_forgotten(params, updates):
    """You return the ratio of the norms itself. The formula takes its base-10 logarithm: a thousandth becomes -3. Compare
    the formula with your last line."""
    return [0.0 if ratio == -math.inf else 10.0**ratio for ratio in _ratios(params, updates)]


@mistake(
    "update_ratio",
    hints=(
        "The update is a tenth of the weights. Is your result -1 or 1?",
        "Which norm stands above the line of the fraction?",
        "Divide the norm of the update by the norm of the weights.",
    ),
)
def upside_down(params, updates):
    """You divide the weights by the update, so your result has the wrong sign: small updates give large numbers. The norm
    of the update stands above the line."""
    return [-ratio for ratio in _ratios(params, updates)]


@mistake(
    "update_ratio",
    hints=(
        "The update is a tenth of the weights. Is your result -1 or -2?",
        "What is the last operation of a Euclidean norm?",
        "Take the root of each sum of squares.",
    ),
)
def squares_without_root(params, updates):
    """You divide sums of squares, without the roots, so your result is twice as large as it should be. The Euclidean norm
    is the root of the sum of squares."""
    return [2 * ratio for ratio in _ratios(params, updates)]


@mistake(
    "update_ratio",
    hints=(
        "What is the Euclidean norm of (3, 4)? What does your code give?",
        "Do you add absolute values, or squares?",
        "Take the root of the sum of the squares of all entries.",
    ),
)
def sum_of_absolute_values(params, updates):
    """You measure sizes by the sum, or mean, of absolute values. The Euclidean norm is the root of the sum of squares: of
    (3, 4) it is 5. Check which norm you compute."""
    return _ratios(params, updates, norm=lambda tensor: float(tensor.detach().abs().sum()))


@mistake(
    "update_ratio",
    hints=(
        "What is the Euclidean norm of (3, 4)? What does your code give?",
        "How many entries of a tensor does your size depend on?",
        "Take the root of the sum of the squares of all entries.",
    ),
)
def largest_entry(params, updates):
    """You compare the largest entries of update and weights. Then a single entry decides, and the rest of the tensor has no
    effect. The Euclidean norm adds the squares of all entries."""
    return _ratios(params, updates, norm=lambda tensor: float(tensor.detach().abs().max()))


@mistake(
    "update_ratio",
    hints=(
        "What is the Euclidean norm of (3, -4)? What does your code give?",
        "What happens to entries of opposite sign in your sum?",
        "Square the entries before you add them.",
    ),
)
def signed_sum(params, updates):
    """You add the entries themselves, and entries of opposite sign cancel. A size must not depend on signs: the Euclidean
    norm adds squares."""
    return _ratios(params, updates, norm=lambda tensor: abs(float(tensor.detach().sum())))


@mistake(
    "update_ratio",
    hints=(
        "Let one entry of a weight tensor be zero, and its update not. What do you return?",
        "Do you divide two norms, or the entries one by one?",
        "Compute one norm of the update and one of the weights first, then divide once.",
    ),
)
def norm_of_the_quotient(params, updates):
    """You divide entry by entry, and take the norm of the quotient. Weights near zero then decide the result. The formula
    divides one norm by another."""
    sizes = [(update.detach() / w.detach()).norm() for w, update in zip(params, updates, strict=True)]
    return [math.log10(size) if size > 0 else -math.inf for size in map(float, sizes)]


@mistake(
    "update_ratio",
    hints=(
        "Let one entry of a weight tensor be zero, and its update not. What do you return?",
        "In which order do you average and take the logarithm?",
        "Compute one norm of the update and one of the weights, divide once, and take one logarithm.",
    ),
)
def mean_of_logarithms(params, updates):
    """You take a logarithm for each entry, and average the logarithms. One entry of zero then makes the result infinite or
    NaN. The formula takes one logarithm, of the ratio of two norms."""
    return [
        float((update.detach() / w.detach()).abs().log10().mean()) for w, update in zip(params, updates, strict=True)
    ]


@mistake(
    "update_ratio",
    hints=(
        "Call it with two tensors. How many numbers do you return?",
        "Which tensors belong to one norm?",
        "Compute a ratio for each tensor, and return all in a list.",
    ),
)
def one_ratio_for_all(params, updates):
    """You return one ratio for all tensors together. A layer whose step is far too large is then hidden behind the others.
    Return one number per tensor."""
    if not params:
        return []
    size, weight_size = (math.sqrt(sum(float(one.detach().norm()) ** 2 for one in all)) for all in (updates, params))
    return [-math.inf if size == 0 else math.log10(size / weight_size) if weight_size > 0 else math.inf]


@mistake(
    "update_ratio",
    hints=(
        "Let the update be as large as the weights. What is your result?",
        "Are `params` the weights before or after the step?",
        "Take the norm of `params` as they are, without adding the update.",
    ),
)
def weights_after_the_step(params, updates):
    """You divide by the norm of the weights after the step: you add the update first. The formula divides by the weights
    before it, and these are in `params`."""
    moved = [w.detach() + update.detach() for w, update in zip(params, updates, strict=True)]
    return _ratios(moved, updates)


@mistake(
    "update_ratio",
    hints=(
        "Call it with an update of zeros. Which exception do you get?",
        "What is the logarithm of zero, in Python and in mathematics?",
        "Test whether a norm is zero before you divide and take the logarithm.",
    ),
)
def zeros_not_handled(params, updates):
    """Your function fails if an update or the weights are zero: Python's logarithm of zero and division by zero raise an
    error. A new bias is zero, and so is the update of a weight without gradient. The docstring says what to return."""
    return [
        math.log10(float(update.detach().norm()) / float(w.detach().norm()))
        for w, update in zip(params, updates, strict=True)
    ]


@mistake(
    "update_ratio",
    hints=(
        "What do you return if the update and the weights are both zero?",
        "What is 0 / 0 for tensors?",
        "Test first whether the norm of the update is zero.",
    ),
)
def zero_over_zero(params, updates):
    """You return NaN, or fail, for an update of zero of weights that are zero: 0 / 0 has no value. Nothing moved, so the
    docstring asks for minus infinity. Test the update first."""
    return [
        float((update.detach().norm() / w.detach().norm()).log10()) for w, update in zip(params, updates, strict=True)
    ]


@mistake(
    "update_ratio",
    hints=(
        "What do you return if the update and the weights are both zero?",
        "Which of the two do you test first?",
        "Test first whether the norm of the update is zero: then nothing moved.",
    ),
)
def zero_weights_tested_first(params, updates):
    """You return plus infinity for an update of zero of weights that are zero. Nothing moved, so the docstring asks for
    minus infinity. Test the update before the weights."""
    ratios = _ratios(params, updates)
    return [ratio if w.any() else math.inf for ratio, w in zip(ratios, params, strict=True)]


@mistake(
    "update_ratio",
    hints=(
        "What do you return for an update of zero? And for an update of 1e-12?",
        "Which number do you add before the logarithm or the division?",
        "Treat zeros as cases of their own, and add nothing to a norm.",
    ),
)
def small_number_added(params, updates):
    """You add a small number to a norm, so that nothing is zero. An update of zero then gets a finite ratio, and looks
    like a small step. The docstring asks for infinities: treat zeros as cases of their own."""
    return [
        math.log10((float(update.detach().norm()) + 1e-12) / (float(w.detach().norm()) + 1e-12))
        for w, update in zip(params, updates, strict=True)
    ]


@mistake(
    "update_ratio",
    hints=(
        "Try it on a parameter of a real network, or on `torch.ones(1, requires_grad=True)`.",
        "Autograd refuses the conversion to numpy of a tensor that it records.",
        "Detach the tensors first, or measure in a block in which autograd records nothing.",
    ),
)
def tracked_by_autograd(params, updates):
    """Your function fails on parameters that require grad, as in every network: their values cannot become a numpy array
    while autograd records them. You only measure here, so do not record it."""
    for tensor in (*params, *updates):
        tensor.numpy()
    return _ratios(params, updates)


@mistake(
    "update_ratio",
    hints=(
        "Take weights [3, 4] and the update [0, 5]. What is the ratio of the two norms, and what do you get?",
        "How many quotients does one tensor have in the formula?",
        "Compute both norms first, and then divide.",
    ),
)
def mean_of_quotients(params, updates):
    """You divide entry by entry and take the mean of the quotients. Then a single small weight decides. The formula
    has one quotient per tensor, of two norms."""
    ratios = []
    for w, u, right in zip(params, updates, _ratios(params, updates), strict=True):
        quotients = (u.detach() / w.detach()).abs()
        ratios.append(math.log10(float(quotients.mean())) if math.isfinite(right) else right)
    return ratios


@mistake(
    "update_ratio",
    hints=(
        "Take weights [3, 4] and the update [0, 5]. What is the ratio of the two norms, and what do you get?",
        "How many quotients does one tensor have in the formula?",
        "Compute both norms first, and then divide.",
    ),
)
def norm_of_quotients(params, updates):
    """You divide entry by entry and take the norm of the quotients. Then a single small weight decides. The formula has one
    quotient per tensor, of two norms."""
    ratios = []
    for w, u, right in zip(params, updates, _ratios(params, updates), strict=True):
        norm = float((u.detach() / w.detach()).nan_to_num(nan=0.0, posinf=math.inf, neginf=-math.inf).norm())
        ratios.append(math.log10(norm) if math.isfinite(right) else right)
    return ratios


@mistake(
    "update_ratio",
    hints=(
        "All entries of an update are 0.1 and all weights are 1. What is the ratio, and what is yours?",
        "What does a standard deviation subtract before it squares?",
        "Use norms: roots of sums of squares.",
    ),
)
def standard_deviations(params, updates):
    """You divide standard deviations, as some plots of such ratios do. A standard deviation subtracts the mean first: a tensor of
    equal entries has none, however long it is. The formula takes norms."""
    return _ratios(params, updates, norm=lambda tensor: float(tensor.detach().std(correction=0)))


@mistake(
    "update_ratio",
    hints=(
        "Give your function a bias with a single entry. What is its standard deviation?",
        "What does a standard deviation subtract before it squares?",
        "Use norms: roots of sums of squares.",
    ),
)
def standard_deviations_of_samples(params, updates):
    """You divide standard deviations, as some plots of such ratios do. A standard deviation subtracts the mean first, and
    `std` of a single number is NaN. The formula takes norms."""
    return _ratios(params, updates, norm=lambda tensor: float(tensor.detach().std()))


@mistake(
    "update_ratio",
    hints=(
        "The update is a tenth of the weights. Is your result -1 or 1?",
        "Which norm stands above the line of the fraction?",
        "Divide the norm of the update by the norm of the weights.",
    ),
)
def upside_down_but_for_zeros(params, updates):
    """You divide the norm of the weights by the norm of the update, so all your finite results have the wrong sign: small updates
    give large numbers. The norm of the update stands above the line."""
    return [ratio if math.isinf(ratio) else -ratio for ratio in _ratios(params, updates)]
