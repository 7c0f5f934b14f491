"""Mistakes in make_optimizer."""

import torch

from grader.toolkit.mistakes import mistake

_NAMES = ("sgd", "momentum", "adagrad", "rmsprop", "adam")


def _expect_name(name):
    if name not in _NAMES:
        raise ValueError(f"name must be one of {_NAMES}, got {name!r}")


@mistake(
    "make_optimizer",
    hints=(
        "Take two steps by hand with the gradient 1 both times. How long is the second step of heavy ball?",
        "Which of the five names need a setting besides the learning rate?",
        '"sgd" and "momentum" share a class of torch.optim, and differ in one keyword: give it its value from the table.',
    ),
)
def momentum_forgotten(name, params, lr):
    """Your "momentum" moves just as your "sgd" does. Both are the same class, but without momentum it keeps no velocity, and
    every step forgets the last one. Look at the settings in the row "momentum" of the table."""
    _expect_name(name)
    kinds = {"adagrad": torch.optim.Adagrad, "rmsprop": torch.optim.RMSprop, "adam": torch.optim.Adam}
    return kinds.get(name, torch.optim.SGD)(params, lr=lr)


@mistake(
    "make_optimizer",
    hints=(
        "Compare the very first step: heavy ball moves by the learning rate times the gradient. And yours?",
        "Nesterov looks ahead: it moves by the gradient plus 0.9 times the new velocity. Heavy ball moves by the velocity alone.",
        "Keep the momentum of 0.9, and leave Nesterov's variant switched off, as it is by default.",
    ),
)
def nesterov_momentum(name, params, lr):
    """Your "momentum" is Nesterov's: its first step is 1.9 times as long as that of the heavy ball. The table asks for the
    heavy ball of section 4, which moves by its velocity and does not look ahead."""
    _expect_name(name)
    if name == "momentum":
        return torch.optim.SGD(params, lr=lr, momentum=0.9, nesterov=True)
    kinds = {"sgd": torch.optim.SGD, "adagrad": torch.optim.Adagrad, "rmsprop": torch.optim.RMSprop}
    return kinds.get(name, torch.optim.Adam)(params, lr=lr)


@mistake(
    "make_optimizer",
    hints=(
        "Give it the gradient 1 twice, from zero velocity. How large should the velocity be after the second step?",
        "With dampening, PyTorch weighs every gradient but the first by one minus the dampening.",
        "Heavy ball adds whole gradients: leave the dampening at its default, which is 0.",
    ),
)
def dampened_momentum(name, params, lr):
    """Your "momentum" weighs new gradients by 0.1 (dampening 0.9), so that the velocity is an average of gradients. Heavy ball
    adds each gradient whole, and gets up to ten times as fast. Look at which settings the table names."""
    _expect_name(name)
    if name == "momentum":
        return torch.optim.SGD(params, lr=lr, momentum=0.9, dampening=0.9)
    kinds = {"sgd": torch.optim.SGD, "adagrad": torch.optim.Adagrad, "rmsprop": torch.optim.RMSprop}
    return kinds.get(name, torch.optim.Adam)(params, lr=lr)


@mistake(
    "make_optimizer",
    hints=(
        "Make the same optimizer with lr=0.1 and with lr=0.2. Does one go twice as far in its first step?",
        "Every class of torch.optim has a learning rate of its own in store. Which one do yours take?",
        "Hand the argument `lr` on to the class that you pick, for all five names.",
    ),
)
def default_learning_rate(name, params, lr):
    """Your optimizers do not use `lr`: each takes the default of its class, whatever learning rate was asked for. A search for
    the best learning rate would compare runs that are all the same."""
    _expect_name(name)
    if name == "momentum":
        return torch.optim.SGD(params, momentum=0.9)
    kinds = {"sgd": torch.optim.SGD, "adagrad": torch.optim.Adagrad, "rmsprop": torch.optim.RMSprop}
    return kinds.get(name, torch.optim.Adam)(params)


@mistake(
    "make_optimizer",
    hints=(
        "Take a step with a gradient of zero. Should Adam move a weight then?",
        "There are two classes of nearly the same name in torch.optim. One of them shrinks the weights at every step.",
        "The table asks for the one without decoupled weight decay, as it was published first.",
    ),
)
def adamw_for_adam(name, params, lr):
    """Your "adam" is AdamW, which by default also shrinks every weight a little at each step (weight decay 0.01). The table asks
    for the plain Adam of section 7: look at the name of the class."""
    _expect_name(name)
    if name == "momentum":
        return torch.optim.SGD(params, lr=lr, momentum=0.9)
    kinds = {"sgd": torch.optim.SGD, "adagrad": torch.optim.Adagrad, "rmsprop": torch.optim.RMSprop}
    return kinds.get(name, torch.optim.AdamW)(params, lr=lr)


