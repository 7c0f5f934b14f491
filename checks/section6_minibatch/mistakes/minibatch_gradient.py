"""Mistakes in minibatch_gradient."""

import torch

from grader.toolkit.mistakes import mistake


@mistake(
    "minibatch_gradient",
    slug="sum_for_mean",
    hints=(
        "Repeat all examples of a batch, so that it is twice as large. Should its gradient change? Does yours?",
        "A sum over examples grows with the batch, a mean does not. Which of them does loss_fn return?",
        "Compute the loss of the whole batch once, or divide the sum of single gradients by the number of examples.",
    ),
)
def gradients_summed(model, loss_fn, X, y):
    """Your gradient is the sum over the examples of the batch, not the mean: it is too large by the factor B. A step
    then grows with the batch size. Check where you add, or multiply by the number of examples."""
    loss = len(X) * loss_fn(model(X), y)
    return list(torch.autograd.grad(loss, list(model.parameters())))


@mistake(
    "minibatch_gradient",
    hints=(
        "Repeat all examples of a batch, so that it is twice as large. Should its gradient change? Does yours?",
        "loss_fn returns a mean. By which number does your function divide again?",
        "Use the gradient of the value of loss_fn, without a factor.",
    ),
)
def divided_twice(model, loss_fn, X, y):
    """Your gradient is too small by the factor B: loss_fn is already the mean over the examples, and you divide by
    their number again. A step then shrinks as the batch grows. Check your code for a division by the batch size."""
    loss = loss_fn(model(X), y) / len(X)
    return list(torch.autograd.grad(loss, list(model.parameters())))


@mistake(
    "minibatch_gradient",
    hints=(
        "Call your function on the same batch twice. Are the two results the same?",
        "What does .grad hold before your backward call, and what does the call do with it?",
        "Ask autograd to return the gradients instead of adding them to .grad.",
    ),
)
def accumulated(model, loss_fn, X, y):
    """Your gradients add up: `.backward()` adds to the .grad of earlier batches, and you return the sum. So from the
    second batch on, steps also follow old gradients. Check the value of .grad before and after a call."""
    loss_fn(model(X), y).backward()
    return [p.grad for p in model.parameters()]


@mistake(
    "minibatch_gradient",
    hints=(
        "Call your function on the same batch twice. Are the two results the same?",
        "What does .grad hold before your backward call, and what does the call do with it?",
        "Ask autograd to return the gradients instead of adding them to .grad.",
    ),
)
def accumulated_and_copied(model, loss_fn, X, y):
    """Your gradients add up: `.backward()` adds to the .grad of earlier batches, and you return copies of the sum. So from the
    second batch on, steps also follow old gradients. Check the value of .grad before and after a call."""
    loss_fn(model(X), y).backward()
    return [p.grad.clone() for p in model.parameters()]


@mistake(
    "minibatch_gradient",
    hints=(
        "Write sevens into the model's .grad fields, call your function, and print the fields.",
        "The caller may be collecting a gradient in .grad. What does your function leave there?",
        "Use a function of torch.autograd that returns gradients and does not change .grad.",
    ),
)
def grad_overwritten(model, loss_fn, X, y):
    """Your gradients are right, but your function also stores them in the model's .grad fields and destroys the old
    values. Return the gradients and leave the model unchanged. Check each line that changes .grad."""
    model.zero_grad()
    loss_fn(model(X), y).backward()
    return [p.grad.clone() for p in model.parameters()]


@mistake(
    "minibatch_gradient",
    hints=(
        "Write sevens into the model's .grad fields, call your function, and print the fields.",
        "Clearing the fields is not the same as leaving them unchanged.",
        "Use a function of torch.autograd that returns gradients and does not change .grad, or restore the old fields.",
    ),
)
def grad_cleared(model, loss_fn, X, y):
    """Your gradients are right, but you clear the model's .grad fields. A caller that collects a gradient there loses
    it. Check every line that resets .grad."""
    model.zero_grad()
    loss_fn(model(X), y).backward()
    gradients = [p.grad.clone() for p in model.parameters()]
    model.zero_grad()
    return gradients


@mistake(
    "minibatch_gradient",
    hints=(
        "Print requires_grad of the gradients that you return.",
        "A graph of the gradients keeps every activation of the batch in memory. Does any caller need it?",
        "Do not build a graph for the gradients themselves, or detach them before you return them.",
    ),
)
def graph_kept(model, loss_fn, X, y):
    """Your gradients have the right values, but they still belong to an autograd graph and require grad. A caller that
    collects them also keeps all activations of their batches in memory. Check which graph you ask autograd to
    create."""
    loss = loss_fn(model(X), y)
    return list(torch.autograd.grad(loss, list(model.parameters()), create_graph=True))


@mistake(
    "minibatch_gradient",
    hints=(
        "Change only the first example of a batch of two. Does your gradient change?",
        "If you loop over the examples, what happens to the gradient of the first example?",
        "Collect the gradients of all examples and average them, or use the loss of the whole batch.",
    ),
)
def last_example_only(model, loss_fn, X, y):
    """Your gradient is that of the last example only; the others have no influence. It is right for a batch of one, and
    too noisy for every other batch. Check which gradients a loop over examples keeps."""
    for k in range(len(X)):
        gradients = torch.autograd.grad(loss_fn(model(X[k : k + 1]), y[k : k + 1]), list(model.parameters()))
    return list(gradients)


@mistake(
    "minibatch_gradient",
    hints=(
        "In the docstring's example the gradient is 7. What is yours?",
        "The gradient points uphill. Which code changes the sign: this function, or the step that uses it?",
        "Return the gradient of autograd, without a minus sign.",
    ),
)
def downhill_direction(model, loss_fn, X, y):
    """Your result has the wrong sign: it is the negative gradient, which points downhill. A step that subtracts it goes
    uphill. Check your code for a minus sign."""
    loss = -loss_fn(model(X), y)
    return list(torch.autograd.grad(loss, list(model.parameters())))


@mistake(
    "minibatch_gradient",
    hints=(
        "Write sevens into the model's .grad fields, call your function, and print the fields.",
        "You keep the old .grad tensors. Which of your lines changes their numbers?",
        "Use a function of torch.autograd that returns gradients and does not change .grad.",
    ),
)
def kept_gradients_zeroed(model, loss_fn, X, y):
    """You keep the old `.grad` tensors to put them back, but then you set the same tensors to zero and add the new gradient to
    them. So the old numbers are lost. A second name for a tensor is no copy of it."""
    params = list(model.parameters())
    before = [p.grad for p in params]
    model.zero_grad(set_to_none=False)
    loss_fn(model(X), y).backward()
    gradients = [p.grad for p in params]
    for p, old in zip(params, before, strict=True):
        p.grad = old
    return gradients


@mistake(
    "minibatch_gradient",
    hints=(
        "Write sevens into the model's .grad fields, call your function, and print the fields and your result.",
        "What does .grad hold before your backward call, and what does the call do with it?",
        "Ask autograd to return the gradients instead of adding them to .grad.",
    ),
)
def accumulated_and_cleared(model, loss_fn, X, y):
    """If the model has gradients in .grad before your call, `.backward()` adds to them, you return the sums, and then you clear
    the fields. So your result is wrong, and the caller's gradients are lost. Leave .grad alone."""
    loss_fn(model(X), y).backward()
    gradients = [p.grad for p in model.parameters()]
    model.zero_grad()
    return gradients
