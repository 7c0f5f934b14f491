"""Makes every objective flat in the worker, so that not moving would be right."""

from ours import course_module

objectives = course_module("shared.problems")


EXPECTED = {"minimize_with_momentum": ("failed", 0.0)}
STOPPED_BY = "our own comparison"
SECTION = "section4"

for problem in (objectives.Quadratic, objectives.Quartic):
    problem.__call__ = problem.gradient = lambda self, w: (w * 0).sum()


def momentum_step(params, grads, velocities, lr, beta):
    for w, g, v in zip(params, grads, velocities, strict=True):
        v.mul_(beta).add_(g)
        w.data.sub_(lr * v)


def minimize_with_momentum(objective, w0, lr, beta, num_steps):
    return w0.detach().repeat(num_steps + 1, 1)
