"""Mistakes in log_softmax."""

import torch

from grader.toolkit.mistakes import mistake


@mistake(
    "log_softmax",
    hints=(
        "Exponentiate your result, and add up a row; then add up a column. Which one gives 1?",
        "The rows are the examples. Over what should probabilities add up to 1: over examples, or over classes?",
        "Sum over the classes, dim=1, and not over the examples.",
    ),
)
def softmax_over_the_examples(logits):
    """Your probabilities add up to 1 over the examples, down each column. They should do so over the classes of each example,
    along a row: what one image shows has nothing to do with the others. Look at the dim of your sum."""
    return logits - torch.logsumexp(logits, dim=0, keepdim=True)


@mistake(
    "log_softmax",
    hints=(
        "Compute two rows together, then each one alone. Should the results differ?",
        "How many sums of exponentials does a batch of n examples need?",
        "One sum per row: reduce over dim=1 only, and keep the axis.",
    ),
)
def softmax_over_everything(logits):
    """All your probabilities together add up to 1, as if the whole batch were one example. Each row is to have a sum of its
    own. Look at which axes your sum of exponentials runs over."""
    return logits - torch.logsumexp(logits.flatten(), dim=0)


@mistake(
    "log_softmax",
    hints=(
        "What is math.exp(1000), and what does your function make of a logit of 1000?",
        "Before you exponentiate, which number could you subtract from a row without changing log p?",
        "Write log p as the difference of the formula's right side, and shift the largest logit of each row to 0 first.",
    ),
)
def logarithm_of_a_quotient(logits):
    """You take the logarithm of a quotient of exponentials. The exponentials of large logits are infinite, and infinity by
    infinity is not a number; those of very negative ones are 0, whose logarithm is infinite. Compute the right side of the
    formula instead of the left one, and shift the logits before you exponentiate."""
    exponentials = torch.exp(logits)
    return torch.log(exponentials / exponentials.sum(dim=1, keepdim=True))


@mistake(
    "log_softmax",
    hints=(
        "What is math.exp(1000), and what does your function make of a logit of 1000?",
        "log p stays the same when one number is added to all logits of a row. Which number would help?",
        "Shift the largest logit of each row to 0 before you exponentiate, or leave it to torch.logsumexp.",
    ),
)
def unshifted_exponentials(logits):
    """You use the right formula, but what you exponentiate can be large. Above 88 in float32, and above 709 in float64, the
    exponential is infinite, and so is all that follows. Look at the number that you give to exp: at most 0 is safe."""
    return logits - torch.log(torch.exp(logits).sum(dim=1, keepdim=True))


@mistake(
    "log_softmax",
    hints=(
        "Try the row (0, 2000). What is the probability of the first class as a float, and its logarithm?",
        "You are safe from overflow. Which step loses a number that is too small?",
        "Do not form the probability: subtract the logarithm of the sum from the shifted logit.",
    ),
)
def logarithm_of_zero(logits):
    """You shift the logits, so nothing overflows, but then you take the logarithm of the finished probabilities. A tiny one
    has been rounded to 0 by then, and its logarithm is minus infinity. The formula's right side needs no such logarithm."""
    exponentials = torch.exp(logits - logits.amax(dim=1, keepdim=True))
    return torch.log(exponentials / exponentials.sum(dim=1, keepdim=True))


@mistake(
    "log_softmax",
    hints=(
        "Try the row (0, 20000). By how much is the first log-probability off?",
        "What does the small number that you add in the logarithm do to a probability that is smaller still?",
        "Add nothing: use the difference on the formula's right side, which is finite by itself.",
    ),
)
def epsilon_in_the_logarithm(logits):
    """You add a small number to the probabilities so that their logarithm is finite. It is, but wrong: all small probabilities
    get the same logarithm, and their gradient vanishes. The right side of the formula is finite without such help."""
    exponentials = torch.exp(logits - logits.amax(dim=1, keepdim=True))
    return torch.log(exponentials / exponentials.sum(dim=1, keepdim=True) + 1e-8)


@mistake(
    "log_softmax",
    hints=(
        "Is the difference of two log-probabilities of a row the same as that of the two logits? It should be.",
        "How often do exponential and normalisation come in your function?",
        "Use the logits themselves in the formula, and not their softmax.",
    ),
)
def softmax_twice(logits):
    """You apply softmax twice: what you normalise is already a row of probabilities. These lie between 0 and 1, so even the
    surest answer ends up close to an even one. Look at what you take for z in the formula."""
    exponentials = torch.exp(logits - logits.amax(dim=1, keepdim=True))
    probabilities = exponentials / exponentials.sum(dim=1, keepdim=True)
    return probabilities - torch.logsumexp(probabilities, dim=1, keepdim=True)


