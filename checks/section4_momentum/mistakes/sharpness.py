"""Mistakes in sharpness."""

import torch

from grader.toolkit.mistakes import mistake

from .shared import (
    dot,
    expect_iterations,
    gaussian,
    gradient_with_graph,
    rayleigh_quotient,
    times_hessian,
    unit,
)


@mistake(
    "sharpness",
    hints=(
        "What is the largest eigenvalue of -4 times the identity? What do you return?",
        "A norm is never negative. A curvature may be.",
        "Return the dot product of the normalised vector with its product, not the length of the product.",
    ),
)
def norm_of_the_product(loss_fn, params, num_iters, generator):
    """You return the length of H v, which is the absolute value of the curvature: on a hill, where the curvature is
    negative, your sign is wrong. The Rayleigh quotient keeps the sign. Look at the last line of your function."""
    expect_iterations(num_iters)
    slopes, v = gradient_with_graph(loss_fn, params), gaussian(params, generator)
    for _ in range(num_iters):
        v = times_hessian(slopes, params, unit(v))
    return dot(v, v) ** 0.5


@mistake(
    "sharpness",
    hints=(
        "Try a bowl of curvature 1000 and 200 iterations. What is the length of your vector?",
        "Each product makes the vector longer by the factor of the curvature. What happens after many?",
        "Divide the vector by its length before each product.",
    ),
)
def not_normalised(loss_fn, params, num_iters, generator):
    """You do not normalise the vector between the products. It grows by the curvature each time, and after many
    products its numbers overflow to infinity. Check the vector that you multiply by the Hessian in the second iteration."""
    expect_iterations(num_iters)
    slopes, v = gradient_with_graph(loss_fn, params), gaussian(params, generator)
    for _ in range(num_iters):
        product = times_hessian(slopes, params, v)
        quotient = dot(v, product) / (dot(v, v) or 1.0)
        v = product
    return float(quotient)


@mistake(
    "sharpness",
    hints=(
        "On a bowl with the largest curvature 8, you return 512. Which power of 8 is that?",
        "The Rayleigh quotient has a numerator and a denominator.",
        "Divide v . H v by v . v, or normalise v before you take the dot product.",
    ),
)
def quotient_not_divided(loss_fn, params, num_iters, generator):
    """You return v . H v for a vector whose length is not 1, so the result is the curvature to the third power. The
    Rayleigh quotient divides by v . v. Look at the vector in your last line: is it normalised?"""
    expect_iterations(num_iters)
    slopes, v = gradient_with_graph(loss_fn, params), gaussian(params, generator)
    for _ in range(num_iters):
        v = times_hessian(slopes, params, unit(v))
    return dot(v, times_hessian(slopes, params, v))


@mistake(
    "sharpness",
    hints=(
        "What do you get for a loss of two tensors, and for the same loss of one tensor with all their numbers?",
        "The Hessian of the whole list has entries that mix two tensors. Which of your lines sees them?",
        "Sum the dot products and the squared length over all tensors before you divide.",
    ),
)
def block_by_block(loss_fn, params, num_iters, generator):
    """You treat each tensor alone and return the largest result. This ignores how two tensors bend the loss together,
    so your result is too small. All tensors form one vector: look at where you loop over the list."""
    expect_iterations(num_iters)
    found = []
    for p in params:
        slopes = gradient_with_graph(loss_fn, [p])
        found.append(rayleigh_quotient(slopes, [p], gaussian([p], generator), num_iters))
    return max(found)


@mistake(
    "sharpness",
    hints=(
        "What do you get for a loss of two tensors, and for the same loss of one tensor with all their numbers?",
        "How long is the whole vector after you normalise each tensor of it?",
        "Compute one length, from the squares of all tensors, and divide every tensor by it.",
    ),
)
def normalised_one_by_one(loss_fn, params, num_iters, generator):
    """You normalise each tensor by its own length, so the whole vector changes its direction and power iteration does
    not converge to the steepest axis. The vector has one length, over all tensors together. Look at your norm."""
    expect_iterations(num_iters)
    slopes, v = gradient_with_graph(loss_fn, params), gaussian(params, generator)
    for _ in range(num_iters):
        v = [x / x.norm() for x in v]
        product = times_hessian(slopes, params, v)
        quotient, v = dot(v, product) / dot(v, v), product
    return quotient


@mistake(
    "sharpness",
    hints=(
        "Call it twice with a generator in the same state. Do you get the same number for num_iters = 1?",
        "Which random state does `torch.randn` use if you do not pass a generator?",
        "Pass `generator=generator` to the draw of the start.",
    ),
)
def global_generator(loss_fn, params, num_iters, generator):
    """Your start comes from torch's global random state, not from `generator`. So the same generator gives different
    results, and you change random numbers of other code. Look at the line that draws the vector."""
    expect_iterations(num_iters)
    v = [torch.randn_like(p) for p in params]
    return rayleigh_quotient(gradient_with_graph(loss_fn, params), params, [x.detach() for x in v], num_iters)


