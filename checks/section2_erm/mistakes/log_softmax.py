"""Mistakes in log_softmax."""

import torch

from grader.toolkit.mistakes import mistake


@mistake(
    "log_softmax",
    hints=(
        "Take the exponentials of your result. Add up a row, then a column. Which sum is 1?",
        "The rows are the examples. Along which axis should probabilities add up to 1: examples or classes?",
        "Sum over the classes, dim=1, not over the examples.",
    ),
)
def softmax_over_the_examples(logits):
    """Your probabilities add up to 1 over the examples, down each column. They must add up to 1 over the classes of
    each example, along a row: the images are independent of each other. Look at the dim of your sum."""
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
    """All your probabilities together add up to 1, as if the whole batch were one example. Each row needs its own sum.
    Look at the axes of your sum of exponentials."""
    return logits - torch.logsumexp(logits.flatten(), dim=0)


@mistake(
    "log_softmax",
    hints=(
        "What is math.exp(1000), and what does your function return for a logit of 1000?",
        "Before you exponentiate, which number could you subtract from a row without changing log p?",
        "Compute log p as the difference on the formula's right side, and first shift the largest logit of each row to 0.",
    ),
)
def logarithm_of_a_quotient(logits):
    """You take the logarithm of a quotient of exponentials. For large logits this is infinity divided by infinity,
    which is NaN; for very negative logits it is 0, whose logarithm is infinite. Shift the logits first, and compute the
    right side of the formula instead of the left."""
    exponentials = torch.exp(logits)
    return torch.log(exponentials / exponentials.sum(dim=1, keepdim=True))


@mistake(
    "log_softmax",
    hints=(
        "What is math.exp(1000), and what does your function return for a logit of 1000?",
        "log p does not change when you add the same number to all logits of a row. Which number helps?",
        "Shift the largest logit of each row to 0 before you exponentiate, or use torch.logsumexp.",
    ),
)
def unshifted_exponentials(logits):
    """Your formula is right, but the argument of exp can be large. Above 88 in float32, and above 709 in float64, the
    exponential is infinite, and so is the result. Look at the argument of exp: it is safe if it is at most 0."""
    return logits - torch.log(torch.exp(logits).sum(dim=1, keepdim=True))


@mistake(
    "log_softmax",
    hints=(
        "Try the row (0, 2000). What is the probability of the first class as a float, and its logarithm?",
        "Nothing overflows any more. Which step rounds a very small number to 0?",
        "Do not compute the probability: subtract the logarithm of the sum from the shifted logit.",
    ),
)
def logarithm_of_zero(logits):
    """You shift the logits, so nothing overflows, but then you take the logarithm of probabilities. A tiny probability
    is rounded to 0, and its logarithm is minus infinity. The right side of the formula avoids that logarithm."""
    exponentials = torch.exp(logits - logits.amax(dim=1, keepdim=True))
    return torch.log(exponentials / exponentials.sum(dim=1, keepdim=True))


@mistake(
    "log_softmax",
    hints=(
        "Try the row (0, 20000). How large is the error of the first log-probability?",
        "You add a small number in the logarithm. What happens to a probability that is smaller still?",
        "Add nothing: the difference on the formula's right side is always finite.",
    ),
)
def epsilon_in_the_logarithm(logits):
    """You add a small number to the probabilities so that their logarithm is finite. But then all small probabilities
    get the same logarithm, which is wrong, and their gradient vanishes. The right side of the formula is finite without
    it."""
    exponentials = torch.exp(logits - logits.amax(dim=1, keepdim=True))
    return torch.log(exponentials / exponentials.sum(dim=1, keepdim=True) + 1e-8)