@mistake(
    "log_softmax",
    hints=(
        "Are your results positive or negative? Which sign has the logarithm of a number below 1?",
        "You have the probabilities. What else does the name of the function ask for?",
        "Return logarithms; better still, compute them directly, by the formula's right side.",
    ),
)
def probabilities_without_logarithm(logits):
    """You return the probabilities themselves. The function is to return their logarithms, all of them 0 or less. Compare
    your result with the formula's left side."""
    return torch.exp(logits - torch.logsumexp(logits, dim=1, keepdim=True))


@mistake(
    "log_softmax",
    hints=(
        "Which sign has the logarithm of a probability? And yours?",
        "The larger a logit, the larger its log-probability. Is that so in your result?",
        "Swap the two sides of your difference.",
    ),
)
def sign_reversed(logits):
    """You return the *negative* log-probabilities: yours are all 0 or more. The minus sign belongs to the loss and comes
    later. Look at what is subtracted from what."""
    return torch.logsumexp(logits, dim=1, keepdim=True) - logits


@mistake(
    "log_softmax",
    hints=(
        "Add 5 to all logits of a row. Does your result stay the same? It should.",
        "You shift the logits inside the exponential. What must happen outside, so that the shift cancels?",
        "Use the shifted logits in both places of the formula.",
    ),
)
def shift_in_one_place(logits):
    """You shift the logits where you exponentiate them, but not where they stand alone. The two shifts are to cancel; with
    only one of them each row is off by its largest logit. Look at both places where z is in the formula."""
    largest = logits.amax(dim=1, keepdim=True)
    return logits - torch.log(torch.exp(logits - largest).sum(dim=1, keepdim=True))


@mistake(
    "log_softmax",
    hints=(
        "Try two rows of very different size together, such as (10000, 0) and (-10000, 0). What about each alone?",
        "By how much do you shift a row in which all logits are far below the largest of the batch?",
        "Take the largest logit of each row, and not of the whole batch.",
    ),
)
def one_shift_for_all_rows(logits):
    """You shift all rows by the largest logit of the whole batch. In a row that lies far below it, all exponentials become 0,
    and the logarithm of their sum is infinite. Each row needs a shift of its own: look at the dim of your maximum."""
    shifted = logits - logits.max()
    return shifted - torch.log(torch.exp(shifted).sum(dim=1, keepdim=True))


@mistake(
    "log_softmax",
    hints=(
        "Print the shapes of the two tensors that you subtract, for 2 examples of 3 classes.",
        "How does torch line up the shapes (n, K) and (n,)? Which axis of the first meets the n of the second?",
        "Keep the axis that you sum over, with length 1, so that each row meets its own sum.",
    ),
)
def axis_not_kept(logits):
    """You subtract a tensor of shape (n,) from one of shape (n, K). Torch lines up last axes, so that the sum of example i
    meets class i, or nothing fits at all. Look at the shape of your sum after the reduction."""
    return logits - torch.logsumexp(logits, dim=1)


@mistake(
    "log_softmax",
    hints=(
        "Print the logits before and after a call of your function.",
        "Which of your operations write into the tensor that they are given?",
        "Let the shift make a new tensor, instead of subtracting in place.",
    ),
)
def logits_overwritten(logits):
    """Your function changes the logits that it is given: it shifts them in place. The caller still needs them, and autograd
    may refuse. Look for operators such as -= and for methods that end in an underscore."""
    logits -= logits.amax(dim=1, keepdim=True)
    return logits - torch.logsumexp(logits, dim=1, keepdim=True)


@mistake(
    "log_softmax",
    hints=(
        "Print the dtype of your result for logits in float32.",
        "Which operation makes float64 of it?",
        "Return the result in the dtype of the logits; a shift makes float32 exact enough.",
    ),
)
def float64_result(logits):
    """Your result is float64 even where the logits are float32. What comes after it would have to follow, and mixing the two
    often fails. Give back the dtype that you were given; look for what converts it."""
    return (logits - torch.logsumexp(logits, dim=1, keepdim=True)).double()


@mistake(
    "log_softmax",
    hints=(
        "Give your function logits that require a gradient, and print requires_grad of the result.",
        "Where on the way from the logits to the result are there no tensors, or detached ones?",
        "Use torch operations all the way: no numpy, no .item() or .tolist(), no .detach(), no no_grad.",
    ),
)
def cut_off_from_autograd(logits):
    """Your numbers are right, but no gradient can come back through them: the result is cut off from the logits. The loss is
    built on it, and without a gradient nothing learns. Look for numpy, .tolist(), .detach() or torch.tensor."""
    logits = logits.detach()
    return logits - torch.logsumexp(logits, dim=1, keepdim=True)
