"""Mistakes in minibatch_gradient."""

import torch

from grader.toolkit.mistakes import mistake


@mistake(
    "minibatch_gradient",
    slug="sum_for_mean",
    hints=(
        "Double a batch by repeating all its examples. Should its gradient change? Does yours?",
        "A sum over examples grows with the batch, a mean does not. Which of them does loss_fn give for a whole batch?",
        "Compute the loss of the batch as a whole, once; or divide the sum of single gradients by the number of examples.",
    ),
)
def gradients_summed(model, loss_fn, X, y):
    """Your gradient is the sum over the examples of the batch, not the mean: it is too large by the factor B. A step
    then grows with the batch size. Look at where you add, or multiply by the number of examples."""
    loss = len(X) * loss_fn(model(X), y)
    return list(torch.autograd.grad(loss, list(model.parameters())))


@mistake(
    "minibatch_gradient",
    hints=(
        "Double a batch by repeating all its examples. Should its gradient change? Does yours?",
        "loss_fn returns a mean. By what does your function divide on top of it?",
        "Take the gradient of what loss_fn returns as it is.",
    ),
)
def divided_twice(model, loss_fn, X, y):
    """Your gradient is too small by the factor B: you divide by the number of examples, but loss_fn is a mean over
    them already. A step then shrinks as the batch grows. Look for a division by the batch size."""
    loss = loss_fn(model(X), y) / len(X)
    return list(torch.autograd.grad(loss, list(model.parameters())))


@mistake(
    "minibatch_gradient",
    hints=(
        "Call your function on the same batch twice. Are the two results the same?",
        "What stands in .grad before your backward call, and what does the call do with it?",
        "Ask autograd to return the gradients instead of adding them to .grad.",
    ),
)
def accumulated(model, loss_fn, X, y):
    """Your gradients pile up: `.backward()` adds to what is left in .grad from the batch before, and you return the
    sum. From the second batch on, the steps go in the direction of old gradients, too. Look at what .grad holds before
    and after a call."""
    loss_fn(model(X), y).backward()
    return [p.grad for p in model.parameters()]


@mistake(
    "minibatch_gradient",
    hints=(
        "Write sevens into the model's .grad fields, call your function, and look at them.",
        "Whoever calls may be collecting a gradient in .grad. What does your function leave there?",
        "Use a function of torch.autograd that returns gradients without touching .grad.",
    ),
)
def grad_overwritten(model, loss_fn, X, y):
    """Your gradients are right, but afterwards they also stand in the model's .grad fields, where they replace what
    was there. The function is to return gradients and leave the model as it was. Look at what happens to .grad."""
    model.zero_grad()
    loss_fn(model(X), y).backward()
    return [p.grad.clone() for p in model.parameters()]


@mistake(
    "minibatch_gradient",
    hints=(
        "Write sevens into the model's .grad fields, call your function, and look at them.",
        "Tidying up is not the same as leaving things as they were.",
        "Use a function of torch.autograd that returns gradients without touching .grad, or put the old fields back.",
    ),
)
def grad_cleared(model, loss_fn, X, y):
    """Your gradients are right, but what the model's .grad fields held before is gone: they are cleared. Whoever was
    collecting a gradient there loses it. Look at every line that resets .grad."""
    model.zero_grad()
    loss_fn(model(X), y).backward()
    gradients = [p.grad.clone() for p in model.parameters()]
    model.zero_grad()
    return gradients


@mistake(
    "minibatch_gradient",
    hints=(
        "Look at requires_grad of what you return.",
        "A graph that hangs on the gradients keeps every activation of the batch in memory. Who would need it?",
        "Do not build a graph for the gradients themselves, or detach them before they are returned.",
    ),
)
def graph_kept(model, loss_fn, X, y):
    """Your gradients have the right values, but they still belong to an autograd graph and require grad themselves.
    Whoever collects them collects all activations of their batches. Look at what you tell autograd to create."""
    loss = loss_fn(model(X), y)
    return list(torch.autograd.grad(loss, list(model.parameters()), create_graph=True))


@mistake(
    "minibatch_gradient",
    hints=(
        "Take a batch of two examples, and another one that differs in the first example only. Are the gradients different?",
        "If you loop over the examples, what becomes of the gradient of the first one?",
        "Collect the gradients of all examples and average them, or take the loss of the batch as a whole.",
    ),
)
def last_example_only(model, loss_fn, X, y):
    """Your gradient is that of the last example of the batch alone; the others have no influence. It is right for a
    batch of one, and much noisier than it should be for any other. Look at what a loop over examples keeps."""
    for k in range(len(X)):
        gradients = torch.autograd.grad(loss_fn(model(X[k : k + 1]), y[k : k + 1]), list(model.parameters()))
    return list(gradients)


@mistake(
    "minibatch_gradient",
    hints=(
        "In the example of the docstring the gradient is 7. What is yours?",
        "The gradient points uphill. Who turns around, this function or the step that uses it?",
        "Return the gradient as autograd gives it, without a minus sign.",
    ),
)
def downhill_direction(model, loss_fn, X, y):
    """Your result has the wrong sign: it is the direction of descent, the negative gradient. A step that subtracts it
    goes uphill. Look for a minus sign."""
    loss = -loss_fn(model(X), y)
    return list(torch.autograd.grad(loss, list(model.parameters())))