@mistake(
    "log_softmax",
    hints=(
        "Is the difference of two log-probabilities of a row equal to the difference of the two logits? It should be.",
        "How many times does your function exponentiate and normalise?",
        "Use the logits themselves in the formula, not their softmax.",
    ),
)
def softmax_twice(logits):
    """You apply softmax twice: you normalise a row that already contains probabilities. These lie between 0 and 1, so
    even a very sure prediction becomes almost uniform. Check your z in the formula."""
    exponentials = torch.exp(logits - logits.amax(dim=1, keepdim=True))
    probabilities = exponentials / exponentials.sum(dim=1, keepdim=True)
    return probabilities - torch.logsumexp(probabilities, dim=1, keepdim=True)


@mistake(
    "log_softmax",
    hints=(
        "Are your results positive or negative? Which sign does the logarithm of a number below 1 have?",
        "You have the probabilities. What else does the function's name ask for?",
        "Return logarithms; better still, compute them directly, by the formula's right side.",
    ),
)
def probabilities_without_logarithm(logits):
    """You return the probabilities themselves. The function must return their logarithms, which are 0 or less. Compare
    your result with the formula's left side."""
    return torch.exp(logits - torch.logsumexp(logits, dim=1, keepdim=True))


@mistake(
    "log_softmax",
    hints=(
        "Which sign does the logarithm of a probability have? And yours?",
        "A larger logit must have a larger log-probability. Is this so in your result?",
        "Swap the two sides of your subtraction.",
    ),
)
def sign_reversed(logits):
    """You return the *negative* log-probabilities: all your entries are 0 or more. The minus sign belongs to the loss
    and comes later. Look at the order of your subtraction."""
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
    """You shift the logits inside the exponential, but not outside. The two shifts must cancel; with only one of them,
    the error of each row is its largest logit. Look at both places of z in the formula."""
    largest = logits.amax(dim=1, keepdim=True)
    return logits - torch.log(torch.exp(logits - largest).sum(dim=1, keepdim=True))


@mistake(
    "log_softmax",
    hints=(
        "Try two very different rows together, such as (10000, 0) and (-10000, 0). Then try each row alone.",
        "All logits of a row are far below the largest of the batch. By how much do you shift this row?",
        "Use the largest logit of each row, not of the whole batch.",
    ),
)
def one_shift_for_all_rows(logits):
    """You shift all rows by the largest logit of the whole batch. In a row with much smaller logits, all exponentials
    become 0, and the logarithm of their sum is infinite. Each row needs its own shift: look at the dim of your
    maximum."""
    shifted = logits - logits.max()
    return shifted - torch.log(torch.exp(shifted).sum(dim=1, keepdim=True))


@mistake(
    "log_softmax",
    hints=(
        "Print the shapes of the two tensors that you subtract, for 2 examples of 3 classes.",
        "How does torch align the shapes (n, K) and (n,)? Which axis of the first is paired with the n of the second?",
        "Keep the summed axis with length 1, so that each row is paired with its own sum.",
    ),
)
def axis_not_kept(logits):
    """You subtract a tensor of shape (n,) from a tensor of shape (n, K). Torch aligns the last axes, so the sum of
    example i is paired with class i, or the shapes do not fit. Look at the shape of your sum after the reduction."""
    return logits - torch.logsumexp(logits, dim=1)


@mistake(
    "log_softmax",
    hints=(
        "Print the logits before and after a call of your function.",
        "Which of your operations write into the argument?",
        "Create a new tensor for the shifted logits; do not subtract in place.",
    ),
)
def logits_overwritten(logits):
    """Your function changes its input: it shifts the logits in place. The caller still needs them, and autograd may
    raise an error. Look for operators such as -= and for methods that end with an underscore."""
    logits -= logits.amax(dim=1, keepdim=True)
    return logits - torch.logsumexp(logits, dim=1, keepdim=True)


@mistake(
    "log_softmax",
    hints=(
        "Print the dtype of your result for float32 logits.",
        "Which operation converts to float64?",
        "Return the result in the dtype of the logits; a shift makes float32 exact enough.",
    ),
)
def float64_result(logits):
    """Your result is float64 even if the logits are float32. Mixing the two dtypes often fails in later code. Return
    the dtype of the logits; look for the operation that changes it."""
    return (logits - torch.logsumexp(logits, dim=1, keepdim=True)).double()


