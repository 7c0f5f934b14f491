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
        "Ask your model for its accuracy on the training images. What would pure guessing give?",
        "Does any step of an optimizer happen between building the model and returning it?",
        "Go through the training images in mini-batches, with a step after each, before you return the model.",
    ),
)
def untrained(X_train, y_train, generator):
    """The model guesses: it reads about one digit in ten, as one does that was built and never trained. Check that the steps
    reach the parameters of the model that you return."""
    return _built(_network, generator)


@mistake(
    "train_classifier",
    hints=(
        "Count the parameters of your model: `sum(p.numel() for p in model.parameters())`.",
        "A layer from 784 inputs to h outputs has 784 h weights and h biases. How large may h be?",
        "Take fewer hidden units, or convolutions, which see small patches of the image and share their weights.",
    ),
)
def too_many_parameters(X_train, y_train, generator):
    """Your model's parameters and buffers hold more than the 200,000 numbers that are allowed, and so it scores nothing, however
    well it reads. All of them count. Look for the widest layer."""
    model = _built(lambda: _network(512), generator)
    return _fitted(model, X_train[:6400], y_train[:6400], generator, num_epochs=1)


@mistake(
    "train_classifier",
    hints=(
        "What type does your result have? Can one call it with images?",
        "A state dict holds a model's numbers; it cannot compute with them.",
        "Return the model itself.",
    ),
)
def state_dict_returned(X_train, y_train, generator):
    """You return the model's state dict, or another dict of tensors. It holds the numbers, but not how to compute with them:
    the grader needs the module itself."""
    model = _built(_network, generator)
    return _fitted(model, X_train[:6400], y_train[:6400], generator, num_epochs=1).state_dict()


@mistake(
    "train_classifier",
    hints=(
        "Call your model with four images. Which shape should come, and which does?",
        "The accuracy is computed by the grader, which looks for the largest of ten scores. What is left of them?",
        "Return the ten scores per image, and leave picking the digit to whoever uses the model.",
    ),
)
def labels_instead_of_logits(X_train, y_train, generator):
    """Your model gives one number per image, it seems the digit that it read. What is asked for are the logits, ten scores per
    image: they also tell how sure the model is, and a loss can be computed of them."""

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
        "Compare the accuracy on the images that it was trained on with that on images that it has not seen.",
        "How many of the 60,000 training images does your model ever see?",
        "Use all training images: go through every batch of an epoch, and through more than one epoch.",
    ),
)
def hundred_examples(X_train, y_train, generator):
    """The model reads some digits but misses the 82.5 % at which points begin, like one that saw only a small part of the
    training images. Check that each epoch goes through all of them, and how the accuracy grows from epoch to epoch."""
    model = _built(_network, generator)
    return _fitted(model, X_train[:100], y_train[:100], generator, num_epochs=20)


@mistake(
    "train_classifier",
    hints=(
        "Compare `torch.get_rng_state()` before and after a call.",
        "Building a layer draws from torch's global random state. Who puts it back?",
        "Build the model inside a block that restores the state at its end; torch.random has one.",
    ),
)
def global_state_changed(X_train, y_train, generator):
    """The training leaves torch's global random state changed: whatever draws from it next draws other numbers because of you. A
    model may be built from it, if you put it back afterwards."""
    torch.manual_seed(int(torch.randint(2**62, (), generator=generator)))
    return _fitted(_network(128), X_train, y_train, generator)


@mistake(
    "train_classifier",
    hints=(
        "Put your model into eval mode, and give it the same images twice. Are the logits the same?",
        "`model.eval()` tells modules, not functions. Do you call a dropout function in `forward`?",
        "Use the module for dropout, or tell the function whether the model is in train mode.",
    ),
)
def dropout_never_off(X_train, y_train, generator):
    """Your model is random in eval mode, too: the same images get other logits every time. Its dropout, it seems, is never
    switched off, which costs accuracy when the model is used."""

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
        "Give your model one image alone, then the same image among others. Are the logits the same?",
        "Over which images does your model take means when it is used?",
        "Scale by numbers that belong to the training images, or use batch normalisation that keeps running means.",
    ),
)
def scaled_by_the_batch(X_train, y_train, generator):
    """What your model says about an image depends on the other images of the batch, as if it took a mean over them. Whoever has a
    single image to read gets something else."""

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
        "Keep a copy of `X_train`, train, and compare.",
        "Which of your lines writes into `X_train` or `y_train`, with `+=`, a trailing underscore, or an index on the left?",
        "Write the changed images into a new tensor.",
    ),
)
def images_changed(X_train, y_train, generator):
    """You change the training images in place. Whoever trains a second model on them afterwards, or measures on them, has other
    images than they think."""
    X_train.clamp_(max=2)
    return _fitted(_built(lambda: _network(128), generator), X_train, y_train, generator)