@mistake(
    "make_optimizer",
    hints=(
        "How long is the first step of RMSprop, in multiples of the learning rate, and how long is yours?",
        "The first step is the learning rate divided by the root of 1 - alpha. Which alpha is PyTorch's default?",
        "Pass no alpha: the table wants PyTorch's defaults for everything that it does not name.",
    ),
)
def alpha_of_rmsprop(name, params, lr):
    """Your "rmsprop" averages squared gradients with alpha = 0.9. That is a common choice elsewhere, but PyTorch's default is
    another, and everything that the table does not name is left at the defaults."""
    _expect_name(name)
    if name == "momentum":
        return torch.optim.SGD(params, lr=lr, momentum=0.9)
    if name == "rmsprop":
        return torch.optim.RMSprop(params, lr=lr, alpha=0.9)
    return {"sgd": torch.optim.SGD, "adagrad": torch.optim.Adagrad}.get(name, torch.optim.Adam)(params, lr=lr)


@mistake(
    "make_optimizer",
    hints=(
        "Pass `model.parameters()` itself, not a list of it. How often can one go through it?",
        "How many optimizers does a single call of yours construct?",
        "Look up the class first, and construct only the one optimizer that was asked for; or make a list of the parameters.",
    ),
)
def builds_all_five(name, params, lr):
    """You seem to construct several optimizers and then pick one. `model.parameters()` can be gone through only once, so that
    the first of them takes all parameters, and none are left for the others."""
    _expect_name(name)
    return {
        "sgd": torch.optim.SGD(params, lr=lr),
        "momentum": torch.optim.SGD(params, lr=lr, momentum=0.9),
        "adagrad": torch.optim.Adagrad(params, lr=lr),
        "rmsprop": torch.optim.RMSprop(params, lr=lr),
        "adam": torch.optim.Adam(params, lr=lr),
    }[name]


@mistake(
    "make_optimizer",
    hints=(
        'Call it with the name "newton". What comes back, and when would a training loop notice?',
        "After all the cases that you know, one is left: none of them.",
        "Raise a ValueError there; its message should list the five names.",
    ),
)
def unknown_name_gives_none(name, params, lr):
    """For an unknown name your function raises nothing, where a ValueError is promised. A slip in a configuration file is then
    noticed late and far from its cause, or never. Look at what becomes of a name that is none of the five."""
    if name == "momentum":
        return torch.optim.SGD(params, lr=lr, momentum=0.9)
    kinds = {
        "sgd": torch.optim.SGD,
        "adagrad": torch.optim.Adagrad,
        "rmsprop": torch.optim.RMSprop,
        "adam": torch.optim.Adam,
    }
    return kinds[name](params, lr=lr) if name in kinds else None


@mistake(
    "make_optimizer",
    hints=(
        'Call it with the name "newton", and read the exception as somebody who has not seen your code.',
        "A dictionary raises an exception of its own for an unknown key. Which one does the docstring ask for?",
        "Look whether the name is known before you use it, and raise a ValueError that lists the five names if it is not.",
    ),
)
def unknown_name_gives_key_error(name, params, lr):
    """For an unknown name your function raises the KeyError of a dictionary. The docstring promises a ValueError whose message
    lists the five names, so that whoever mistyped one can see what there is."""
    kinds = {
        "sgd": torch.optim.SGD,
        "adagrad": torch.optim.Adagrad,
        "rmsprop": torch.optim.RMSprop,
        "adam": torch.optim.Adam,
    }
    if name == "momentum":
        return torch.optim.SGD(params, lr=lr, momentum=0.9)
    return kinds[name](params, lr=lr)


@mistake(
    "make_optimizer",
    hints=(
        'Call it with "adamax", which is another optimizer. Which one do you return?',
        "Does your comparison look at the whole name, or at how it begins?",
        "Compare the whole name, and raise a ValueError that lists the five names for every other.",
    ),
)
def beginning_of_the_name(name, params, lr):
    """You look at how a name begins, and so take "adamax", which is another optimizer, for "adam". Whoever asks for what you do
    not have should be told, not given something else. Compare whole names."""
    known = next((one for one in _NAMES if name.startswith(one)), None)
    _expect_name(known or name)
    if known == "momentum":
        return torch.optim.SGD(params, lr=lr, momentum=0.9)
    kinds = {"adagrad": torch.optim.Adagrad, "rmsprop": torch.optim.RMSprop, "adam": torch.optim.Adam}
    return kinds.get(known, torch.optim.SGD)(params, lr=lr)