@mistake(
    "log_softmax",
    hints=(
        "Pass logits that require a gradient, and print requires_grad of the result.",
        "Between the logits and the result, where do you leave torch or detach a tensor?",
        "Use torch operations all the way: no numpy, no .item() or .tolist(), no .detach(), no no_grad.",
    ),
)
def cut_off_from_autograd(logits):
    """Your numbers are right, but no gradient can flow back through them: the result is cut off from the logits. The
    loss uses this function, and without a gradient nothing learns. Look for numpy, .tolist(), .detach() or
    torch.tensor."""
    logits = logits.detach()
    return logits - torch.logsumexp(logits, dim=1, keepdim=True)


@mistake(
    "log_softmax",
    hints=(
        "Take the exponentials of your result. Add up a row, then a column. Which sum is 1?",
        "The rows are the examples. Along which axis should probabilities add up to 1: examples or classes?",
        "Sum over the classes, dim=1, and let the largest logit of each row be 0 before you exponentiate.",
    ),
)
def overflowing_over_the_examples(logits):
    """Your probabilities add up to 1 over the examples, down each column. They must add up to 1 over the classes of each example,
    along a row. Besides, large logits give infinite exponentials. Look at the dim of your sum, then at the argument of exp."""
    return logits - torch.log(torch.exp(logits).sum(dim=0, keepdim=True))


@mistake(
    "log_softmax",
    hints=(
        "Take the exponentials of your result. Add up a row, then a column. Which sum is 1?",
        "The rows are the examples. Along which axis should probabilities add up to 1: examples or classes?",
        "Sum over the classes, dim=1, and compute log p as a difference.",
    ),
)
def quotient_over_the_examples(logits):
    """Your probabilities add up to 1 over the examples, down each column. They must add up to 1 over the classes of each example,
    along a row. Besides, the logarithm of a quotient of exponentials fails for large logits. Look at the dim of the sum."""
    exponentials = torch.exp(logits)
    return torch.log(exponentials / exponentials.sum(dim=0, keepdim=True))


@mistake(
    "log_softmax",
    hints=(
        "Print the largest logit of each row, and the number that you subtract from the row.",
        "Which maximum must you subtract from a row: that of the row, or that of the column?",
        "Shift each row by its own largest logit: dim=1.",
    ),
)
def shifted_by_the_columns(logits):
    """You shift each column by its largest logit. Then the numbers that you add to a row differ between its classes, and that
    changes the probabilities. Each row needs one shift of its own: look at the dim of your maximum."""
    shifted = logits - logits.amax(dim=0, keepdim=True)
    return shifted - torch.log(torch.exp(shifted).sum(dim=1, keepdim=True))


@mistake(
    "log_softmax",
    hints=(
        "Take the exponentials of a row of your result. Do they add up to 1?",
        "The probabilities are exp(logit) / sum of exp(logits). What is the logarithm of that denominator?",
        "Take the exponentials before you add them up, and the logarithm afterwards: torch.logsumexp does both.",
    ),
)
def logarithm_of_the_sum_of_logits(logits):
    """You subtract the logarithm of the sum of the logits, without their exponentials. Logits may be negative, so their sum has
    no logarithm then, and the probabilities do not add up to 1. Check the terms of your sum."""
    return logits - logits.sum(dim=1, keepdim=True).log()


@mistake(
    "log_softmax",
    hints=(
        "Take the exponentials of a row of your result. What do they add up to?",
        "For the logits (0, 0), each class has probability 1/2. What do you return?",
        "Subtract the logarithm of the sum of all exponentials of the row, not only its largest logit.",
    ),
)
def only_shifted(logits):
    """You only subtract the largest logit of each row. That shift makes the exponentials safe, but it does not normalise: the
    probabilities do not add up to 1. The logarithm of the sum is still missing: compare with the formula."""
    return logits - logits.amax(dim=1, keepdim=True)