@mistake(
    "sharpness",
    hints=(
        "Is there a bowl whose steepest axis is at a right angle to your start? What do you get on it?",
        "A start without any part along the steepest axis never turns towards it.",
        "Draw the start from `generator`, a Gaussian number for each weight.",
    ),
)
def start_of_ones(loss_fn, params, num_iters, generator):
    """From 120 different seeds you get the same number, after one product and after two, as if your start is always the same
    vector. If the steepest axis is at a right angle to it, power iteration does not find that axis. A random start has a part
    along every axis. Look at how you make the first vector."""
    expect_iterations(num_iters)
    return rayleigh_quotient(
        gradient_with_graph(loss_fn, params), params, [torch.ones_like(p) for p in params], num_iters
    )


@mistake(
    "sharpness",
    hints=(
        "Which signs do the numbers of your start have?",
        "`rand` and `randn` differ by one letter. Which of them is Gaussian?",
        "Draw the start with `randn`, so that all directions are equally likely.",
    ),
)
def start_never_negative(loss_fn, params, num_iters, generator):
    """Of 120 starts of yours, none lies near (1, -1), as if all numbers of a start have the same sign. A steepest axis with
    mixed signs then needs more iterations. A Gaussian start treats all directions alike. Look at the function that draws
    it."""
    expect_iterations(num_iters)
    v = [torch.rand(p.shape, generator=generator, dtype=p.dtype) for p in params]
    return rayleigh_quotient(gradient_with_graph(loss_fn, params), params, v, num_iters)


@mistake(
    "sharpness",
    hints=(
        "What do you return for num_iters = 1 on a bowl with two curvatures? Is the start already the steepest axis?",
        "Count the products that you make for num_iters = 1.",
        "Run the loop num_iters times, no more and no less.",
    ),
)
def iterations_ignored(loss_fn, params, num_iters, generator):
    """Even with one iteration, your result is already the largest eigenvalue, as if you ignore `num_iters`, or compute the
    whole Hessian. The caller chooses how much to compute. Look at the range of your loop."""
    expect_iterations(num_iters)
    return rayleigh_quotient(gradient_with_graph(loss_fn, params), params, gaussian(params, generator), 50)


@mistake(
    "sharpness",
    hints=(
        "On a bowl with the curvatures 8, 3 and 1 you return 12. Which sum is that?",
        "The mean of z . H z over random vectors z is the *sum* of the eigenvalues.",
        "Use the product as the next vector, instead of a new random one.",
    ),
)
def trace_of_the_hessian(loss_fn, params, num_iters, generator):
    """You return the trace, which is the sum of all eigenvalues, not the largest one. Look at how the next vector
    arises: in power iteration it is the last product, normalised."""
    expect_iterations(num_iters)
    slopes = gradient_with_graph(loss_fn, params)
    total = 0.0
    for place, p in enumerate(params):
        for entry in range(p.numel()):
            v = [torch.zeros_like(q) for q in params]
            v[place].view(-1)[entry] = 1.0
            total += dot(v, times_hessian(slopes, params, v))
    return total


@mistake(
    "sharpness",
    hints=(
        "On a bowl with the largest curvature 8 you return 0.25. Which formula of this section is that?",
        "The sharpness is a curvature, not a learning rate.",
        "Return the quotient itself; the caller divides 2 by it.",
    ),
)
def stable_lr_instead(loss_fn, params, num_iters, generator):
    """You return 2 divided by the largest eigenvalue: the largest stable learning rate of a bowl. The sharpness is the
    eigenvalue itself. Look at your last line."""
    expect_iterations(num_iters)
    return 2 / rayleigh_quotient(gradient_with_graph(loss_fn, params), params, gaussian(params, generator), num_iters)


@mistake(
    "sharpness",
    hints=(
        "Which error do you get, and at which call of autograd?",
        "The gradient is a function of the weights only if autograd records how it was computed.",
        "Pass `create_graph=True` when you take the gradient.",
    ),
)
def no_second_graph(loss_fn, params, num_iters, generator):
    """Autograd cannot differentiate your gradient, because it did not record how the gradient was computed. Then there
    is no product with the Hessian. Look at the options of the call that takes the gradient."""
    expect_iterations(num_iters)
    slopes = torch.autograd.grad(loss_fn(), params)
    return rayleigh_quotient(slopes, params, gaussian(params, generator), num_iters)


@mistake(
    "sharpness",
    hints=(
        "Print the gradient of a bowl. Does it have a `grad_fn`?",
        "Without a record of how the gradient was computed, nothing is left to differentiate a second time.",
        "Look at the options of the call that computes the gradient: one of them records it.",
    ),
)
def nothing_recorded(loss_fn, params, num_iters, generator):
    """You return 0 for every loss, as if none had any curvature. This happens if autograd does not record how the gradient
    is computed, and a guard such as `if not x.requires_grad` then returns 0. Print the gradient: it should have a
    `grad_fn`."""
    expect_iterations(num_iters)
    return 0.0


