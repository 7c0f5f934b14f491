"""Mistakes in train_classifier."""

import torch
from torch import nn
from torch.nn.functional import cross_entropy

from grader.toolkit.mistakes import mistake


def _network(hidden=64, *layers):
    return nn.Sequential(nn.Linear(784, hidden), nn.ReLU(), *layers, nn.Linear(hidden, 10))


def _built(build, generator):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(int(torch.randint(2**62, (), generator=generator)))
        return build()


def _fitted(model, X, y, generator, num_epochs=2):
    optimizer = torch.optim.Adam(model.parameters(), lr=0.002)
    for _ in range(num_epochs):
        for rows in torch.randperm(len(X), generator=generator).split(128):
            shift = torch.randint(-2, 3, (2,), generator=generator).tolist()
            moved = X[rows].view(-1, 28, 28).roll(shift, (1, 2)).flatten(1)
            optimizer.zero_grad()
            cross_entropy(model(moved), y[rows]).backward()
            optimizer.step()
    return model


@mistake(
    "train_classifier",
    hints=(
        "Compute the accuracy of your model on the training images. What would guessing give?",
        "Does an optimizer make any step before you return the model?",
        "Go through the training images in mini-batches, with a step after each, before you return the model.",
    ),
)
def untrained(X_train, y_train, generator):
    """The model guesses: it reads about one digit in ten, like a model that was never trained. Check that the steps
    change the parameters of the model that you return."""
    return _built(_network, generator)


@mistake(
    "train_classifier",
    hints=(
        "Count the parameters of your model: `sum(p.numel() for p in model.parameters())`.",
        "A layer from 784 inputs to h outputs has 784 h weights and h biases. How large may h be?",
        "Use fewer hidden units, or convolutions, which look at small patches of the image and share their weights.",
    ),
)
def too_many_parameters(X_train, y_train, generator):
    """Your model's parameters and buffers hold more than the allowed 200,000 numbers, so it earns nothing, however well
    it reads. All of them count. Look for the largest layer."""
    model = _built(lambda: _network(512), generator)
    return _fitted(model, X_train[:6400], y_train[:6400], generator, num_epochs=1)


@mistake(
    "train_classifier",
    hints=(
        "What is the type of your result? Can you call it with images?",
        "A state dict holds a model's numbers; it cannot compute with them.",
        "Return the model itself.",
    ),
)
def state_dict_returned(X_train, y_train, generator):
    """You return the model's state dict, or another dict of tensors. It holds the numbers, but cannot compute with
    them. Return the module itself."""
    model = _built(_network, generator)
    return _fitted(model, X_train[:6400], y_train[:6400], generator, num_epochs=1).state_dict()


@mistake(
    "train_classifier",
    hints=(
        "Call your model with four images. Which shape do you expect, and which do you get?",
        "The grader looks for the largest of ten scores itself. Which scores does your model still have?",
        "Return the ten scores per image, and leave the choice of the digit to the caller.",
    ),
)
def labels_instead_of_logits(X_train, y_train, generator):
    """Your model returns one number per image, probably the predicted digit. It must return the logits, ten scores per
    image: they also show how sure the model is, and a loss needs them. Look at the last line of your forward."""

    class Reader(nn.Module):
        def __init__(self, network):
            super().__init__()
            self.network = network

        def forward(self, X):
            return torch.softmax(self.network(X), 1).argmax(1)

    model = _built(_network, generator)
    return Reader(_fitted(model, X_train[:6400], y_train[:6400], generator, num_epochs=1))


@mistake(
    "train_classifier",
    hints=(
        "Compare the accuracy on the training images with the accuracy on images that the model has not seen.",
        "How many of the 60,000 training images does your model see?",
        "Use all training images: go through every batch of an epoch, and train for more than one epoch.",
    ),
)
def hundred_examples(X_train, y_train, generator):
    """The model reads some digits, but fewer than the 82.5 % at which points start, like a model that saw only a small
    part of the training images. Check that each epoch uses all images, and how the accuracy grows from epoch to
    epoch."""
    model = _built(_network, generator)
    return _fitted(model, X_train[:100], y_train[:100], generator, num_epochs=20)


@mistake(
    "train_classifier",
    hints=(
        "Compare `torch.get_rng_state()` before and after a call.",
        "Building a layer draws from torch's global random state. Which line restores it?",
        "Build the model inside a block that restores the state at its end; torch.random has one.",
    ),
)
def global_state_changed(X_train, y_train, generator):
    """Your training changes torch's global random state, so it changes the random numbers of later code. You may use
    the global state to build a model, if you restore it afterwards. Find the calls that draw from it."""
    torch.manual_seed(int(torch.randint(2**62, (), generator=generator)))
    return _fitted(_network(128), X_train, y_train, generator)


@mistake(
    "train_classifier",
    hints=(
        "Put your model into eval mode, and pass the same images twice. Are the logits equal?",
        "`model.eval()` changes modules, not functions. Do you call a dropout function in `forward`?",
        "Use the dropout module, or tell the function whether the model is in train mode.",
    ),
)
def dropout_never_off(X_train, y_train, generator):
    """Your model is random in eval mode too: the same images get other logits every time. Probably its dropout is never
    switched off, which costs accuracy. Look at how you apply dropout."""

    class Dropped(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.last = nn.Linear(784, 128), nn.Linear(128, 10)

        def forward(self, X):
            return self.last(nn.functional.dropout(torch.relu(self.first(X)), 0.2))

    state = torch.get_rng_state()
    model = _fitted(_built(Dropped, generator), X_train, y_train, generator)
    torch.set_rng_state(state)
    return model


@mistake(
    "train_classifier",
    hints=(
        "Pass a single image to your model, then the same image in a batch. Are the logits equal?",
        "Over which images does your model take means in eval mode?",
        "Scale by constants from the training images, or use batch normalisation, which keeps running means.",
    ),
)
def scaled_by_the_batch(X_train, y_train, generator):
    """Your model's logits of an image depend on the other images of the batch, as if it takes a mean over them. A
    single image then gets other logits. Look for a mean over the batch in your forward."""

    class Scaled(nn.Module):
        def __init__(self):
            super().__init__()
            self.network = _network(128)

        def forward(self, X):
            return self.network((X - X.mean()) / X.std())

    return _fitted(_built(Scaled, generator), X_train, y_train, generator)


@mistake(
    "train_classifier",
    hints=(
        "Copy `X_train`, train, and compare.",
        "Which line writes into `X_train` or `y_train`: with `+=`, a final underscore, or an index on the left side?",
        "Write the changed images into a new tensor.",
    ),
)
def images_changed(X_train, y_train, generator):
    """You change the training images or labels in place. A later training or measurement then uses changed data. Look
    for lines that write into `X_train` or `y_train`."""
    X_train.clamp_(max=2)
    return _fitted(_built(lambda: _network(128), generator), X_train, y_train, generator)
