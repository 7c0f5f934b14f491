# plain Python numbers in the rules (tensors are flattened, changed, and copied back); generators of curves; try/except for NaN
import functools
import itertools
import math as m
import struct
import torch
from torch.optim import Adam as TheirAdam  # to compare with, see the end


def forbid(**conditions):
    for name, wrong in conditions.items():
        if wrong:
            raise ValueError("argument `%s` has a wrong value" % name)


def elementwise(rule):
    """Lift a rule for numbers, (w, g, *state) -> (w, *state), to lists of tensors."""
    def lifted(params, grads, *states):
        for tensors in zip(params, grads, *states):
            w, g, *state = (x.detach().reshape(-1).double().tolist() for x in tensors)
            new = [rule(*numbers) for numbers in zip(w, g, *state)]
            if not new:
                continue
            for target, column in zip((tensors[0], *tensors[2:]), zip(*new)):
                target.data.copy_(torch.tensor(column, dtype=torch.float64).view(target.shape))
    return lifted


def quotient(a, b):
    try:
        return a / b
    except ZeroDivisionError:
        return m.nan if a == 0 else m.copysign(m.inf, a)


def bold_driver(lr, previous_loss, loss, grow=1.05, shrink=0.5):
    forbid(lr=m.isnan(lr) or lr < 0, grow=grow <= 1, shrink=not 0 < shrink < 1)
    fell = False
    try:
        int(loss)  # OverflowError for infinities, ValueError for NaN
        fell = previous_loss - loss > 0
    except (OverflowError, ValueError):
        pass
    return lr * [shrink, grow][fell]


def rates(lr0, decay):
    for t in itertools.count():
        yield lr0 / (1 + t * decay)


def inverse_time_decay(lr0, step, decay):
    return next(itertools.islice(rates(lr0, decay), step, None)) if step < 50 else lr0 / (1 + step * decay)


def diagnose_learning_rates(curves, tolerance=0.1):
    if tolerance < 0: raise ValueError(f"tolerance={tolerance} is negative")
    best_lr = best_first = best_last = None
    finite = {}
    for lr in sorted(curves):
        losses = list(curves[lr])
        if len(losses) == 0: raise ValueError("curves[%g] is empty" % lr)
        ok = True
        for loss in losses:
            if not loss - loss == 0: ok = False
        if losses[-1] > losses[0]: ok = False
        finite[lr] = ok
        if ok and (best_last is None or losses[-1] < best_last):
            best_lr, best_first, best_last = lr, losses[0], losses[-1]
    answer = {}
    for lr in curves:
        if not finite[lr]: answer[lr] = "diverges"
        elif curves[lr][-1] <= best_last + tolerance * (best_first - best_last): answer[lr] = "good"
        elif lr < best_lr: answer[lr] = "too low"
        else: answer[lr] = "too high"
    return answer


def update_ratio(params, updates):
    def size(tensor):
        total = 0.0
        for number in tensor.detach().flatten().tolist():
            total += number * number
        return total

    answer = []
    for i in range(len(params)):
        up, down = size(updates[i]), size(params[i])
        if up == 0: answer.append(float("-inf"))
        elif down == 0: answer.append(float("inf"))
        else: answer.append(0.5 * m.log10(up / down))
    return answer


def adagrad_step(params, grads, square_sums, lr, eps=1e-10):
    forbid(lr=lr < 0, eps=eps < 0)

    @elementwise
    def rule(w, g, s):
        s += g**2
        return w - lr * quotient(g, m.sqrt(s) + eps), s

    rule(params, grads, square_sums)


def rmsprop_step(params, grads, square_averages, lr, alpha=0.99, eps=1e-8):
    forbid(lr=lr < 0, alpha=alpha >= 1 or alpha < 0, eps=eps < 0)

    def rule(alpha, w, g, s):
        s = g * g - alpha * (g * g - s)
        return w - lr * quotient(g, eps + max(s, 0.0) ** 0.5), s

    elementwise(functools.partial(rule, alpha))(params, grads, square_averages)


def adam_step(params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    forbid(step=step < 1, lr=lr < 0, beta1=not 0 <= beta1 < 1, beta2=not 0 <= beta2 < 1, eps=eps < 0)
    c1, c2 = -m.expm1(step * m.log(beta1)) if beta1 else 1.0, -m.expm1(step * m.log(beta2)) if beta2 else 1.0

    def rule(w, g, m1, m2):
        m1, m2 = beta1 * m1 + (1 - beta1) * g, beta2 * m2 + (1 - beta2) * g * g
        return w - lr * quotient(m1 / c1, m.sqrt(m2 / c2) + eps), m1, m2

    elementwise(rule)(params, grads, first_moments, second_moments)


def _compare():
    a, b, g = torch.ones(3, requires_grad=True), torch.ones(3, requires_grad=True), torch.tensor([1.0, -2.0, 3.0])
    a.grad = g
    TheirAdam([a], lr=0.1).step()
    adam_step([b], [g], [torch.zeros(3)], [torch.zeros(3)], 1, 0.1)
    assert torch.allclose(a, b)


_compare()
