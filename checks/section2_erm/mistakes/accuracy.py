"""Mistakes in accuracy."""

from grader.toolkit.mistakes import mistake


@mistake(
    "accuracy",
    hints=(
        "How many predictions do you get for 2 examples of 3 classes? Print their shape.",
        "A prediction belongs to an example, so which axis should disappear?",
        "Take the argmax over the classes, dim=1.",
    ),
)
def argmax_over_the_examples(logits, targets):
    """Your argmax goes down the columns: it finds for each class the example with the largest logit. What is wanted is the class
    with the largest logit for each example. Look at the dim of your argmax."""
    return float((logits.argmax(dim=0) == targets).double().mean())


@mistake(
    "accuracy",
    hints=(
        "How many predictions do you get for 2 examples of 3 classes?",
        "Without a dim, what does argmax count through?",
        "Tell argmax to work along the classes, dim=1.",
    ),
)
def argmax_over_everything(logits, targets):
    """Your argmax looks at the whole table at once, and gives one place in it for all examples together. Each row is to have a
    prediction of its own. Look at the arguments of your argmax."""
    return float((logits.argmax() == targets).double().mean())


@mistake(
    "accuracy",
    hints=(
        "What does your function return for four examples, three of them right? It should be 0.75.",
        "You have counted. What makes a fraction of a count?",
        "Divide by the number of examples.",
    ),
)
def count_instead_of_fraction(logits, targets):
    """You return how many examples are right. The accuracy is which *fraction* of them is, from 0 to 1, so that one can compare
    data sets of different size. Look at your last step."""
    return float((logits.argmax(dim=1) == targets).sum())


@mistake(
    "accuracy",
    hints=(
        "What does your function return for four examples, three of them right? It should be 0.75.",
        "You have counted. What makes a fraction of a count?",
        "Divide by the number of examples; that also makes a float of it.",
    ),
)
def whole_count(logits, targets):
    """You return a count, a whole number: how many examples are right. The accuracy is which *fraction* of them is, a float from
    0 to 1, so that one can compare data sets of different size. Look at your last step."""
    return int((logits.argmax(dim=1) == targets).sum())


@mistake(
    "accuracy",
    hints=(
        "What does your function return for four examples, three of them right? It should be 0.75.",
        "On which scale does the docstring want the result?",
        "Leave out the factor of 100.",
    ),
)
def percentage(logits, targets):
    """You return a percentage, up to 100. The accuracy is a fraction from 0 to 1; how it is shown is for others to choose. Look
    for the factor of 100."""
    return 100 * float((logits.argmax(dim=1) == targets).double().mean())


@mistake(
    "accuracy",
    hints=(
        "What does your function return when all examples are right? It should be 1.",
        "Do you count what is right, or what is wrong?",
        "Compare for equality.",
    ),
)
def error_rate(logits, targets):
    """You return the fraction of *wrong* answers, which is 0 where all are right. The accuracy is the other part, 1 minus that.
    Look at your comparison."""
    return float((logits.argmax(dim=1) != targets).double().mean())


@mistake(
    "accuracy",
    hints=(
        "Print the type of what you return.",
        "The mean of a tensor is a tensor. What does the docstring promise?",
        "Make a Python float of it; .item() does that.",
    ),
)
def tensor_not_float(logits, targets):
    """You return a 0-d tensor. The value may well be right, but the docstring promises a Python float. Look at the type of your
    mean."""
    return (logits.argmax(dim=1) == targets).float().mean()


@mistake(
    "accuracy",
    hints=(
        "What does your function return for four examples, three of them right? It should be 0.75.",
        "Which of Python's two divisions do you use?",
        "Divide with a single slash.",
    ),
)
def whole_division(logits, targets):
    """Your result is 1 where all examples are right, and 0 otherwise, however many of them are. Either the fraction is dropped,
    by a whole-number division or a conversion, or you ask one question of all examples at once. Look at how many are right
    in your example, and where that number gets lost."""
    return float((logits.argmax(dim=1) == targets).sum() // len(targets))


@mistake(
    "accuracy",
    hints=(
        "Copy each example once more. Does your result change? It should not.",
        "Which of the two lengths of the logits is n?",
        "Divide by the number of rows, and not by that of the columns.",
    ),
)
def count_over_classes(logits, targets):
    """You divide the count by K, the number of classes, in the place of n, the number of examples. Look at which axis of the
    logits you take the length of."""
    return float((logits.argmax(dim=1) == targets).sum()) / logits.shape[1]


@mistake(
    "accuracy",
    hints=(
        "Print what you compare with the targets. Are these numbers of classes?",
        "max gives two things for each row: how large, and where. Which one is the prediction?",
        "Compare the places of the largest logits, which argmax gives, with the targets.",
    ),
)
def values_instead_of_places(logits, targets):
    """You compare the largest logits themselves with the targets. The prediction is not how large the largest logit is, but in
    which column it stands. Look at what your maximum returns."""
    return float((logits.amax(dim=1) == targets).double().mean())


@mistake(
    "accuracy",
    hints=(
        "What does your function say of the logits (1000, 1001)?",
        "exp(1000) is infinite, and so is exp(1001). Which of the two is larger?",
        "The largest logit belongs to the largest probability: no exponential is needed to find it.",
    ),
)
def exponentials_compared(logits, targets):
    """Your prediction is wrong where logits are large, as if their exponentials were compared: these are infinite there, and
    equal. Probabilities have the order of the logits, so that the logits themselves will do."""
    return float((logits.exp().argmax(dim=1) == targets).double().mean())
