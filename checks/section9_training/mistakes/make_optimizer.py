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
        "Compute two steps by hand with the gradient 1 in both. How long is the second step of the heavy ball?",
        "Which of the five names needs a setting besides the learning rate?",
        '"sgd" and "momentum" share a class of torch.optim, and differ in one keyword: set it to the value in the table.',
    ),
)
def momentum_forgotten(name, params, lr):
    """Your "momentum" takes the same steps as your "sgd". Both use the same class, but without momentum it keeps no
    velocity, so every step forgets the last. Look at the settings in the row "momentum" of the table."""
    _expect_name(name)
    kinds = {"adagrad": torch.optim.Adagrad, "rmsprop": torch.optim.RMSprop, "adam": torch.optim.Adam}
    return kinds.get(name, torch.optim.SGD)(params, lr=lr)


@mistake(
    "make_optimizer",
    hints=(
        "Compare the first step: the heavy ball moves by the learning rate times the gradient. How far does yours move?",
        "Nesterov moves by the gradient plus 0.9 times the new velocity, the heavy ball by the velocity alone.",
        "Keep the momentum of 0.9, and leave Nesterov's variant off, as it is by default.",
    ),
)
def nesterov_momentum(name, params, lr):
    """Your "momentum" is Nesterov's: its first step is 1.9 times as long as the first step of the heavy ball. The table
    asks for the heavy ball of section 4, which moves by its velocity and does not look ahead. Look at the settings that
    you pass."""
    _expect_name(name)
    if name == "momentum":
        return torch.optim.SGD(params, lr=lr, momentum=0.9, nesterov=True)
    kinds = {"sgd": torch.optim.SGD, "adagrad": torch.optim.Adagrad, "rmsprop": torch.optim.RMSprop}
    return kinds.get(name, torch.optim.Adam)(params, lr=lr)


@mistake(
    "make_optimizer",
    hints=(
        "Use the gradient 1 twice, from zero velocity. How large should the velocity be after the second step?",
        "With dampening, PyTorch multiplies every gradient except the first by 1 - dampening.",
        "The heavy ball adds whole gradients: leave the dampening at its default, 0.",
    ),
)
def dampened_momentum(name, params, lr):
    """Your "momentum" multiplies new gradients by 0.1 (dampening 0.9), so the velocity is an average of gradients. The
    heavy ball adds each whole gradient, so it becomes up to ten times as fast. Look at which settings the table
    names."""
    _expect_name(name)
    if name == "momentum":
        return torch.optim.SGD(params, lr=lr, momentum=0.9, dampening=0.9)
    kinds = {"sgd": torch.optim.SGD, "adagrad": torch.optim.Adagrad, "rmsprop": torch.optim.RMSprop}
    return kinds.get(name, torch.optim.Adam)(params, lr=lr)


@mistake(
    "make_optimizer",
    hints=(
        "Make the same optimizer with lr=0.1 and with lr=0.2. Is the first step of the second twice as long?",
        "Every class of torch.optim has a default learning rate. Which one do yours use?",
        "Pass the argument `lr` to the class, for all five names.",
    ),
)
def default_learning_rate(name, params, lr):
    """Your optimizers ignore `lr`: each uses the default learning rate of its class. Then a search for the best
    learning rate would compare equal runs. Look at the arguments that you pass to the class."""
    _expect_name(name)
    if name == "momentum":
        return torch.optim.SGD(params, momentum=0.9)
    kinds = {"sgd": torch.optim.SGD, "adagrad": torch.optim.Adagrad, "rmsprop": torch.optim.RMSprop}
    return kinds.get(name, torch.optim.Adam)(params)


@mistake(
    "make_optimizer",
    hints=(
        "Make a step with a gradient of zero. Should Adam move a weight then?",
        "Two classes of torch.optim have similar names. One of them shrinks the weights in every step.",
        "The table asks for the class without decoupled weight decay.",
    ),
)
def adamw_for_adam(name, params, lr):
    """Your "adam" is AdamW, which by default also shrinks every weight slightly in each step (weight decay 0.01). The
    table asks for the plain Adam of section 7: look at the name of the class."""
    _expect_name(name)
    if name == "momentum":
        return torch.optim.SGD(params, lr=lr, momentum=0.9)
    kinds = {"sgd": torch.optim.SGD, "adagrad": torch.optim.Adagrad, "rmsprop": torch.optim.RMSprop}
    return kinds.get(name, torch.optim.AdamW)(params, lr=lr)


@mistake(
    "make_optimizer",
    hints=(
        "How long is the first step of RMSprop, in multiples of the learning rate? How long is yours?",
        "The first step is the learning rate divided by the root of 1 - alpha. What is PyTorch's default alpha?",
        "Pass no alpha: the table asks for PyTorch's defaults of everything that it does not name.",
    ),
)
def alpha_of_rmsprop(name, params, lr):
    """Your "rmsprop" averages squared gradients with alpha = 0.9, a common choice. But PyTorch's default is different,
    and the table asks for the defaults of everything that it does not name. Look at the settings that you pass."""
    _expect_name(name)
    if name == "momentum":
        return torch.optim.SGD(params, lr=lr, momentum=0.9)
    if name == "rmsprop":
        return torch.optim.RMSprop(params, lr=lr, alpha=0.9)
    return {"sgd": torch.optim.SGD, "adagrad": torch.optim.Adagrad}.get(name, torch.optim.Adam)(params, lr=lr)