@mistake(
    "sharpness",
    hints=(
        "Try num_iters = 1 and num_iters = 2. Which of them works?",
        "Autograd frees a graph after it has used it. How often do you use this one?",
        "Pass `retain_graph=True` when you compute a product, or build the graph again in each iteration.",
    ),
)
def graph_freed(loss_fn, params, num_iters, generator):
    """Your second product fails: the first one frees the graph of the gradient, and you use the same graph again. Keep
    the graph, or build it again in each iteration. Look at the options of the call that computes the product."""
    expect_iterations(num_iters)
    slopes, v = gradient_with_graph(loss_fn, params), gaussian(params, generator)
    for _ in range(num_iters):
        v = unit(v)
        product = torch.autograd.grad(sum((g * x).sum() for g, x in zip(slopes, v, strict=True)), params)
        quotient, v = dot(v, product), product
    return quotient


@mistake(
    "sharpness",
    hints=(
        "Print the `.grad` of a parameter before and after the call.",
        "`backward` adds to `.grad`. Which function returns gradients instead?",
        "Use `torch.autograd.grad` for the gradient and for the products.",
    ),
)
def grad_overwritten(loss_fn, params, num_iters, generator):
    """Your numbers are right, but the `.grad` of the parameters is different afterwards. A training loop that measures
    the sharpness between `backward` and the step would then take a wrong step. Find the line that writes into `.grad`."""
    expect_iterations(num_iters)
    slopes, v = gradient_with_graph(loss_fn, params), gaussian(params, generator)
    for _ in range(num_iters):
        v = unit(v)
        for p in params:
            p.grad = None
        sum((g * x).sum() for g, x in zip(slopes, v, strict=True)).backward(retain_graph=True, inputs=params)
        product = [p.grad.clone() for p in params]
        quotient, v = dot(v, product), product
    return quotient


@mistake(
    "sharpness",
    hints=(
        "Print the parameters before and after the call, to the last digit.",
        "You move the weights to compare two gradients. Where do they end?",
        "Differentiate the gradient by autograd; then no weight has to move.",
    ),
)
def parameters_moved(loss_fn, params, num_iters, generator):
    """Your result is right, but the parameters are not the same afterwards. Measuring a network must not change it, not
    even by rounding. Find the line that changes the weights."""
    expect_iterations(num_iters)
    quotient = rayleigh_quotient(gradient_with_graph(loss_fn, params), params, gaussian(params, generator), num_iters)
    with torch.no_grad():
        for p in params:
            p.add_(1e-6)
    return quotient


@mistake(
    "sharpness",
    slug="zero_iterations_accepted",
    hints=(
        "What do you return for num_iters = 0?",
        "Without any product there is no curvature to report.",
        "Raise a ValueError that names `num_iters` if it is below 1.",
    ),
)
def sharpness_unchecked(loss_fn, params, num_iters, generator):
    """You accept `num_iters` below 1 and return a number that no product supports. The docstring says which values
    raise an error, and which error."""
    return rayleigh_quotient(gradient_with_graph(loss_fn, params), params, gaussian(params, generator), num_iters)


@mistake(
    "sharpness",
    hints=(
        "With which vector does your second iteration begin?",
        "A random vector in many dimensions is hardly ever near the steepest axis. What turns it there?",
        "Draw one vector before the loop. Each iteration begins with the product of the one before, normalised.",
    ),
)
def largest_of_random_vectors(loss_fn, params, num_iters, generator):
    """You draw a new vector in each iteration, and return the largest quotient. That is random search: in many dimensions it
    stays far below the largest eigenvalue. In power iteration, the next vector comes from the product with the last one."""
    expect_iterations(num_iters)
    slopes = gradient_with_graph(loss_fn, params)
    vectors = (unit(gaussian(params, generator)) for _ in range(num_iters))
    return max(dot(v, times_hessian(slopes, params, v)) for v in vectors)


@mistake(
    "sharpness",
    hints=(
        "With which vector does your second iteration begin?",
        "Which of your iterations can the result depend on?",
        "Draw one vector before the loop. Each iteration begins with the product of the one before, normalised.",
    ),
)
def last_of_random_vectors(loss_fn, params, num_iters, generator):
    """You draw a new vector in each iteration, so your result comes from the last one alone, and more iterations do not help. In
    power iteration, the next vector comes from the product with the last one."""
    expect_iterations(num_iters)
    slopes = gradient_with_graph(loss_fn, params)
    for _ in range(num_iters):
        v = unit(gaussian(params, generator))
    return dot(v, times_hessian(slopes, params, v))


@mistake(
    "sharpness",
    hints=(
        "What do you return for num_iters = 1? And for num_iters = 2, from several seeds?",
        "How many products does your loop make for num_iters = 1?",
        "Run the loop num_iters times, no more and no less. `range(1, n)` has n - 1 numbers.",
    ),
)
def one_product_too_few(loss_fn, params, num_iters, generator):
    """With num_iters = 1 your result is the same for 120 seeds, and with num_iters = 2 it depends on the seed, as if your first
    iteration makes no product. Count the products of your loop: there should be num_iters of them."""
    expect_iterations(num_iters)
    slopes = gradient_with_graph(loss_fn, params)
    return rayleigh_quotient(slopes, params, gaussian(params, generator), num_iters - 1)
