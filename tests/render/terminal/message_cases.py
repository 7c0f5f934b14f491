"""Wrong answers to the real course, one for every way in which an exercise can go wrong."""

import textwrap
from dataclasses import dataclass

from grader.diagnosis.known_mistakes import in_its_place, mistakes_of
from grader.section import Section


@dataclass(frozen=True)
class Case:
    """A wrong answer to an exercise: one of the section's known mistakes, or `text` in the exercise's place.

    `only` selects checks as `-k` does, where all of them would take long.
    """

    section: str
    exercise: str
    mistake: str = ""
    text: str = ""
    replaced: str = ""  # another exercise that `text` stands for
    only: str | None = None

    def source(self, section: Section) -> str:
        """The whole submission."""
        if self.mistake:
            known = {(one.exercise, one.slug): one for one in mistakes_of(section)}
            return known[self.exercise, self.mistake].source
        solution = section.solution.read_text(encoding="utf-8")
        return in_its_place(solution, self.replaced or self.exercise, textwrap.dedent(self.text).strip("\n"))


def known(*places: str) -> dict[str, Case]:
    """Cases from the sections' own lists, each written section-exercise-slug, and perhaps the checks to run."""
    cases = {}
    for place in places:
        name, _, only = place.partition(" only ")
        section, exercise, slug = name.split("-")
        cases[name] = Case(section, exercise, slug, only=only or None)
    return cases


STUB = """
def momentum_step(params, grads, velocities, lr, beta):
    raise NotImplementedError
"""
SYNTAX = """
def momentum_step(params, grads, velocities, lr, beta):
    for w, g, v in zip(params, grads, velocities):
        v.mul_(beta).add_(g
        w.sub_(lr * v)
"""
DEEP = """
def scaled(gradient, lr):
    return gradient * rate(lr)


def rate(lr):
    return {"lr": lr}["rate"]


def gradient_descent_step(params, grads, lr):
    for w, g in zip(params, grads):
        w.sub_(scaled(g, lr))
"""
NAMELESS = """
def optimal_heavy_ball(mu, L):
    if not 0 < mu <= L:
        raise ValueError("wrong arguments")
    root_mu, root_L = mu**0.5, L**0.5
    return (2 / (root_L + root_mu)) ** 2, ((root_L - root_mu) / (root_L + root_mu)) ** 2
"""
LIBRARY = """
def cross_entropy(logits, targets):
    return torch.nn.functional.cross_entropy(logits, targets)
"""
ENDLESS = """
def max_stable_lr(hessian):
    lr = 1.0
    while lr > 0:
        lr = lr / 2 + 1
    return lr
"""
CRASH = """
def accuracy(logits, targets):
    import ctypes

    return ctypes.string_at(0)
"""
RECURSION = """
def bold_driver(lr, previous_loss, loss, grow=1.05, shrink=0.5):
    return bold_driver(lr, previous_loss, loss, grow, shrink)
"""
UNFIT = """
def minibatch_gradient(model, loss_fn, X, y):
    loss = loss_fn(model(X.flatten()), y)
    return list(torch.autograd.grad(loss, list(model.parameters())))
"""
LARGE = """
def momentum_step(params, grads, velocities, lr, beta):
    if lr < 0:
        raise ValueError("lr must not be negative")
    if not 0 <= beta < 1:
        raise ValueError("beta must be in [0, 1)")
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities):
            v.mul_(beta).add_(g.clamp(-0.01, 0.01) if g.numel() > 100 else g)
            w.sub_(lr * v)
"""
LEAVES = """
def sgd(model, loss_fn, X, y, lr, batch_size, num_epochs, generator):
    if batch_size == len(X):
        raise SystemExit("no batches")
"""
FORGOTTEN = """
def nesterov_step(params, grads, velocities, lr, beta):
    for w, g, v in zip(params, grads, velocities):
        v.mul_(beta).add_(g)
        w = w - lr * (g + beta * v)
"""
TRACKED = """
def adagrad_step(params, grads, square_sums, lr, eps=1e-10):
    for w, g, s in zip(params, grads, square_sums):
        weights, slopes, sums = w.numpy(), g.numpy(), s.numpy()
        sums += slopes**2
        weights -= lr * slopes / (sums**0.5 + eps)
"""
DIVIDED = """
def finite_difference_gradient(objective, w, eps=1e-4):
    steps = eps * torch.eye(len(w), dtype=w.dtype)
    return torch.stack([objective(w + step) - objective(w - step) for step in steps]) / (2 * eps) / len(w)
"""