@mistake(
    "make_optimizer",
    hints=(
        "Pass `model.parameters()` itself, not a list of it. How many times can you loop over it?",
        "How many optimizers does a single call of yours construct?",
        "Look up the class first, and construct only the requested optimizer; or make a list of the parameters.",
    ),
)
def builds_all_five(name, params, lr):
    """You seem to construct several optimizers and then pick one. `model.parameters()` is an iterator that works only
    once, so the first optimizer takes all parameters, and none are left for the others. Look at when you construct
    them."""
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
        'Call it with the name "newton". What does it return, and when would a training loop notice?',
        "After all the cases that you know, one case is left: an unknown name.",
        "Raise a ValueError there; its message must list the five names.",
    ),
)
def unknown_name_gives_none(name, params, lr):
    """For an unknown name your function raises nothing, but the docstring promises a ValueError. A typing error in a
    configuration file is then noticed late, or never. Follow a sixth name through your function."""
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
        'Call it with the name "newton". Does the exception help a user who has not seen your code?',
        "A dictionary raises its own exception for an unknown key. Which exception does the docstring ask for?",
        "Check whether the name is known before you use it; if it is not, raise a ValueError that lists the five names.",
    ),
)
def unknown_name_gives_key_error(name, params, lr):
    """For an unknown name your function raises the KeyError of a dictionary. The docstring promises a ValueError whose
    message lists the five names, so that the caller sees the valid names. Look at where you use the name as a key."""
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
        'Call it with "adamax", which is a different optimizer. Which one do you return?',
        "Does your comparison use the whole name, or only its beginning?",
        "Compare the whole name, and raise a ValueError that lists the five names for any other name.",
    ),
)
def beginning_of_the_name(name, params, lr):
    """You compare only the beginning of a name, so you accept "adamax", which is a different optimizer, as "adam". An
    unknown name must raise an error. Compare whole names."""
    known = next((one for one in _NAMES if name.startswith(one)), None)
    _expect_name(known or name)
    if known == "momentum":
        return torch.optim.SGD(params, lr=lr, momentum=0.9)
    kinds = {"adagrad": torch.optim.Adagrad, "rmsprop": torch.optim.RMSprop, "adam": torch.optim.Adam}
    return kinds.get(known, torch.optim.SGD)(params, lr=lr)


@mistake(
    "make_optimizer",
    hints=(
        "Take three steps with the gradient 1. Which of the two has ever shorter steps?",
        "Which class stands beside each name in the table?",
        'Make Adagrad for "adagrad", and RMSprop for "rmsprop".',
    ),
)
def adagrad_and_rmsprop_exchanged(name, params, lr):
    """Your "adagrad" is RMSprop, and your "rmsprop" is Adagrad."""
    _expect_name(name)
    kinds = {"adagrad": torch.optim.RMSprop, "rmsprop": torch.optim.Adagrad, "adam": torch.optim.Adam}
    return kinds.get(name, torch.optim.SGD)(params, lr=lr, **({"momentum": 0.9} if name == "momentum" else {}))


@mistake(
    "make_optimizer",
    hints=(
        "Take a step with a gradient of zero. Do the weights move?",
        "Which settings does the table name?",
        "Leave weight_decay at its default, 0.",
    ),
)
def weight_decay_everywhere(name, params, lr):
    """All your optimizers have a weight decay of 0.0001. The table does not ask for one."""
    _expect_name(name)
    kinds = {"adagrad": torch.optim.Adagrad, "rmsprop": torch.optim.RMSprop, "adam": torch.optim.Adam}
    settings = {"momentum": 0.9} if name == "momentum" else {}
    return kinds.get(name, torch.optim.SGD)(params, lr=lr, weight_decay=1e-4, **settings)


@mistake(
    "make_optimizer",
    hints=(
        'Take one step of "momentum" with the gradient 1. How long is it?',
        "Do you change lr on the way to the class?",
        "Pass lr as it is.",
    ),
)
def lr_of_momentum_divided(name, params, lr):
    """You divide the lr of "momentum" by ten. The heavy ball becomes up to ten times as fast, but to choose a smaller lr is
    up to the caller: pass it on as it is."""
    _expect_name(name)
    kinds = {"adagrad": torch.optim.Adagrad, "rmsprop": torch.optim.RMSprop, "adam": torch.optim.Adam}
    if name == "momentum":
        return torch.optim.SGD(params, lr=lr / 10, momentum=0.9)
    return kinds.get(name, torch.optim.SGD)(params, lr=lr)


@mistake(
    "make_optimizer",
    hints=(
        'Take one step of "adam" with the gradient 1. How long is it?',
        "Do you change lr on the way to the class?",
        "Pass lr as it is, for all five names.",
    ),
)
def lr_of_adaptive_divided(name, params, lr):
    """You divide lr by ten for "adagrad", "rmsprop" and "adam". They often need a smaller lr, but to choose it is up to the
    caller: pass it on as it is."""
    _expect_name(name)
    kinds = {"adagrad": torch.optim.Adagrad, "rmsprop": torch.optim.RMSprop, "adam": torch.optim.Adam}
    if name in kinds:
        return kinds[name](params, lr=lr / 10)
    return torch.optim.SGD(params, lr=lr, momentum=0.9 if name == "momentum" else 0.0)


@mistake(
    "make_optimizer",
    hints=(
        "Count the parameters in your optimizer's groups.",
        "What does `next(iter(params))` give?",
        "Pass all of `params` to the class.",
    ),
)
def first_parameter_only(name, params, lr):
    """Your optimizer gets only the first of the parameters: the others never move."""
    _expect_name(name)
    kinds = {"adagrad": torch.optim.Adagrad, "rmsprop": torch.optim.RMSprop, "adam": torch.optim.Adam}
    first = [next(iter(params))]
    if name in kinds:
        return kinds[name](first, lr=lr)
    return torch.optim.SGD(first, lr=lr, momentum=0.9 if name == "momentum" else 0.0)