@mistake(
    "log_softmax",
    hints=(
        "Take the exponential of a row of your result and add up. Do you get 1?",
        "Do the classes compete in your function: does one probability fall if another logit grows?",
        "Subtract the logarithm of the sum of the exponentials of the whole row.",
    ),
)
def sigmoid_of_each_logit(logits):
    """You take the logarithm of the sigmoid of each logit by itself. The classes share one probability of 1: each row needs the
    sum of the exponentials of all its logits."""
    return torch.nn.functional.logsigmoid(logits)


@mistake(
    "log_softmax",
    hints=(
        "Take the logits 0 and 100. What is the log-probability of the first class, by hand?",
        "Do you limit the logits before you use them?",
        "Shift each row by its own maximum: then no exponential overflows, and no limit is needed.",
    ),
)
def logits_limited(logits):
    """Your log-probabilities are those of logits that are cut off at -50 and 50. That avoids overflow, but gives wrong numbers
    beyond. Subtract the largest logit of each row before you take exponentials."""
    limited = logits.clamp(-50, 50)
    return limited - torch.logsumexp(limited, dim=1, keepdim=True)


@mistake(
    "log_softmax",
    hints=(
        "Take the exponential of a row of your result and add up. Do you get 1?",
        "Which classes are in your sum of exponentials?",
        "Sum over all classes of the row.",
    ),
)
def last_class_not_in_the_sum(logits):
    """Your sum of exponentials leaves out the last class. Each row must add up to 1 over all classes."""
    return logits - torch.logsumexp(logits[:, :-1], dim=1, keepdim=True)


@mistake(
    "log_softmax",
    hints=(
        "Take the logits 0 and 1. By how much must the two log-probabilities differ?",
        "Is there a temperature in the formula?",
        "Use the logits as they are.",
    ),
)
def logits_divided_by_root_of_classes(logits):
    """You divide the logits by the root of their number first, as attention does. The formula takes the logits as they are."""
    scaled = logits / logits.shape[1] ** 0.5
    return scaled - torch.logsumexp(scaled, dim=1, keepdim=True)


@mistake(
    "log_softmax",
    hints=(
        "Add 5 to all logits of a row. Does your result stay the same? It should.",
        "You subtract the largest logit outside the sum. What must then happen inside, so that the shift cancels?",
        "Use the shifted logits in both places of the formula, or subtract torch.logsumexp of the logits from the logits alone.",
    ),
)
def shift_outside_only(logits):
    """You subtract the largest logit of the row, but take the logarithm of the sum over the unshifted logits. Then each row is
    too low by its largest logit. The two shifts must cancel: look at both places of z in the formula."""
    return logits - logits.amax(dim=1, keepdim=True) - torch.logsumexp(logits, dim=1, keepdim=True)


@mistake(
    "log_softmax",
    hints=(
        "Take the exponentials of a row of your result. Do they add up to 1?",
        "Which number must you subtract from the logits (0, 0)? Their mean is 0.",
        "Subtract the logarithm of the sum of the exponentials of the row.",
    ),
)
def only_centred(logits):
    """You subtract the mean of each row. Then the logits add up to 0, but the probabilities do not add up to 1. The formula
    subtracts the logarithm of the sum of the exponentials."""
    return logits - logits.mean(dim=1, keepdim=True)


@mistake(
    "log_softmax",
    hints=(
        "What is the result for the logits (0, 0)? By hand it is log(1/2), about -0.69.",
        "Which function stands in front of the sum in the formula?",
        "Subtract the logarithm of the sum, not the sum.",
    ),
)
def sum_without_logarithm(logits):
    """You subtract the sum of the exponentials itself. The formula subtracts its logarithm."""
    return logits - torch.exp(logits).sum(dim=1, keepdim=True)


