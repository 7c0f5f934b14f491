"""Which batches a training used is found from its losses, however these were made."""

from dataclasses import replace

import pytest
import torch

from grader.toolkit.verdicts import WrongAnswerError
from tests.course_parts import from_course

descend, loss_and_gradient, random_data, random_weights = from_course(
    "section6_minibatch.oracles", "descend", "loss_and_gradient", "random_data", "random_weights"
)
BatchCrossEntropy = from_course("section6_minibatch.problems", "BatchCrossEntropy")
Training = from_course("section6_minibatch.strategies", "Training")


def training(n, batch_size, num_epochs=2):
    X, y = random_data(n, 3, 3, seed=n)
    return Training(random_weights((3, 4, 3), n), BatchCrossEntropy(), X, y, 0.1, batch_size, num_epochs)


def trained(problem, seed=0):
    """Losses, weights and batches of a training by the rule."""
    generator = torch.Generator().manual_seed(seed)
    weights, losses, epochs = problem.weights, [], []
    for _ in range(problem.num_epochs):
        parts = torch.randperm(len(problem.X), generator=generator).split(problem.batch_size)
        epochs.append([tuple(sorted(part.tolist())) for part in parts])
        for batch in map(list, epochs[-1]):
            loss, gradient = loss_and_gradient(weights, problem.loss_fn, problem.X[batch], problem.y[batch])
            weights = descend(weights, gradient, problem.lr)
            losses.append(loss)
    return losses, weights, epochs


@pytest.mark.parametrize(("n", "batch_size"), [(16, 1), (6, 4), (5, 2)])
def test_the_batches_are_found_from_losses_in_float32(n, batch_size):
    problem = training(n, batch_size)
    losses, weights, epochs = trained(problem)
    found, batches = problem.replay([float(torch.tensor(loss, dtype=torch.float32)) for loss in losses])
    assert batches == epochs
    assert all(map(torch.allclose, found, weights))


def test_a_loss_of_no_batch_is_named_by_its_step():
    problem = training(5, 2)
    losses, _, _ = trained(problem)
    losses[4] += 0.01
    with pytest.raises(WrongAnswerError, match=r"Step 5 \(epoch 2\)"):
        problem.replay(losses)


def test_a_loss_that_is_not_a_number_is_refused():
    problem = training(5, 2)
    with pytest.raises(WrongAnswerError, match="not finite"):
        problem.replay([float("nan")] * 6)


def test_losses_that_belong_to_every_order_are_replayed_all_the_same():
    """There are 16!^2 orders of examples that are alike; a search through them would not end."""
    problem = training(16, 1)
    alike = replace(problem, X=torch.ones_like(problem.X), y=torch.zeros_like(problem.y))
    losses, weights, _ = trained(alike)
    found, _ = alike.replay(losses)
    assert all(map(torch.allclose, found, weights))
    losses[-1] += 0.01
    with pytest.raises(WrongAnswerError, match="Step 32"):
        alike.replay(losses)
