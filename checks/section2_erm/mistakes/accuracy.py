"""Mistakes in accuracy."""

from grader.toolkit.mistakes import mistake


@mistake(
    "accuracy",
    hints=(
        "How many predictions do you get for 2 examples of 3 classes? Print their shape.",
        "There is one prediction per example. Which axis should disappear?",
        "Take the argmax over the classes, dim=1.",
    ),
)
def argmax_over_the_examples(logits, targets):
    """Your argmax runs over the examples: it finds, for each class, the example with the largest logit. You need the
    class with the largest logit of each example. Look at the dim of your argmax."""
    return float((logits.argmax(dim=0) == targets).double().mean())


@mistake(
    "accuracy",
    hints=(
        "How many predictions do you get for 2 examples of 3 classes?",
        "Without a dim, which entries does argmax compare?",
        "Tell argmax to work along the classes, dim=1.",
    ),
)
def argmax_over_everything(logits, targets):
    """Your argmax runs over the whole table and gives a single position for all examples together. Each row needs its
    own prediction. Look at the arguments of your argmax."""
    return float((logits.argmax() == targets).double().mean())


@mistake(
    "accuracy",
    hints=(
        "What does your function return for four examples, three of them right? It should be 0.75.",
        "You have a count. How do you get a fraction from it?",
        "Divide by the number of examples.",
    ),
)
def count_instead_of_fraction(logits, targets):
    """You return the number of examples that are right. The accuracy is the *fraction* of right examples, from 0 to 1,
    so that data sets of different sizes can be compared. Look at your last step."""
    return float((logits.argmax(dim=1) == targets).sum())


@mistake(
    "accuracy",
    hints=(
        "What does your function return for four examples, three of them right? It should be 0.75.",
        "You have a count. How do you get a fraction from it?",
        "Divide by the number of examples; the result is also a float.",
    ),
)
def whole_count(logits, targets):
    """You return a whole number: the count of examples that are right. The accuracy is the *fraction* of right
    examples, a float from 0 to 1, so that data sets of different sizes can be compared. Look at your last step."""
    return int((logits.argmax(dim=1) == targets).sum())


@mistake(
    "accuracy",
    hints=(
        "What does your function return for four examples, three of them right? It should be 0.75.",
        "On which scale does the docstring want the result?",
        "Remove the factor of 100.",
    ),
)
def percentage(logits, targets):
    """You return a percentage, up to 100. The accuracy is a fraction from 0 to 1. Look for the factor of 100."""
    return 100 * float((logits.argmax(dim=1) == targets).double().mean())


@mistake(
    "accuracy",
    hints=(
        "What does your function return when all examples are right? It should be 1.",
        "Do you count the right or the wrong predictions?",
        "Compare for equality.",
    ),
)
def error_rate(logits, targets):
    """You return the fraction of *wrong* predictions, which is 0 when all are right. The accuracy is 1 minus that
    fraction. Look at your comparison."""
    return float((logits.argmax(dim=1) != targets).double().mean())