@mistake(
    "log_softmax",
    hints=(
        "What is the logarithm of an exponential? Then which sum do you compute?",
        "Is the sum of logarithms the logarithm of the sum?",
        "Add up the exponentials of the row first, and take the logarithm of that sum.",
    ),
)
def sum_of_logarithms(logits):
    """You take the logarithm of each exponential, and add up afterwards: that is the sum of the logits. The formula takes the
    logarithm of the sum. Look at the order of the two steps."""
    shifted = logits - logits.amax(dim=1, keepdim=True)
    return shifted - shifted.sum(dim=1, keepdim=True)


@mistake(
    "log_softmax",
    hints=(
        "Take the exponentials of a row of your result. Do they add up to 1?",
        "What does `log1p` add to its argument?",
        "Take the plain logarithm of the sum.",
    ),
)
def one_more_in_the_sum(logits):
    """You add 1 to the sum of the exponentials, as `log1p` does, after a shift of the largest logit to 0. That is the weight of
    one more class. The probabilities of the classes must add up to 1."""
    shifted = logits - logits.amax(dim=1, keepdim=True)
    return shifted - torch.log1p(torch.exp(shifted).sum(dim=1, keepdim=True))


@mistake(
    "log_softmax",
    hints=(
        "How many different numbers has a row of your result?",
        "Where is z_k itself in your formula?",
        "Subtract the logarithm of the sum from each logit.",
    ),
)
def normaliser_only(logits):
    """You return the logarithm of the sum of the exponentials: one number per row. Each class needs its own logit minus that
    number."""
    return torch.logsumexp(logits, dim=1, keepdim=True)


@mistake(
    "log_softmax",
    hints=(
        "Take the logits (0, 0). Which terms has your sum for the first class?",
        "Does the class k itself belong to the sum over j?",
        "Sum over all classes of the row, also the class itself: one sum for the whole row.",
    ),
)
def others_only_in_the_sum(logits):
    """For each class, your sum of exponentials leaves out that class: you compute the log-odds against the others. In the
    formula, the sum runs over all classes."""
    itself = torch.eye(logits.shape[1], dtype=torch.bool)
    return logits - torch.logsumexp(logits[:, None].masked_fill(itself, -torch.inf), dim=2)


@mistake(
    "log_softmax",
    hints=(
        "Add up a row of the gradient of one entry. It should be 0.",
        "Which part of your result is cut off from the logits?",
        "Leave the logarithm of the sum in the graph. Only the shift itself may be detached.",
    ),
)
def normaliser_cut_off(logits):
    """The numbers are right, but the logarithm of the sum is cut off from the logits, so its part of the gradient is missing.
    Then training only raises the logit of the right class and lowers no other. Look for `.detach()` or `no_grad` around the
    sum."""
    return logits - torch.logsumexp(logits.detach(), dim=1, keepdim=True)


@mistake(
    "log_softmax",
    hints=(
        "Try the row (0, 40). How large is the error of the first log-probability?",
        "You add a tiny number in the logarithm. What happens to a probability that is smaller still?",
        "Add nothing: the difference on the formula's right side is always finite.",
    ),
)
def tiny_number_in_the_logarithm(logits):
    """You add 1e-12 to the probabilities so that their logarithm is finite. But then no log-probability is below -27.6, and its
    gradient vanishes. The right side of the formula is finite without it."""
    return torch.log(torch.exp(logits - torch.logsumexp(logits, dim=1, keepdim=True)) + 1e-12)


@mistake(
    "log_softmax",
    hints=(
        "Take the exponentials of your result. Add up a row. Is the sum 1?",
        "Which logarithm undoes `exp`?",
        "Use the natural logarithm of the sum.",
    ),
)
def binary_logarithm_of_the_sum(logits):
    """You take the logarithm of the sum to base 2. The exponentials have base e, and only the natural logarithm undoes them: your
    probabilities do not add up to 1. Check which logarithm you call."""
    shifted = logits - logits.amax(1, keepdim=True)
    return shifted - shifted.exp().sum(1, keepdim=True).log2()