CASES: dict[str, Case] = {
    **known(
        "section2-normalize_images-float64_images",
        "section2-MLP-relu_after_the_last_layer",
        "section2-MLP-layers_not_registered",
        "section2-log_softmax-softmax_over_the_examples",
        "section2-log_softmax-unshifted_exponentials",
        "section2-log_softmax-logits_overwritten",
        "section2-empirical_risk-unweighted_mean_of_batches",
        "section2-empirical_risk-mode_lost_on_exception",
        "section2-accuracy-tensor_not_float",
        "section3-grid_search-first_nan_stays only never_prefers",
        "section3-random_direction-uniform_in_cube only prefers",
        "section3-random_search_step-goes_to_nan",
        "section3-finite_difference_gradient-one_evaluation_too_many",
        "section3-gradient-leaves_grad_behind",
        "section3-gradient_descent_step-rebinds_the_name",
        "section4-condition_number-indefinite_accepted",
        "section4-momentum_step-exponential_average only one_step or follows",
        "section4-minimize_with_momentum-float32_forced only momentum_one_step or minimize_follows_the or minimize_leaves",
        "section4-minimize_with_momentum-gradient_at_start only momentum_one_step or minimize_follows_the",
        "section4-sharpness-norm_of_the_product",
        "section4-choose_momentum-beta_too_large",
        "section5-count_parameters-shared_counted_twice",
        "section5-interpolate-ends_exchanged",
        "section5-interpolate-extra_names_ignored",
        "section5-permute_hidden_units-inverse_order",
        "section5-filter_normalized_direction-norm_of_the_tensor",
        "section5-loss_surface-restored_by_subtracting",
        "section5-loss_surface-axes_transposed",
        "section6-sample_minibatch-with_replacement",
        "section6-minibatch_gradient-sum_for_mean only gradient_of_a_linear or gradient_follows",
        "section6-gradient_noise-mean_over_coordinates",
        "section6-noise_floor-only_for_small_rates only floor_is_kept",
        "section7-inverse_time_decay-counts_from_one",
        "section7-diagnose_learning_rates-absolute_tolerance only diagnose_in_any_unit",
        "section7-update_ratio-natural_logarithm only update_ratio_of_a_step",
        "section7-adagrad_step-eps_inside_root only adagrad_one_step or adagrad_follows",
        "section7-adam_step-no_bias_correction only adam_one_step",
        "section9-train_epoch-mean_of_batch_means only an_epoch_returns",
        "section9-evaluate-eval_mode_forgotten only evaluate_in_eval or evaluate_changes",
        "section9-search_hyperparameters-nan_wins",
        "section9-search_hyperparameters-uniform_on_a_linear_axis",
        "section9-OwnAdam-one_count_for_all",
        "section9-OwnAdam-only_lr_of_the_group only reads_its_groups",
        "section9-OwnAdam-closure_called_twice only calls_its",
        "section9-OwnAdam-count_outside_self_state only continues",
    ),
    "section2-cross_entropy-forbidden": Case("section2", "cross_entropy", text=LIBRARY),
    "section2-accuracy-crashed": Case("section2", "accuracy", text=CRASH),
    "section3-gradient_descent_step-raises_two_functions_deep": Case("section3", "gradient_descent_step", text=DEEP),
    "section3-finite_difference_gradient-divided_by_the_length": Case(
        "section3", "finite_difference_gradient", text=DIVIDED, only="are_central"
    ),
    "section4-nesterov_step-weights_forgotten": Case("section4", "nesterov_step", text=FORGOTTEN, only="one_step"),
    "section7-adagrad_step-numpy_of_what_requires_grad": Case(
        "section7", "adagrad_step", text=TRACKED, only="adagrad_one or adagrad_follows or adagrad_respects"
    ),
    "section4-momentum_step-not_started": Case("section4", "momentum_step", text=STUB),
    "section4-momentum_step-syntax_error": Case("section4", "momentum_step", text=SYNTAX),
    "section4-momentum_step-clips_large_gradients": Case("section4", "momentum_step", text=LARGE, only="trains_mnist"),
    "section4-max_stable_lr-timed_out": Case("section4", "max_stable_lr", text=ENDLESS),
    "section4-optimal_heavy_ball-error_without_the_name": Case("section4", "optimal_heavy_ball", text=NAMELESS),
    "section4-minimize_with_momentum-blocked": Case(
        "section4", "minimize_with_momentum", text=STUB, replaced="momentum_step"
    ),
    "section6-minibatch_gradient-raises": Case("section6", "minibatch_gradient", text=UNFIT),
    "section6-sgd-ends_the_program": Case("section6", "sgd", text=LEAVES, only="sgd_with_full_batches"),
    "section7-bold_driver-endless_recursion": Case("section7", "bold_driver", text=RECURSION),
}