@mistake(
    "accuracy",
    hints=(
        "Print the type of your result.",
        "The mean of a tensor is a tensor. What does the docstring promise?",
        "Convert it to a Python float, for example with .item().",
    ),
)
def tensor_not_float(logits, targets):
    """You return a 0-d tensor. The value may be right, but the docstring promises a Python float. Look at the type of
    your mean."""
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
    """Your result is 1 if all examples are right, and 0 otherwise. Either an integer division or a conversion drops the
    fraction, or you test all examples at once. Look at the number of right examples in your example, and at the line
    that loses it."""
    return float((logits.argmax(dim=1) == targets).sum() // len(targets))


@mistake(
    "accuracy",
    hints=(
        "Duplicate each example. Does your result change? It should not.",
        "Which of the two lengths of the logits is n?",
        "Divide by the number of rows, not by the number of columns.",
    ),
)
def count_over_classes(logits, targets):
    """You divide the count by K, the number of classes, instead of n, the number of examples. Look at which axis of the
    logits you measure."""
    return float((logits.argmax(dim=1) == targets).sum()) / logits.shape[1]


@mistake(
    "accuracy",
    hints=(
        "Print the values that you compare with the targets. Are they class numbers?",
        "max returns two results for each row: the value and the index. Which one is the prediction?",
        "Compare the indices of the largest logits, which argmax returns, with the targets.",
    ),
)
def values_instead_of_places(logits, targets):
    """You compare the largest logits themselves with the targets. The prediction is the column of the largest logit,
    not its value. Look at the result of your maximum."""
    return float((logits.amax(dim=1) == targets).double().mean())


@mistake(
    "accuracy",
    hints=(
        "What does your function predict for the logits (1000, 1001)?",
        "exp(1000) is infinite, and so is exp(1001). Which of the two is larger?",
        "The largest logit has the largest probability: you need no exponential to find it.",
    ),
)
def exponentials_compared(logits, targets):
    """Your prediction is wrong for large logits, as if you compare their exponentials: these are infinite there, and
    therefore equal. Probabilities have the same order as the logits, so compare the logits themselves."""
    return float((logits.exp().argmax(dim=1) == targets).double().mean())


@mistake(
    "accuracy",
    hints=(
        "How many predictions do you get for 2 examples of 3 classes? Print their shape.",
        "There is one prediction per example. Which axis should disappear?",
        "Take the argmax over the classes, dim=1.",
    ),
)
def argmax_over_the_examples_and_counted(logits, targets):
    """Your argmax runs over the examples: it finds, for each class, the example with the largest logit. You need the class with
    the largest logit of each example. Look at the dim of your argmax."""
    return float((logits.argmax(dim=0) == targets).sum()) / len(targets)


@mistake(
    "accuracy",
    hints=(
        "All predictions are class 9, and all targets are class 1. What does your function return?",
        "Is class 3 nearer to class 2 than class 7 is? Classes are only names.",
        "Count the predictions that equal their target, and divide by the number of examples.",
    ),
)
def distance_of_classes(logits, targets):
    """You measure how far the predicted class number is from the target's, and subtract the mean from 1. Classes are names: a 3
    for a 2 is as wrong as a 9 for a 2. Count how many predictions equal their target."""
    return float(1 - (logits.argmax(dim=1) - targets).abs().double().mean())


@mistake(
    "accuracy",
    hints=(
        "Take the probabilities 0.4, 0.3, 0.3. Which class has the largest logit?",
        "With many classes, must the best one have more than a half?",
        "Compare the place of the largest logit with the target.",
    ),
)
def right_above_a_half(logits, targets):
    """You count an example as right only if its target has a probability above 1/2. With three or more classes the largest
    probability may be lower: compare the place of the largest logit with the target."""
    return float((logits.double().softmax(1).gather(1, targets[:, None]) > 0.5).double().mean())


@mistake(
    "accuracy",
    hints=(
        "Take an example whose target has the second largest logit. Do you count it as right?",
        "How many classes does your function predict for each example?",
        "Compare the target with the place of the largest logit alone.",
    ),
)
def second_best_counts(logits, targets):
    """You also count an example as right if its target has the second largest logit. The prediction is one class: the one with
    the largest logit."""
    best = logits.topk(min(2, logits.shape[1]), dim=1).indices
    return float((best == targets[:, None]).any(dim=1).double().mean())


@mistake(
    "accuracy",
    hints=(
        "Take the logits 1, 2, 3 and the target 0. Do you count the example as right?",
        "May several logits of one example be positive? Then which class is predicted?",
        "Compare the place of the largest logit with the target.",
    ),
)
def positive_logit_of_the_target(logits, targets):
    """You count an example as right if the logit of its target is above 0. Only the largest logit of a row decides: another
    class may have a larger one, and all may be negative."""
    return float((logits.gather(1, targets[:, None]) > 0).double().mean())


@mistake(
    "accuracy",
    hints=(
        "Two examples are predicted right, with probabilities of 0.6 and 0.9. What is the accuracy?",
        "Does it matter for the accuracy how sure a right prediction is?",
        "Count the examples whose largest logit is that of the target.",
    ),
)
def mean_probability(logits, targets):
    """You return the mean probability of the targets. The accuracy counts right predictions: how sure they are does not
    matter."""
    return float(logits.double().softmax(1).gather(1, targets[:, None]).mean())


@mistake(
    "accuracy",
    hints=(
        "Take three examples of class 0, all right, and one of class 1, which is wrong. What is the accuracy?",
        "Does each example count as much as any other in yours?",
        "Take one mean over all examples.",
    ),
)
def mean_over_the_classes(logits, targets):
    """You compute the accuracy of each class, and take their mean. Then examples of a rare class count more than others. The
    accuracy is the fraction of all examples that are right."""
    right = (logits.argmax(dim=1) == targets).double()
    classes = targets.unique()
    return float(sum(right[targets == k].mean() for k in classes) / len(classes))


@mistake(
    "accuracy",
    hints=(
        "Take the logits -5, 1, 2. Which class does your function predict?",
        "Is a very negative logit a sign of a likely class?",
        "Take the argmax of the logits as they are.",
    ),
)
def largest_absolute_logit(logits, targets):
    """You predict the class whose logit is farthest from 0. A very negative logit means an unlikely class: take the largest
    logit, with its sign."""
    return float((logits.abs().argmax(dim=1) == targets).double().mean())


@mistake(
    "accuracy",
    hints=(
        "Change all targets. Does your result change?",
        "Does it matter for the accuracy how sure a prediction is?",
        "Count the examples whose largest logit is that of the target.",
    ),
)
def mean_of_the_largest_probability(logits, targets):
    """You return the mean of the largest probabilities, for any targets: how sure the model is, not how often it is right."""
    return float(logits.double().softmax(1).amax(dim=1).mean())


@mistake(
    "accuracy",
    hints=(
        "The logits of a row are 3, 1, 2. Which number has the predicted class?",
        "Do the targets count from 0 or from 1? And argmax?",
        "Compare argmax with the target as it is.",
    ),
)
def classes_counted_from_one(logits, targets):
    """You add 1 to the predicted class before you compare it with the target. Both count from 0."""
    return float((logits.argmax(dim=1) + 1 == targets).double().mean())


@mistake(
    "accuracy",
    hints=(
        "All of four examples are right. What do you return?",
        "By which number do you divide: n, or one less?",
        "Divide by the number of examples.",
    ),
)
def divided_by_one_less(logits, targets):
    """You divide the number of right examples by n - 1. With all examples right, that is more than 1. The accuracy is a share of
    all n examples."""
    return float((logits.argmax(dim=1) == targets).double().sum() / max(len(targets) - 1, 1))


@mistake(
    "accuracy",
    hints=(
        "Exchange the targets of two examples. Does your result change? It should.",
        "Does prediction i still stand beside target i when you compare?",
        "Compare row by row, without sorting.",
    ),
)
def sorted_before_compared(logits, targets):
    """You sort predictions and targets before you compare them, so each prediction meets the target of another example. Compare
    prediction i with target i."""
    return float((logits.argmax(dim=1).sort().values == targets.sort().values).double().mean())


@mistake(
    "accuracy",
    hints=(
        "Take an example whose target has the third largest logit. Do you count it as right?",
        "How many classes does your function predict for each example?",
        "Compare the target with the place of the largest logit alone.",
    ),
)
def third_best_counts(logits, targets):
    """You also count an example as right if its target has the second or third largest logit. The prediction is one class: the
    one with the largest logit."""
    best = logits.topk(min(3, logits.shape[1]), dim=1).indices
    return float((best == targets[:, None]).any(dim=1).double().mean())


@mistake(
    "accuracy",
    hints=(
        "Give two examples, the first right and the second wrong. What do you return?",
        "Does your loop end in its first round, or do you index with [0]?",
        "Count over all rows.",
    ),
)
def first_example_only(logits, targets):
    """Your result depends on the first example alone: it is 1 if that one is right, and 0 if not. Count over all examples."""
    return float(logits[0].argmax() == targets[0])
