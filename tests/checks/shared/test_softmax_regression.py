"""The gradients that updates are tried with: right by autograd, and right again when they are asked for once more."""

import torch
from torch.nn.functional import cross_entropy

from tests.course_parts import from_course

mnist_regression = from_course("shared.softmax_regression", "mnist_regression")


def by_autograd(problem, weights):
    leaf = weights.clone().requires_grad_()
    cross_entropy(problem.features @ leaf, problem.targets.argmax(1)).backward()
    return leaf.grad


def test_gradients_are_those_of_cross_entropy_however_often_they_are_asked_for():
    problems = [mnist_regression(40), mnist_regression(30), mnist_regression(40, torch.float32)]
    for _ in range(2):
        for problem in problems:
            weights = problem.start(1)
            torch.testing.assert_close(problem.gradient(weights), by_autograd(problem, weights))
            torch.testing.assert_close(problem.gradient(weights.T.contiguous().T), by_autograd(problem, weights))


def test_nobody_can_change_what_the_next_one_gets():
    problem = mnist_regression(40)
    weights = problem.start(2)
    problem.gradient(weights).fill_(7.0)
    torch.testing.assert_close(problem.gradient(weights), by_autograd(problem, weights))
