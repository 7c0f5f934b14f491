"""Section 7, wrong on purpose."""

import itertools
import math

import torch

from grader.toolkit.mistakes import mistake


def _expect_lr(lr):
    if not lr >= 0:
        raise ValueError("lr must be at least 0")


def _expect_eps(eps):
    if not eps >= 0:
        raise ValueError("eps must be at least 0")


def _expect_share(name, share):
    if not 0 <= share < 1:
        raise ValueError(f"{name} must be in [0, 1)")


def _expect_rmsprop(lr, alpha, eps):
    _expect_lr(lr)
    _expect_share("alpha", alpha)
    _expect_eps(eps)


def _expect_adam(step, lr, beta1, beta2, eps):
    if not step >= 1:
        raise ValueError("step counts from 1")
    _expect_lr(lr)
    _expect_share("beta1", beta1)
    _expect_share("beta2", beta2)
    _expect_eps(eps)


def _finite(*losses):
    return all(map(math.isfinite, losses))


def _adagrad(params, grads, square_sums, lr, eps):
    """The right step, without checks of the arguments."""
    with torch.no_grad():
        for w, g, s in zip(params, grads, square_sums, strict=True):
            s.add_(g**2)
            w.sub_(lr * g / (s.sqrt() + eps))


def _rmsprop(params, grads, square_averages, lr, alpha, eps):
    """The right step, without checks of the arguments."""
    with torch.no_grad():
        for w, g, s in zip(params, grads, square_averages, strict=True):
            s.mul_(alpha).add_((1 - alpha) * g**2)
            w.sub_(lr * g / (s.sqrt() + eps))


def _moments(g, m, v, beta1, beta2):
    """The right lines for both moments."""
    m.mul_(beta1).add_((1 - beta1) * g)
    v.mul_(beta2).add_((1 - beta2) * g**2)


def _adam(params, grads, first_moments, second_moments, step, lr, beta1, beta2, eps):
    """The right step, without checks of the arguments."""
    with torch.no_grad():
        for w, g, m, v in zip(params, grads, first_moments, second_moments, strict=True):
            _moments(g, m, v, beta1, beta2)
            w.sub_(lr * m / (1 - beta1**step) / ((v / (1 - beta2**step)).sqrt() + eps))


# -- bold_driver


@mistake(
    "bold_driver",
    hints=(
        "The loss went from 2 to 1. Would you drive faster now, or brake?",
        "In which order do the two losses come in, and which of them is the newer one?",
        "Grow when the new loss is below the previous one, and shrink otherwise. In yours it is the other way round.",
    ),
)
def reversed_comparison(lr, previous_loss, loss, grow=1.05, shrink=0.5):
    """Your driver brakes after a success and speeds up after a failure: the comparison is the wrong way round. From a
    learning rate that is too high it never recovers. Look at which of the two losses came first."""
    _expect_lr(lr)
    fell = _finite(previous_loss, loss) and loss < previous_loss
    return lr * (shrink if fell else grow)


@mistake(
    "bold_driver",
    hints=(
        "The loss stayed exactly the same. Was that step a success?",
        "Read the line of the formula that says when to shrink: which case belongs to it that you count elsewhere?",
        "Grow only if the new loss is strictly below the previous one.",
    ),
)
def equal_loss_grows(lr, previous_loss, loss, grow=1.05, shrink=0.5):
    """You grow the learning rate when the loss stayed the same. A step that gained nothing is no success, and may be
    the sign of a rate that jumps from wall to wall. Look at how your comparison treats equality."""
    _expect_lr(lr)
    fell = _finite(previous_loss, loss) and loss <= previous_loss
    return lr * (grow if fell else shrink)


@mistake(
    "bold_driver",
    hints=(
        "The loss fell in its last digit. Was that step a success?",
        "Do you compare the two losses as they are, or allow for a difference that does not count?",
        "Grow if the new loss is below the previous one, by however little.",
    ),
)
def small_fall_shrinks(lr, previous_loss, loss, grow=1.05, shrink=0.5):
    """You take a loss that fell by very little for one that did not fall. Near the minimum every fall is small, and there your
    learning rate would shrink after each good step. Look at how your comparison treats two losses that are close."""
    _expect_lr(lr)
    fell = _finite(previous_loss, loss) and loss < previous_loss and not math.isclose(loss, previous_loss)
    return lr * (grow if fell else shrink)


@mistake(
    "bold_driver",
    hints=(
        "The loss stayed exactly the same. Which of the two factors do you apply?",
        "There are two outcomes here, not three.",
        "Whatever is not a strictly smaller loss shrinks the rate, so an equal loss belongs there, too.",
    ),
)
def equal_loss_keeps(lr, previous_loss, loss, grow=1.05, shrink=0.5):
    """You leave the learning rate alone when the loss stayed the same. The bold driver knows two cases only: the loss
    fell, or it did not. Look at which of them an equal loss belongs to."""
    _expect_lr(lr)
    if _finite(previous_loss, loss) and loss == previous_loss:
        return lr
    fell = _finite(previous_loss, loss) and loss < previous_loss
    return lr * (grow if fell else shrink)


@mistake(
    "bold_driver",
    hints=(
        "What do you return when the loss is NaN? And what when it stayed the same?",
        "A chain of two questions lets through whatever answers no to both. What does NaN answer?",
        "Ask one question only: did the loss fall to a finite value? Everything else shrinks.",
    ),
)
def keeps_when_in_doubt(lr, previous_loss, loss, grow=1.05, shrink=0.5):
    """You leave the learning rate alone when the loss neither fell nor rose, which is so for an equal loss and also for
    NaN. A run that has blown up then goes on with the rate that blew it up. Everything that is not a fall must
    shrink."""
    _expect_lr(lr)
    if loss < previous_loss:
        return lr * grow
    if loss > previous_loss:
        return lr * shrink
    return lr


@mistake(
    "bold_driver",
    hints=(
        "What is `math.nan >= 1.0` in Python? And `math.nan < 1.0`?",
        "You ask whether the loss rose, and grow otherwise. Into which branch does NaN fall?",
        "Ask whether the loss fell, and is finite; shrink in every other case.",
    ),
)
def nan_grows(lr, previous_loss, loss, grow=1.05, shrink=0.5):
    """A loss of NaN makes your driver go faster. NaN answers no to every comparison, so it lands in the branch that is
    left over, and yours is the one that grows. Let that branch be the careful one, and mind infinities as well."""
    _expect_lr(lr)
    return lr * (shrink if loss >= previous_loss else grow)


@mistake(
    "bold_driver",
    hints=(
        "What do you return for a loss of minus infinity? Has training gone well there?",
        "A comparison alone cannot tell a low loss from one that has run off the scale.",
        "Grow only if the loss fell and is a finite number.",
    ),
)
def minus_infinity_grows(lr, previous_loss, loss, grow=1.05, shrink=0.5):
    """You count a loss of minus infinity as a success. It is below every number, but no loss of a run in good health:
    something has overflowed. Any loss that is not finite must shrink the rate, whatever the comparison says."""
    _expect_lr(lr)
    return lr * (grow if loss < previous_loss else shrink)


@mistake(
    "bold_driver",
    hints=(
        "Call it with grow = 1.5. What changes?",
        "The numbers 1.05 and 0.5 are defaults. Where may they stand in your code?",
        "Use the arguments `grow` and `shrink` in the body, not the numbers.",
    ),
)
def factors_ignored(lr, previous_loss, loss, grow=1.05, shrink=0.5):
    """Your factors are fixed: you always use 1.05 and 0.5, whatever the caller passes. These are only the defaults of
    two arguments. Look at where the arguments are used in your code."""
    _expect_lr(lr)
    fell = _finite(previous_loss, loss) and loss < previous_loss
    return lr * (1.05 if fell else 0.5)


@mistake(
    "bold_driver",
    hints=(
        "The loss rose, and shrink is 0.5. Is your new rate smaller than the old one?",
        "Dividing by a number below 1 makes what smaller, or larger?",
        "Multiply by `shrink`: it is a factor below 1.",
    ),
)
def divides_by_shrink(lr, previous_loss, loss, grow=1.05, shrink=0.5):
    """After a failure you divide by `shrink`. It is a factor below 1, so dividing by it speeds up where you mean to
    brake. Compare the formula with yours."""
    _expect_lr(lr)
    fell = _finite(previous_loss, loss) and loss < previous_loss
    return lr * grow if fell else lr / shrink


@mistake(
    "bold_driver",
    hints=(
        "After a success, a rate of 1 should become 1.05. What does yours become?",
        "Is `grow` the new rate as a multiple of the old, or what is added to it?",
        "Multiply by `grow` itself, without adding 1.",
    ),
)
def grow_as_increment(lr, previous_loss, loss, grow=1.05, shrink=0.5):
    """After a success you multiply by 1 + grow, as if `grow` were an interest rate. It is the factor itself: 1.05 means
    five per cent faster, and yours more than doubles the rate. Look at what the formula multiplies by."""
    _expect_lr(lr)
    fell = _finite(previous_loss, loss) and loss < previous_loss
    return lr * (1 + grow if fell else shrink)


@mistake(
    "bold_driver",
    hints=(
        "The loss went from -1 to -2. Did it fall? What does your code say?",
        "A ratio of two negative numbers: when is it below 1?",
        "Compare the two losses with each other directly, without dividing.",
    ),
)
def ratio_of_losses(lr, previous_loss, loss, grow=1.05, shrink=0.5):
    """You judge by the ratio of the two losses. That goes wrong as soon as a loss is negative, and divides by zero when
    one is 0. A loss can be any number: ask directly whether the new one is below the previous."""
    _expect_lr(lr)
    fell = _finite(previous_loss, loss) and loss / previous_loss < 1
    return lr * (grow if fell else shrink)


@mistake(
    "bold_driver",
    slug="negative_lr_accepted",
    hints=(
        "What do you return for lr = -0.1?",
        "Which values of lr must be refused, according to the docstring?",
        "Raise a ValueError that names `lr` if it is below 0.",
    ),
)
def bold_driver_in_reverse(lr, previous_loss, loss, grow=1.05, shrink=0.5):
    """You accept a negative learning rate. It would turn every step uphill, and no factor ever makes it positive again.
    See in the docstring which values must be refused, and how."""
    fell = _finite(previous_loss, loss) and loss < previous_loss
    return lr * (grow if fell else shrink)


# -- inverse_time_decay


@mistake(
    "inverse_time_decay",
    hints=(
        "What should the learning rate of the very first step be? What is yours?",
        "From which number are the steps counted here?",
        "Use `step` as it is, without adding 1.",
    ),
)
def counts_from_one(lr0, step, decay):
    """Your schedule is one step ahead: already the first step has a smaller rate than lr0. Steps are counted from 0
    here, so nothing has to be added to `step`. Check what your formula gives for step 0."""
    return lr0 / (1 + decay * (step + 1))


@mistake(
    "inverse_time_decay",
    hints=(
        "What happens at step 0?",
        "What is the 1 in the formula good for?",
        "Add 1 to decay times step before you divide.",
    ),
)
def one_forgotten(lr0, step, decay):
    """You divide by decay * step alone: the 1 in the denominator is missing. At step 0 that divides by zero, and the
    rate of later steps depends on nothing but their number. Check what the formula gives for step 0."""
    return lr0 / (decay * step)


@mistake(
    "inverse_time_decay",
    hints=(
        "Compute step 3 with decay 1 and lr0 = 0.8 by hand. What does your code give?",
        "Which does Python do first: divide, or add?",
        "Put brackets around the whole denominator.",
    ),
)
def brackets_forgotten(lr0, step, decay):
    """You divide lr0 by 1 and then add decay * step, so your rate grows with every step. Python divides before it adds.
    Look at what belongs to the denominator."""
    return lr0 / 1 + decay * step


@mistake(
    "inverse_time_decay",
    hints=(
        "After 1 / decay steps the rate should have halved. What is left of yours?",
        "There are several schedules in use. What is this one called, and what yours?",
        "Divide by a number that grows steadily; no exponential is needed.",
    ),
)
def exponential_decay(lr0, step, decay):
    """Your rate decays exponentially. That is another schedule: it falls so fast that all steps together cover only a
    finite distance, while here they add up to infinity. Compare your formula with that of the exercise."""
    return lr0 * math.exp(-decay * step)


@mistake(
    "inverse_time_decay",
    hints=(
        "Compute step 2 with decay 1 and lr0 = 0.9 by hand. What does your code give?",
        "By what do you divide at step 1, 2, 3? Do these numbers grow steadily, or faster and faster?",
        "Multiply decay by step, instead of raising something to the power of step.",
    ),
)
def compound_decay(lr0, step, decay):
    """You divide by 1 + decay once more in every step, as with compound interest. That decays exponentially, and so far
    too fast. The denominator should grow by the same amount in each step: look at where `step` enters."""
    return lr0 / (1 + decay) ** step


@mistake(
    "inverse_time_decay",
    hints=(
        "After 1 / decay steps the rate should have halved. What is left of yours?",
        "Can a learning rate become negative? Can yours?",
        "Divide by 1 plus decay times step, instead of multiplying by 1 minus it.",
    ),
)
def linear_decay(lr0, step, decay):
    """Your rate falls along a straight line: after 1 / decay steps it is zero, and then negative. Inverse time decay
    never gets there, since it divides. Compare your formula with that of the exercise."""
    return lr0 * (1 - decay * step)


@mistake(
    "inverse_time_decay",
    hints=(
        "After 1 / decay steps the rate should have halved. What is left of yours?",
        "Which power of the denominator stands in the formula?",
        "Leave out the square root.",
    ),
)
def root_of_time(lr0, step, decay):
    """You divide by the square root of 1 + decay * step. Such a schedule exists, and it is how Adagrad's rate falls
    under a constant gradient; but here the rate must halve after 1 / decay steps. Compare the denominators."""
    return lr0 / math.sqrt(1 + decay * step)


@mistake(
    "inverse_time_decay",
    hints=(
        "Plot the rate over the first 20 steps for decay = 0.1. Where does yours change?",
        "Some libraries offer this schedule with stairs. Are they asked for here?",
        "Use decay * step as it is, without rounding it.",
    ),
)
def stairs(lr0, step, decay):
    """Your rate falls in stairs: decay * step is rounded down to a whole number. Here it falls a little in each step.
    Look for an integer division, or a conversion to int, in your denominator."""
    return lr0 / (1 + math.floor(decay * step))


# -- classify_learning_rate


@mistake(
    "classify_learning_rate",
    hints=(
        "Multiply all losses by 1000. Does your verdict change?",
        "A drop by 0.1 is much for a loss of 0.2, and nothing for a loss of 40.",
        "Divide the drop by the absolute value of the first loss before you compare.",
    ),
)
def absolute_drop(losses, min_drop=0.1):
    """You compare the drop itself with `min_drop`, and so your verdict depends on the unit of the loss. What is asked
    for is the drop as a share of the first loss. Look at what the formula divides by."""
    if not _finite(*losses) or losses[-1] >= losses[0]:
        return "too high"
    return "too low" if losses[0] - losses[-1] < min_drop else "good"


@mistake(
    "classify_learning_rate",
    hints=(
        "The loss falls from -1 to -2. Is that a drop? What does your code say?",
        "What sign does a fraction have if its denominator is negative?",
        "Divide by the absolute value of the first loss.",
    ),
)
def signed_denominator(losses, min_drop=0.1):
    """You divide by the first loss with its sign. If it is negative, every real drop comes out negative, and is called
    too small. Look at the bars in the denominator of the formula."""
    if not _finite(*losses) or losses[-1] >= losses[0]:
        return "too high"
    return "too low" if (losses[0] - losses[-1]) / losses[0] < min_drop else "good"


@mistake(
    "classify_learning_rate",
    hints=(
        "The loss falls from 2 to 1. By how many per cent did it fall?",
        "Relative to what is a drop measured: to where it began, or to where it ended?",
        "Divide by the first loss, not by the last.",
    ),
)
def relative_to_the_last(losses, min_drop=0.1):
    """You measure the drop relative to the last loss. A fall from 2 to 1 is one by half, not one by the whole, and a
    last loss of 0 divides by zero. Look at which loss the formula divides by."""
    if not _finite(*losses) or losses[-1] >= losses[0]:
        return "too high"
    return "too low" if (losses[0] - losses[-1]) / abs(losses[-1]) < min_drop else "good"


@mistake(
    "classify_learning_rate",
    hints=(
        "The last loss equals the first. Which verdict does the docstring ask for?",
        'Does "not below" include "equal"?',
        "Call it too high unless the last loss is strictly below the first.",
    ),
)
def equal_is_too_low(losses, min_drop=0.1):
    """You call the rate too low when the last loss equals the first. By the rule, a loss that is not below its start
    means too high, and equal is not below. Look at how your comparison treats equality."""
    if not _finite(*losses) or losses[-1] > losses[0]:
        return "too high"
    return "too low" if losses[0] - losses[-1] < min_drop * abs(losses[0]) else "good"


@mistake(
    "classify_learning_rate",
    hints=(
        "The loss falls from 1 to 0.9999. Which verdict does the docstring ask for?",
        "How near must two losses be for your code to call them equal?",
        "Compare with `<` alone: a last loss that is below the first by anything at all has fallen.",
    ),
)
def nearly_equal_is_too_high(losses, min_drop=0.1):
    """You call the rate too high when the last loss is below the first, but hardly. That is the mark of a rate that is too
    low: the loss falls, and takes for ever. Look at how near two losses must be to count as equal in your code."""
    if not _finite(*losses) or losses[-1] >= losses[0] or math.isclose(losses[0], losses[-1], rel_tol=1e-3):
        return "too high"
    return "too low" if losses[0] - losses[-1] < min_drop * abs(losses[0]) else "good"


@mistake(
    "classify_learning_rate",
    hints=(
        "The loss was NaN for one step, and recovered. Which verdict does the docstring ask for?",
        "How many of the losses do you look at?",
        "Test every loss of the curve for being finite, not only the ends.",
    ),
)
def middle_not_looked_at(losses, min_drop=0.1):
    """You look only at the ends of the curve, and miss a loss in between that is not finite. Once a run has overflowed
    it was lucky to come back: the rate was too high. Let your test go over all losses."""
    if not _finite(losses[0], losses[-1]) or losses[-1] >= losses[0]:
        return "too high"
    return "too low" if losses[0] - losses[-1] < min_drop * abs(losses[0]) else "good"


@mistake(
    "classify_learning_rate",
    hints=(
        "What is your verdict on the losses 2, NaN? And what is `math.nan >= 2` in Python?",
        "NaN answers no to every comparison. Into which of your branches does it fall?",
        "Before anything else, ask whether all losses are finite.",
    ),
)
def finiteness_not_checked(losses, min_drop=0.1):
    """You never ask whether the losses are finite. NaN answers no to every comparison, so a run that has blown up
    passes all your tests and is called good. Ask that question first, and of every loss."""
    if losses[-1] >= losses[0]:
        return "too high"
    return "too low" if losses[0] - losses[-1] < min_drop * abs(losses[0]) else "good"


@mistake(
    "classify_learning_rate",
    hints=(
        "What is your verdict on a curve that starts at infinity, or goes through it?",
        "There are three floats that are not finite. How many of them do you look for?",
        "Ask of each loss whether it is finite; that covers NaN and both infinities.",
    ),
)
def infinity_passes(losses, min_drop=0.1):
    """You find a NaN, but let an infinite loss pass. It, too, says that the run has overflowed, also if the loss comes
    back afterwards. Look at which question you ask of each loss."""
    if any(math.isnan(loss) for loss in losses) or losses[-1] >= losses[0]:
        return "too high"
    return "too low" if losses[0] - losses[-1] < min_drop * abs(losses[0]) else "good"


@mistake(
    "classify_learning_rate",
    hints=(
        "The losses are 2, 5, 1. Which verdict does the docstring ask for?",
        "A loss may go up for a while, and that is no bad sign. Which two losses count?",
        "Compare the last loss with the first, and leave those in between alone as long as they are finite.",
    ),
)
def any_rise_is_too_high(losses, min_drop=0.1):
    """You call the rate too high as soon as the loss rises from one step to the next. A good run may go up now and
    then. Only the first and the last loss count, as long as all of them are finite."""
    rises = any(new > old for old, new in itertools.pairwise(losses))
    if not _finite(*losses) or rises or losses[-1] >= losses[0]:
        return "too high"
    return "too low" if losses[0] - losses[-1] < min_drop * abs(losses[0]) else "good"


@mistake(
    "classify_learning_rate",
    hints=(
        "The losses are 2, 0.5, 3. Where did this run end?",
        "Which loss do you compare with the first: the last one, or the smallest?",
        "Use the last loss.",
    ),
)
def smallest_for_last(losses, min_drop=0.1):
    """You look at the smallest loss where the last one counts. How low a run was at some time says nothing of where it
    ends. Look at which of the losses you compare with the first."""
    if not _finite(*losses) or min(losses) >= losses[0]:
        return "too high"
    return "too low" if losses[0] - min(losses) < min_drop * abs(losses[0]) else "good"


@mistake(
    "classify_learning_rate",
    hints=(
        "Print your list of losses before and after the call. Is it the same?",
        "Which methods of a list change it: those that sort, those that take an entry out?",
        "Read the first and the last entry by their index, and leave the list as it is.",
    ),
)
def losses_changed(losses, min_drop=0.1):
    """Your verdicts are right, but the caller's list of losses is another one afterwards: entries are gone, or stand
    elsewhere. Whoever plots the curve next draws something else. Look at what your function does to the list."""
    if not _finite(*losses) or losses[-1] >= losses[0]:
        return "too high"
    last = losses.pop()
    return "too low" if losses[0] - last < min_drop * abs(losses[0]) else "good"


@mistake(
    "classify_learning_rate",
    hints=(
        "What is your verdict on losses that rise?",
        "A rise is a negative drop. Is that below `min_drop`?",
        "Ask about too high first, and about too low only if the loss has fallen.",
    ),
)
def too_low_asked_first(losses, min_drop=0.1):
    """You ask first whether the drop is small, and call every rising curve too low: a rise is a negative drop. The
    order of the questions matters. Compare it with that in the docstring."""
    if losses[0] - losses[-1] < min_drop * abs(losses[0]):
        return "too low"
    return "good" if _finite(*losses) else "too high"


@mistake(
    "classify_learning_rate",
    hints=(
        "Call it with min_drop = 0.5. What changes?",
        "0.1 is a default. Where may it stand in your code?",
        "Use the argument `min_drop` in the body, not the number.",
    ),
)
def min_drop_ignored(losses, min_drop=0.1):
    """Your expected drop is fixed at 0.1, whatever the caller passes. That is only the default: how much may be
    expected depends on the number of steps. Look at where the argument is used in your code."""
    if not _finite(*losses) or losses[-1] >= losses[0]:
        return "too high"
    return "too low" if losses[0] - losses[-1] < 0.1 * abs(losses[0]) else "good"


@mistake(
    "classify_learning_rate",
    hints=(
        "The loss falls by 75 per cent. Which verdict do you give?",
        "Too low a rate means that the loss hardly moves. Is that a small drop or a large one?",
        "Turn the last comparison round.",
    ),
)
def verdicts_swapped(losses, min_drop=0.1):
    """You call a large drop too low and a small one good: the last comparison is the wrong way round. A rate is too low
    when the loss hardly moves. Try your function on the examples of the docstring."""
    if not _finite(*losses) or losses[-1] >= losses[0]:
        return "too high"
    return "good" if losses[0] - losses[-1] < min_drop * abs(losses[0]) else "too low"


# -- adagrad_step


@mistake(
    "adagrad_step",
    hints=(
        "Take s = 9, g = 4 and eps = 1, and compute the denominator by hand. What does your code get?",
        "To which of the two is eps added: to the sum of squares, or to its root?",
        "Take the root first, then add eps.",
    ),
)
def eps_inside_root(params, grads, square_sums, lr, eps=1e-10):
    """Your eps stands under the root. Some texts write it so, but then it has the unit of a squared gradient, and
    weighs far more while the sums are small. Here it is added to the root. Look at what you take the root of."""
    _expect_lr(lr)
    _expect_eps(eps)
    with torch.no_grad():
        for w, g, s in zip(params, grads, square_sums, strict=True):
            s.add_(g**2)
            w.sub_(lr * g / (s + eps).sqrt())


@mistake(
    "adagrad_step",
    hints=(
        "Multiply the loss by 1000. Do your steps stay the same?",
        "A gradient divided by which power of a gradient has no unit?",
        "Divide by the root of the sum of squares.",
    ),
)
def root_forgotten(params, grads, square_sums, lr, eps=1e-10):
    """You divide by the sum of squares itself, without the root. Then the steps depend on the scale of the loss, and
    shrink like one over the number of steps. Look at the denominator of the formula."""
    _expect_lr(lr)
    _expect_eps(eps)
    with torch.no_grad():
        for w, g, s in zip(params, grads, square_sums, strict=True):
            s.add_(g**2)
            w.sub_(lr * g / (s + eps))


@mistake(
    "adagrad_step",
    hints=(
        "How far does your very first step go, from a sum of zero?",
        "Which sum does the second formula use, the one before the first formula or after it?",
        "Add the new square first, then move the weights.",
    ),
)
def old_sum_used(params, grads, square_sums, lr, eps=1e-10):
    """Your weights move before the new square is added. In the first step the sum is still zero, so you divide by eps
    alone, and the weights are thrown far away. The order of the two lines matters."""
    _expect_lr(lr)
    _expect_eps(eps)
    with torch.no_grad():
        for w, g, s in zip(params, grads, square_sums, strict=True):
            w.sub_(lr * g / (s.sqrt() + eps))
            s.add_(g**2)


@mistake(
    "adagrad_step",
    hints=(
        "Take two steps with the same gradient. Is the second shorter than the first?",
        "What is in your sum after two steps: two squares, or one?",
        "Add the new square to the old sum, instead of putting it in its place.",
    ),
)
def squares_not_accumulated(params, grads, square_sums, lr, eps=1e-10):
    """Your sum holds only the newest square: the old ones are thrown away. Every step then has the same length,
    whatever came before, and the rate never falls. Look at what happens to the old sum."""
    _expect_lr(lr)
    _expect_eps(eps)
    with torch.no_grad():
        for w, g, s in zip(params, grads, square_sums, strict=True):
            s.copy_(g**2)
            w.sub_(lr * g / (s.sqrt() + eps))


@mistake(
    "adagrad_step",
    hints=(
        "What is in your sum after a gradient of -3?",
        "Can a sum of squares fall, or be negative? Can yours?",
        "Square each entry of the gradient before you add it.",
    ),
)
def not_squared(params, grads, square_sums, lr, eps=1e-10):
    """You add the gradient itself, not its square. Gradients of opposite sign cancel, and the root of a negative sum is
    not a number. The sum should say how large the gradients were, whatever their sign."""
    _expect_lr(lr)
    _expect_eps(eps)
    with torch.no_grad():
        for w, g, s in zip(params, grads, square_sums, strict=True):
            s.add_(g)
            w.sub_(lr * g / (s.sqrt() + eps))


@mistake(
    "adagrad_step",
    hints=(
        "Print the caller's sums before and after a step. Did they change?",
        "An assignment, to a name or into a list, brings in a new tensor; the one that was handed over stays as it was.",
        "Write the new sum into the tensor that you were given, with an operation that ends in an underscore.",
    ),
)
def sum_rebound(params, grads, square_sums, lr, eps=1e-10):
    """Your new sum is a new tensor: the weights move by it, but the tensor that you were given keeps the old one.
    Whoever goes on from that tensor has the old sum again, and nothing adds up. See which of your operations change a
    tensor, and which make a new one."""
    _expect_lr(lr)
    _expect_eps(eps)
    with torch.no_grad():
        for w, g, s in zip(params, grads, square_sums, strict=True):
            s = s + g**2
            w.sub_(lr * g / (s.sqrt() + eps))


@mistake(
    "adagrad_step",
    hints=(
        "Print the state after one step with g = 4, from zero. Is it 16?",
        "An operation that ends in an underscore changes the tensor itself. Do you want the state to hold the root?",
        "Take the root into a new tensor, and leave the sum of squares as it is.",
    ),
)
def root_kept_in_state(params, grads, square_sums, lr, eps=1e-10):
    """Your state holds the root of the sum after the step, since you take the root in place. The next step adds a
    square to a root. The state must stay a sum of squares: look at where the result of the root goes."""
    _expect_lr(lr)
    _expect_eps(eps)
    with torch.no_grad():
        for w, g, s in zip(params, grads, square_sums, strict=True):
            s.add_(g**2).sqrt_()
            w.sub_(lr * g / (s + eps))


@mistake(
    "adagrad_step",
    hints=(
        "Give it a tensor with two weights, whose gradients are 1 and 100. Which sums do you get?",
        "For how many weights is one learning rate meant here?",
        "Square element by element, and add up over steps only, not over the weights of a tensor.",
    ),
)
def one_sum_per_tensor(params, grads, square_sums, lr, eps=1e-10):
    """All weights of a tensor share one sum in your code: the squares are added up over the tensor. Then one weight
    with large gradients slows down all its neighbours. Adagrad keeps a sum for each weight: look for a sum or norm over
    the gradient."""
    _expect_lr(lr)
    _expect_eps(eps)
    with torch.no_grad():
        for w, g, s in zip(params, grads, square_sums, strict=True):
            s.add_((g**2).sum())
            w.sub_(lr * g / (s.sqrt() + eps))


@mistake(
    "adagrad_step",
    slug="ascent",
    hints=(
        "Take w = 1 on the bowl w^2, from a sum of zero. Where is your weight after one step?",
        "A gradient points uphill. Which way should the weights go?",
        "Subtract the step from the weights.",
    ),
)
def adagrad_ascent(params, grads, square_sums, lr, eps=1e-10):
    """Your weights climb: the step is added to them. A gradient points uphill, and dividing it by a positive number
    does not turn it round. Look at the sign in the second formula."""
    _expect_lr(lr)
    _expect_eps(eps)
    _adagrad(params, grads, square_sums, -lr, eps)


@mistake(
    "adagrad_step",
    slug="nothing_in_place",
    hints=(
        "Print the caller's weights and sums before and after a step. Did anything change?",
        "An assignment, to a name or into a list, brings in a new tensor; the one that was handed over stays as it was.",
        "Write both results into the given tensors, with operations that end in an underscore.",
    ),
)
def adagrad_out_of_place(params, grads, square_sums, lr, eps=1e-10):
    """The tensors that you were given hold the same weights and sums after your step as before. A step works in place,
    so the new values must end up in the tensors that were handed over, not in new ones."""
    _expect_lr(lr)
    _expect_eps(eps)


@mistake(
    "adagrad_step",
    slug="changes_gradients",
    hints=(
        "Print the gradients before and after a step.",
        "An operation that ends in an underscore changes the tensor before the dot. Which one is that in yours?",
        "Compute the step in a tensor of its own.",
    ),
)
def adagrad_in_gradients(params, grads, square_sums, lr, eps=1e-10):
    """Your step is right, but it is built up in the gradient's own tensor: afterwards the gradients hold the steps. The
    caller may still need them, to log their size or for a second optimizer. Look at which tensor you write into."""
    _expect_lr(lr)
    _expect_eps(eps)
    with torch.no_grad():
        for w, g, s in zip(params, grads, square_sums, strict=True):
            s.add_(g**2)
            w.sub_(g.mul_(lr).div_(s.sqrt() + eps))


@mistake(
    "adagrad_step",
    slug="flattened_copies",
    hints=(
        "Try it on `torch.ones(3, 2).T`. Does that hold new numbers after the step?",
        "Does `reshape(-1)` give a view of the same numbers, or a copy? For a transposed matrix, look it up.",
        "The rule works element by element, in any shape. There is nothing to flatten.",
    ),
)
def adagrad_of_flat_copies(params, grads, square_sums, lr, eps=1e-10):
    """On a transposed tensor your step is lost: it changes a copy. Whether flattening, `contiguous` or the like gives a view
    or a copy depends on how the numbers lie in memory. Write into the caller's tensors themselves, in the shape they have."""
    _expect_lr(lr)
    _expect_eps(eps)
    with torch.no_grad():
        for tensors in zip(params, grads, square_sums, strict=True):
            w, g, s = (tensor.detach().reshape(-1) for tensor in tensors)
            s.add_(g**2)
            w.sub_(lr * g / (s.sqrt() + eps))


@mistake(
    "adagrad_step",
    slug="tracked_by_autograd",
    hints=(
        "Try it on a parameter of a real network, or on `torch.ones(1, requires_grad=True)`.",
        "Autograd refuses what it could not follow: to change a leaf in place, or to hand its numbers to numpy.",
        "Make the update inside a block in which autograd records nothing.",
    ),
)
def adagrad_with_autograd(params, grads, square_sums, lr, eps=1e-10):
    """Your update fails on parameters that require grad, as those of a network always do: autograd would have to follow
    it, and refuses. An update is not part of what is differentiated: nothing of it should be recorded."""
    _expect_lr(lr)
    _expect_eps(eps)
    for w, g, s in zip(params, grads, square_sums, strict=True):
        s.add_(g**2)
        w.sub_(lr * g / (s.sqrt() + eps))


@mistake(
    "adagrad_step",
    hints=(
        "Which eps does your function use when the caller gives none?",
        "The three rules of this section do not have the same default.",
        "Take the default of the signature that you were handed out: 1e-10.",
    ),
)
def eps_of_the_others(params, grads, square_sums, lr, eps=1e-8):
    """Your eps is 1e-8 when the caller gives none. That is the default of RMSprop and Adam; Adagrad's is smaller, and a
    gradient as tiny as that shows the difference. Compare your signature with the one that was handed out."""
    _expect_lr(lr)
    _expect_eps(eps)
    _adagrad(params, grads, square_sums, lr, eps)


@mistake(
    "adagrad_step",
    slug="negative_lr_accepted",
    hints=(
        "What does a step with lr = -0.1 do?",
        "Which values must be refused, according to the docstring?",
        "Before anything is changed, raise a ValueError that names `lr` if it is below 0.",
    ),
)
def adagrad_with_negative_lr(params, grads, square_sums, lr, eps=1e-10):
    """You accept a negative learning rate. It turns every step uphill, and a slip in a schedule would go unnoticed. See
    in the docstring which values must be refused, and how."""
    _expect_eps(eps)
    _adagrad(params, grads, square_sums, lr, eps)


@mistake(
    "adagrad_step",
    slug="negative_eps_accepted",
    hints=(
        "What does a negative eps do to the denominator of a small gradient?",
        "Which values must be refused, according to the docstring?",
        "Before anything is changed, raise a ValueError that names `eps` if it is below 0.",
    ),
)
def adagrad_with_negative_eps(params, grads, square_sums, lr, eps=1e-10):
    """You accept a negative eps. It is there against division by zero, and a negative one brings the denominator nearer
    to zero, or below. See in the docstring which values must be refused, and how."""
    _expect_lr(lr)
    _adagrad(params, grads, square_sums, lr, eps)


@mistake(
    "adagrad_step",
    slug="nothing_refused",
    hints=(
        "What does a step with lr = -0.1 do, and what one with a negative eps?",
        "Which values must be refused, according to the docstring?",
        "Before anything is changed, check each of them, and raise a ValueError that names the one that is wrong.",
    ),
)
def adagrad_unchecked(params, grads, square_sums, lr, eps=1e-10):
    """You refuse nothing: a negative lr and a negative eps get through. They turn steps uphill or into something that
    is no number, and the caller is not told. See in the docstring what must be raised, and when."""
    _adagrad(params, grads, square_sums, lr, eps)


# -- rmsprop_step


@mistake(
    "rmsprop_step",
    slug="eps_inside_root",
    hints=(
        "Take an average of 9 and eps = 1, and compute the denominator by hand. What does your code get?",
        "To which of the two is eps added: to the average of squares, or to its root?",
        "Take the root first, then add eps.",
    ),
)
def rmsprop_eps_inside_root(params, grads, square_averages, lr, alpha=0.99, eps=1e-8):
    """Your eps stands under the root. Some texts write it so, but then it has the unit of a squared gradient, and
    weighs far more while the averages are small. Here, as in PyTorch, it is added to the root. Look at what you take
    the root of."""
    _expect_rmsprop(lr, alpha, eps)
    with torch.no_grad():
        for w, g, s in zip(params, grads, square_averages, strict=True):
            s.mul_(alpha).add_((1 - alpha) * g**2)
            w.sub_(lr * g / (s + eps).sqrt())


@mistake(
    "rmsprop_step",
    slug="root_forgotten",
    hints=(
        "Multiply the loss by 1000. Do your steps stay the same?",
        "What does the R in RMSprop stand for?",
        "Divide by the root of the average.",
    ),
)
def rmsprop_without_root(params, grads, square_averages, lr, alpha=0.99, eps=1e-8):
    """You divide by the mean square itself, without the root. Then the steps depend on the scale of the loss: the
    larger the gradients, the shorter they are. Look at the denominator of the formula."""
    _expect_rmsprop(lr, alpha, eps)
    with torch.no_grad():
        for w, g, s in zip(params, grads, square_averages, strict=True):
            s.mul_(alpha).add_((1 - alpha) * g**2)
            w.sub_(lr * g / (s + eps))


@mistake(
    "rmsprop_step",
    hints=(
        "How far does your very first step go, from an average of zero?",
        "Which average does the second formula use, the one before the first formula or after it?",
        "Take the new square into the average first, then move the weights.",
    ),
)
def old_average_used(params, grads, square_averages, lr, alpha=0.99, eps=1e-8):
    """Your weights move before the new square enters the average. In the first step it is still zero, so you divide by
    eps alone, and the weights are thrown far away. The order of the two lines matters."""
    _expect_rmsprop(lr, alpha, eps)
    with torch.no_grad():
        for w, g, s in zip(params, grads, square_averages, strict=True):
            w.sub_(lr * g / (s.sqrt() + eps))
            s.mul_(alpha).add_((1 - alpha) * g**2)


@mistake(
    "rmsprop_step",
    slug="shares_swapped",
    hints=(
        "With alpha = 0.99, how much of the old average is left after one step of yours?",
        "About 1 / (1 - alpha) steps count as recent. How many do in yours?",
        "alpha belongs to the old average, and 1 - alpha to the new square.",
    ),
)
def rmsprop_shares_swapped(params, grads, square_averages, lr, alpha=0.99, eps=1e-8):
    """alpha and 1 - alpha stand in each other's place: you keep 1 - alpha of the old average. With 0.99 it forgets
    nearly everything in each step. Look at which of the two belongs to the old average."""
    _expect_rmsprop(lr, alpha, eps)
    _rmsprop(params, grads, square_averages, lr, 1 - alpha, eps)


@mistake(
    "rmsprop_step",
    slug="squares_not_accumulated",
    hints=(
        "What would alpha = 0.99 and alpha = 0 do differently in your code?",
        "What is in your average after two steps: two squares, or one?",
        "Keep the share alpha of the old average, and add the rest of the new square to it.",
    ),
)
def rmsprop_without_memory(params, grads, square_averages, lr, alpha=0.99, eps=1e-8):
    """Your average is the newest square alone: the old ones are thrown away, whatever alpha is. Every step then has
    nearly the length lr, however large the gradient is for this weight. Look at what happens to the old average."""
    _expect_rmsprop(lr, alpha, eps)
    _rmsprop(params, grads, square_averages, lr, 0.0, eps)


@mistake(
    "rmsprop_step",
    hints=(
        "Push a hundred times with the same gradient. Do your steps get shorter and shorter?",
        "Is your state a sum or an average? What does alpha do in it?",
        "Let the old average fade by alpha, and give the new square the weight 1 - alpha.",
    ),
)
def sum_as_in_adagrad(params, grads, square_averages, lr, alpha=0.99, eps=1e-8):
    """Your state is a plain sum of squares, as in Adagrad, and alpha has no influence. A single large gradient then
    slows its weight down for ever, which is what RMSprop was made against. Compare the first formula with yours."""
    _expect_rmsprop(lr, alpha, eps)
    _adagrad(params, grads, square_averages, lr, eps)


@mistake(
    "rmsprop_step",
    hints=(
        "Push many times with a gradient of 1. Where does your state settle?",
        "The weights in an average add up to 1. Do yours?",
        "Give the new square the weight 1 - alpha.",
    ),
)
def whole_square_added(params, grads, square_averages, lr, alpha=0.99, eps=1e-8):
    """You add the whole new square to the faded state, as heavy ball does with gradients. That is no average: it grows
    up to 1 / (1 - alpha) times the square, and the steps become that much too short. Look at what the new square is
    multiplied by."""
    _expect_rmsprop(lr, alpha, eps)
    with torch.no_grad():
        for w, g, s in zip(params, grads, square_averages, strict=True):
            s.mul_(alpha).add_(g**2)
            w.sub_(lr * g / (s.sqrt() + eps))


@mistake(
    "rmsprop_step",
    slug="not_squared",
    hints=(
        "What is in your average after a gradient of -3?",
        "What does the S in RMSprop stand for?",
        "Square each entry of the gradient before it enters the average.",
    ),
)
def rmsprop_not_squared(params, grads, square_averages, lr, alpha=0.99, eps=1e-8):
    """You average the gradients themselves, not their squares. Gradients of opposite sign cancel, and the root of a
    negative average is not a number. The average should say how large the gradients were, whatever their sign."""
    _expect_rmsprop(lr, alpha, eps)
    with torch.no_grad():
        for w, g, s in zip(params, grads, square_averages, strict=True):
            s.mul_(alpha).add_((1 - alpha) * g)
            w.sub_(lr * g / (s.sqrt() + eps))


@mistake(
    "rmsprop_step",
    hints=(
        "Keep the tensor `s = square_averages[0]` before a step, and print it afterwards. Did it change?",
        "An assignment, to a name or into a list, brings in a new tensor; the one that was handed over stays as it was.",
        "Write the new average into the tensor that you were given, with operations that end in an underscore.",
    ),
)
def average_rebound(params, grads, square_averages, lr, alpha=0.99, eps=1e-8):
    """Your new average is a new tensor: the weights move by it, but the tensor that you were given keeps the old one.
    Whoever goes on from that tensor has the old average again, and nothing is remembered. See which of your operations change a
    tensor, and which make a new one."""
    _expect_rmsprop(lr, alpha, eps)
    with torch.no_grad():
        for w, g, s in zip(params, grads, square_averages, strict=True):
            s = alpha * s + (1 - alpha) * g**2
            w.sub_(lr * g / (s.sqrt() + eps))


@mistake(
    "rmsprop_step",
    slug="root_kept_in_state",
    hints=(
        "Print the state after one step, and compute it by hand. Is yours its root?",
        "An operation that ends in an underscore changes the tensor itself. Do you want the state to hold the root?",
        "Take the root into a new tensor, and leave the average of squares as it is.",
    ),
)
def rmsprop_keeps_root(params, grads, square_averages, lr, alpha=0.99, eps=1e-8):
    """Your state holds the root of the average after the step, since you take the root in place. The next step averages
    a root with a square. The state must stay an average of squares: look at where the result of the root goes."""
    _expect_rmsprop(lr, alpha, eps)
    with torch.no_grad():
        for w, g, s in zip(params, grads, square_averages, strict=True):
            s.mul_(alpha).add_((1 - alpha) * g**2).sqrt_()
            w.sub_(lr * g / (s + eps))


@mistake(
    "rmsprop_step",
    hints=(
        "Give it a tensor with two weights, whose gradients are 1 and 100. Which averages do you get?",
        "The M in RMSprop is a mean over something. Over the weights of a tensor, or over steps?",
        "Square element by element, and average over steps only.",
    ),
)
def mean_over_the_tensor(params, grads, square_averages, lr, alpha=0.99, eps=1e-8):
    """All weights of a tensor share one average in your code: you take the mean of the squares over the tensor. The
    mean in the name is one over steps, for each weight on its own. Look for a mean over the gradient."""
    _expect_rmsprop(lr, alpha, eps)
    with torch.no_grad():
        for w, g, s in zip(params, grads, square_averages, strict=True):
            s.mul_(alpha).add_((1 - alpha) * (g**2).mean())
            w.sub_(lr * g / (s.sqrt() + eps))


@mistake(
    "rmsprop_step",
    slug="ascent",
    hints=(
        "Take w = 1 on the bowl w^2, from an average of zero. Where is your weight after one step?",
        "A gradient points uphill. Which way should the weights go?",
        "Subtract the step from the weights.",
    ),
)
def rmsprop_ascent(params, grads, square_averages, lr, alpha=0.99, eps=1e-8):
    """Your weights climb: the step is added to them. A gradient points uphill, and dividing it by a positive number
    does not turn it round. Look at the sign in the second formula."""
    _expect_rmsprop(lr, alpha, eps)
    _rmsprop(params, grads, square_averages, -lr, alpha, eps)


@mistake(
    "rmsprop_step",
    slug="nothing_in_place",
    hints=(
        "Print the caller's weights and averages before and after a step. Did anything change?",
        "An assignment, to a name or into a list, brings in a new tensor; the one that was handed over stays as it was.",
        "Write all new values into the given tensors, with operations that end in an underscore.",
    ),
)
def rmsprop_out_of_place(params, grads, square_averages, lr, alpha=0.99, eps=1e-8):
    """The tensors that you were given hold the same weights and averages after your step as before. A step works in
    place, so the new values must end up in the tensors that were handed over, not in new ones."""
    _expect_rmsprop(lr, alpha, eps)


@mistake(
    "rmsprop_step",
    slug="changes_gradients",
    hints=(
        "Print the gradients before and after a step.",
        "An operation that ends in an underscore changes the tensor before the dot. Which one is that in yours?",
        "Compute the step in a tensor of its own.",
    ),
)
def rmsprop_in_gradients(params, grads, square_averages, lr, alpha=0.99, eps=1e-8):
    """Your step is right, but it is built up in the gradient's own tensor: afterwards the gradients hold the steps. The
    caller may still need them, to log their size or for a second optimizer. Look at which tensor you write into."""
    _expect_rmsprop(lr, alpha, eps)
    with torch.no_grad():
        for w, g, s in zip(params, grads, square_averages, strict=True):
            s.mul_(alpha).add_((1 - alpha) * g**2)
            w.sub_(g.mul_(lr).div_(s.sqrt() + eps))


@mistake(
    "rmsprop_step",
    slug="flattened_copies",
    hints=(
        "Try it on `torch.ones(3, 2).T`. Does that hold new numbers after the step?",
        "Does `reshape(-1)` give a view of the same numbers, or a copy? For a transposed matrix, look it up.",
        "The rule works element by element, in any shape. There is nothing to flatten.",
    ),
)
def rmsprop_of_flat_copies(params, grads, square_averages, lr, alpha=0.99, eps=1e-8):
    """On a transposed tensor your step is lost: it changes a copy. Whether flattening, `contiguous` or the like gives a view
    or a copy depends on how the numbers lie in memory. Write into the caller's tensors themselves, in the shape they have."""
    _expect_rmsprop(lr, alpha, eps)
    with torch.no_grad():
        for tensors in zip(params, grads, square_averages, strict=True):
            w, g, s = (tensor.detach().reshape(-1) for tensor in tensors)
            s.mul_(alpha).add_((1 - alpha) * g**2)
            w.sub_(lr * g / (s.sqrt() + eps))


@mistake(
    "rmsprop_step",
    slug="tracked_by_autograd",
    hints=(
        "Try it on a parameter of a real network, or on `torch.ones(1, requires_grad=True)`.",
        "Autograd refuses what it could not follow: to change a leaf in place, or to hand its numbers to numpy.",
        "Make the update inside a block in which autograd records nothing.",
    ),
)
def rmsprop_with_autograd(params, grads, square_averages, lr, alpha=0.99, eps=1e-8):
    """Your update fails on parameters that require grad, as those of a network always do: autograd would have to follow
    it, and refuses. An update is not part of what is differentiated: nothing of it should be recorded."""
    _expect_rmsprop(lr, alpha, eps)
    for w, g, s in zip(params, grads, square_averages, strict=True):
        s.mul_(alpha).add_((1 - alpha) * g**2)
        w.sub_(lr * g / (s.sqrt() + eps))


@mistake(
    "rmsprop_step",
    hints=(
        "Which alpha does your function use when the caller gives none?",
        "The lecture in which RMSprop was presented took 0.9. Which one is asked for here?",
        "Take the default of the signature that you were handed out: 0.99.",
    ),
)
def alpha_of_the_lecture(params, grads, square_averages, lr, alpha=0.9, eps=1e-8):
    """Your alpha is 0.9 when the caller gives none. Hinton's lecture and some libraries take that value; here, as in
    PyTorch, it is 0.99, so that ten times as many steps count as recent. Compare your signature with the one that was
    handed out."""
    _expect_rmsprop(lr, alpha, eps)
    _rmsprop(params, grads, square_averages, lr, alpha, eps)


@mistake(
    "rmsprop_step",
    slug="negative_lr_accepted",
    hints=(
        "What does a step with lr = -0.1 do?",
        "Which values must be refused, according to the docstring?",
        "Before anything is changed, raise a ValueError that names `lr` if it is below 0.",
    ),
)
def rmsprop_with_negative_lr(params, grads, square_averages, lr, alpha=0.99, eps=1e-8):
    """You accept a negative learning rate. It turns every step uphill, and a slip in a schedule would go unnoticed. See
    in the docstring which values must be refused, and how."""
    _expect_rmsprop(0.0, alpha, eps)
    _rmsprop(params, grads, square_averages, lr, alpha, eps)


@mistake(
    "rmsprop_step",
    slug="alpha_one_accepted",
    hints=(
        "With alpha = 1, what does your state ever learn of a gradient?",
        "The interval is [0, 1): which of its ends belongs to it?",
        "Refuse alpha = 1, too, with a ValueError that names `alpha`.",
    ),
)
def rmsprop_with_alpha_one(params, grads, square_averages, lr, alpha=0.99, eps=1e-8):
    """You accept alpha = 1. Then the average never takes in anything new: started at zero, it stays there, and every
    gradient is divided by eps alone. The allowed interval is open at this end: compare your check with the
    docstring."""
    if alpha != 1:
        _expect_share("alpha", alpha)
    _expect_rmsprop(lr, 0.5, eps)
    _rmsprop(params, grads, square_averages, lr, alpha, eps)


@mistake(
    "rmsprop_step",
    slug="nothing_refused",
    hints=(
        "What does a step with lr = -0.1 do, and what one with a negative eps?",
        "Which values must be refused, according to the docstring?",
        "Before anything is changed, check each of them, and raise a ValueError that names the one that is wrong.",
    ),
)
def rmsprop_unchecked(params, grads, square_averages, lr, alpha=0.99, eps=1e-8):
    """You refuse nothing: a negative lr or eps and an alpha outside [0, 1) get through. They turn steps uphill or into
    something that is no number, and the caller is not told. See in the docstring what must be raised, and when."""
    _rmsprop(params, grads, square_averages, lr, alpha, eps)


# -- adam_step


@mistake(
    "adam_step",
    hints=(
        "How far does your very first step go, with the default betas? It should go lr.",
        "Both averages start at zero. How large are they after one step, next to the gradient and its square?",
        "Divide each moment by 1 minus its beta to the power of the step before you use it.",
    ),
)
def no_bias_correction(params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """You leave out the bias correction. Both moments start at zero and are too small at first, the second one far more
    so: with the default betas your first step is three times too long. Look at the two values with a hat."""
    _expect_adam(step, lr, beta1, beta2, eps)
    with torch.no_grad():
        for w, g, m, v in zip(params, grads, first_moments, second_moments, strict=True):
            _moments(g, m, v, beta1, beta2)
            w.sub_(lr * m / (v.sqrt() + eps))


@mistake(
    "adam_step",
    hints=(
        "How far does your very first step go, with the default betas? It should go lr.",
        "Which of the two moments do you correct, and which not?",
        "Divide the first moment, too, by 1 minus its beta to the power of the step.",
    ),
)
def first_moment_not_corrected(
    params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8
):
    """You correct the second moment only. The first one starts at zero as well, so the first steps are too short: the
    very first goes 1 - beta1 times as far as it should. Both values in the last formula wear a hat."""
    _expect_adam(step, lr, beta1, beta2, eps)
    with torch.no_grad():
        for w, g, m, v in zip(params, grads, first_moments, second_moments, strict=True):
            _moments(g, m, v, beta1, beta2)
            w.sub_(lr * m / ((v / (1 - beta2**step)).sqrt() + eps))


@mistake(
    "adam_step",
    hints=(
        "How far does your very first step go, with the default betas? It should go lr.",
        "Which of the two moments do you correct, and which not?",
        "Divide the second moment, too, by 1 minus its beta to the power of the step, before the root.",
    ),
)
def second_moment_not_corrected(
    params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8
):
    """You correct the first moment only. The second starts at zero as well, so you divide by too little, and the first
    steps are far too long: with the default betas the very first goes thirty times too far. Both values in the last
    formula wear a hat."""
    _expect_adam(step, lr, beta1, beta2, eps)
    with torch.no_grad():
        for w, g, m, v in zip(params, grads, first_moments, second_moments, strict=True):
            _moments(g, m, v, beta1, beta2)
            w.sub_(lr * m / (1 - beta1**step) / (v.sqrt() + eps))


@mistake(
    "adam_step",
    hints=(
        "Print both moments after one step from zero, and compute them by hand.",
        "The next step goes on from the moments. From the corrected ones?",
        "Put the corrected values into new tensors, and leave the moments as they are.",
    ),
)
def corrected_moments_kept(params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """You write the corrected moments back into the state. The next step corrects them again, so the bias is taken away
    over and over. The values with a hat are for this step only: look at what your division changes."""
    _expect_adam(step, lr, beta1, beta2, eps)
    with torch.no_grad():
        for w, g, m, v in zip(params, grads, first_moments, second_moments, strict=True):
            _moments(g, m, v, beta1, beta2)
            m.div_(1 - beta1**step)
            v.div_(1 - beta2**step)
            w.sub_(lr * m / (v.sqrt() + eps))


@mistake(
    "adam_step",
    hints=(
        "What is beta1 to the power of the step in the first step, and what is it in yours?",
        "How far does your very first step go? It should go lr.",
        "Use `step` as it is, without adding 1: it counts from 1 already.",
    ),
)
def counts_from_zero(params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """Your bias correction is one step ahead, as if `step` counted from 0. It counts from 1 here, so nothing has to be
    added. Check what the correction is in the first step."""
    _expect_adam(step, lr, beta1, beta2, eps)
    with torch.no_grad():
        for w, g, m, v in zip(params, grads, first_moments, second_moments, strict=True):
            _moments(g, m, v, beta1, beta2)
            w.sub_(lr * m / (1 - beta1 ** (step + 1)) / ((v / (1 - beta2 ** (step + 1))).sqrt() + eps))


@mistake(
    "adam_step",
    hints=(
        "Does your correction change from step to step?",
        "What happens to the bias after a thousand steps, and what to your correction?",
        "Raise each beta to the power of the step.",
    ),
)
def correction_without_step(params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """Your bias correction is the same in every step: it divides by 1 - beta, and the number of the step is not in it.
    That is right in the first step only. The bias fades as the averages fill: look at the exponent in the formula."""
    _expect_adam(step, lr, beta1, beta2, eps)
    with torch.no_grad():
        for w, g, m, v in zip(params, grads, first_moments, second_moments, strict=True):
            _moments(g, m, v, beta1, beta2)
            w.sub_(lr * m / (1 - beta1) / ((v / (1 - beta2)).sqrt() + eps))


@mistake(
    "adam_step",
    hints=(
        "What is your correction in step 2 with beta1 = 0.9? Is it positive?",
        "Does the step stand beside beta in the formula, or above it?",
        "Raise each beta to the power of the step, instead of multiplying by it.",
    ),
)
def beta_times_step(params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """Your bias correction multiplies beta by the step where the formula has a power. In the first step both are the
    same; from the second on, yours goes below zero for a large beta. Look at the exponent."""
    _expect_adam(step, lr, beta1, beta2, eps)
    with torch.no_grad():
        for w, g, m, v in zip(params, grads, first_moments, second_moments, strict=True):
            _moments(g, m, v, beta1, beta2)
            w.sub_(lr * m / (1 - beta1 * step) / ((v / (1 - beta2 * step)).sqrt() + eps))


@mistake(
    "adam_step",
    hints=(
        "How far does your very first step go, with the default betas? It should go lr.",
        "Which comes first in the formula: the correction of the second moment, or the root?",
        "Correct the second moment first, and take the root of the corrected value.",
    ),
)
def corrected_after_the_root(params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """You take the root first and correct the second moment afterwards. The correction then misses its own root, so
    that you divide by too much. The hat in the formula is on the value under the root."""
    _expect_adam(step, lr, beta1, beta2, eps)
    with torch.no_grad():
        for w, g, m, v in zip(params, grads, first_moments, second_moments, strict=True):
            _moments(g, m, v, beta1, beta2)
            w.sub_(lr * m / (1 - beta1**step) / (v.sqrt() / (1 - beta2**step) + eps))


@mistake(
    "adam_step",
    hints=(
        "Take a large eps, 0.1 say, and do the first step by hand. Where do you differ?",
        "You moved the correction into the learning rate. What does eps stand beside then?",
        "Correct the second moment before the root, and add eps to the root of the corrected value.",
    ),
)
def eps_before_correction(params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """Your eps is added to the root of the uncorrected second moment, with the correction in front of the fraction. The
    paper mentions this as a shorter way, but with another eps: in the first steps yours weighs far more. Here it stands
    beside the corrected root."""
    _expect_adam(step, lr, beta1, beta2, eps)
    with torch.no_grad():
        for w, g, m, v in zip(params, grads, first_moments, second_moments, strict=True):
            _moments(g, m, v, beta1, beta2)
            w.sub_(lr * math.sqrt(1 - beta2**step) / (1 - beta1**step) * m / (v.sqrt() + eps))


@mistake(
    "adam_step",
    slug="eps_inside_root",
    hints=(
        "Take a large eps, 1 say, and compute the denominator by hand. What does your code get?",
        "To which of the two is eps added: to the second moment, or to its root?",
        "Take the root first, then add eps.",
    ),
)
def adam_eps_inside_root(params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """Your eps stands under the root. Then it has the unit of a squared gradient, and weighs far more while gradients
    are small. Here it is added to the root. Look at what you take the root of."""
    _expect_adam(step, lr, beta1, beta2, eps)
    with torch.no_grad():
        for w, g, m, v in zip(params, grads, first_moments, second_moments, strict=True):
            _moments(g, m, v, beta1, beta2)
            w.sub_(lr * m / (1 - beta1**step) / (v / (1 - beta2**step) + eps).sqrt())


@mistake(
    "adam_step",
    slug="root_forgotten",
    hints=(
        "Multiply the loss by 1000. Do your steps stay the same?",
        "A gradient divided by which power of a gradient has no unit?",
        "Divide by the root of the corrected second moment.",
    ),
)
def adam_without_root(params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """You divide by the second moment itself, without the root. Then the steps depend on the scale of the loss: the
    larger the gradients, the shorter they are. Look at the denominator of the last formula."""
    _expect_adam(step, lr, beta1, beta2, eps)
    with torch.no_grad():
        for w, g, m, v in zip(params, grads, first_moments, second_moments, strict=True):
            _moments(g, m, v, beta1, beta2)
            w.sub_(lr * m / (1 - beta1**step) / (v / (1 - beta2**step) + eps))


@mistake(
    "adam_step",
    hints=(
        "How large is your second moment after the gradients 1 and -1? Compute it by hand, too.",
        "What is averaged in the second moment: squares of gradients, or squares of averages?",
        "Let the square of the new gradient enter the second moment.",
    ),
)
def second_moment_of_the_first(
    params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8
):
    """Your second moment averages the squares of the first moment, not of the gradients. Where gradients change sign
    the first moment is small, so you divide by far too little. The square of an average is not the average of squares:
    see what enters."""
    _expect_adam(step, lr, beta1, beta2, eps)
    with torch.no_grad():
        for w, g, m, v in zip(params, grads, first_moments, second_moments, strict=True):
            m.mul_(beta1).add_((1 - beta1) * g)
            v.mul_(beta2).add_((1 - beta2) * m**2)
            w.sub_(lr * m / (1 - beta1**step) / ((v / (1 - beta2**step)).sqrt() + eps))


@mistake(
    "adam_step",
    hints=(
        "In the first step yours is right. In which quantity does the second differ from a calculation by hand?",
        "What is averaged in the second moment: squares of gradients, or squares of corrected averages?",
        "Let the square of the new gradient enter the second moment.",
    ),
)
def second_moment_of_the_corrected(
    params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8
):
    """Your second moment averages the squares of the corrected first moment, not of the gradients. In the first step
    from zero both are the same; later, where gradients change sign, you divide by far too little. Look at what enters
    the second moment."""
    _expect_adam(step, lr, beta1, beta2, eps)
    with torch.no_grad():
        for w, g, m, v in zip(params, grads, first_moments, second_moments, strict=True):
            m.mul_(beta1).add_((1 - beta1) * g)
            m_hat = m / (1 - beta1**step)
            v.mul_(beta2).add_((1 - beta2) * m_hat**2)
            w.sub_(lr * m_hat / ((v / (1 - beta2**step)).sqrt() + eps))


@mistake(
    "adam_step",
    hints=(
        "Which of your two averages remembers longer?",
        "Set beta1 = 0. Which of your averages has no memory then?",
        "beta1 belongs to the gradients, and beta2 to their squares, also in the corrections.",
    ),
)
def betas_swapped(params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """beta1 and beta2 stand in each other's place: your average of gradients fades by beta2, and that of their squares
    by beta1. With the defaults the direction then lags a thousand steps behind. Look at which beta belongs to which
    moment."""
    _expect_adam(step, lr, beta1, beta2, eps)
    _adam(params, grads, first_moments, second_moments, step, lr, beta2, beta1, eps)


@mistake(
    "adam_step",
    slug="shares_swapped",
    hints=(
        "With beta1 = 0.9, how much of the old first moment is left after one step of yours?",
        "Is beta the share of the old average, or of the new gradient?",
        "Each beta belongs to the old moment, and 1 minus beta to what is new.",
    ),
)
def adam_shares_swapped(params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """In both moments, beta and 1 - beta stand in each other's place: you keep 1 - beta of the old average. With the
    default betas both forget nearly everything in each step. Look at which of the two belongs to the old moment."""
    _expect_adam(step, lr, beta1, beta2, eps)
    with torch.no_grad():
        for w, g, m, v in zip(params, grads, first_moments, second_moments, strict=True):
            _moments(g, m, v, 1 - beta1, 1 - beta2)
            w.sub_(lr * m / (1 - beta1**step) / ((v / (1 - beta2**step)).sqrt() + eps))


@mistake(
    "adam_step",
    hints=(
        "Push many times with a gradient of 1. Where does your first moment settle?",
        "Does momentum in section 4 add or average? And Adam?",
        "Give the new gradient the weight 1 - beta1.",
    ),
)
def whole_gradient_added(params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """Your first moment adds the whole gradient, as the heavy ball of section 4 does. In Adam it is an average, so that
    the step does not grow with beta1; the bias correction is made for that. Look at what the new gradient is multiplied
    by."""
    _expect_adam(step, lr, beta1, beta2, eps)
    with torch.no_grad():
        for w, g, m, v in zip(params, grads, first_moments, second_moments, strict=True):
            m.mul_(beta1).add_(g)
            v.mul_(beta2).add_((1 - beta2) * g**2)
            w.sub_(lr * m / (1 - beta1**step) / ((v / (1 - beta2**step)).sqrt() + eps))


@mistake(
    "adam_step",
    hints=(
        "What would beta1 = 0.9 and beta1 = 0 do differently to your weights?",
        "Your first moment is kept well. Where is it used?",
        "Put the corrected first moment above the fraction line, in place of the gradient.",
    ),
)
def gradient_above_the_line(params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """Your weights move by the newest gradient: the first moment is kept, but never used. That is RMSprop with a bias
    correction. Look at what stands above the fraction line in the last formula."""
    _expect_adam(step, lr, beta1, beta2, eps)
    with torch.no_grad():
        for w, g, m, v in zip(params, grads, first_moments, second_moments, strict=True):
            _moments(g, m, v, beta1, beta2)
            w.sub_(lr * g / ((v / (1 - beta2**step)).sqrt() + eps))


@mistake(
    "adam_step",
    hints=(
        "Take a gradient of 3 after one of 1. Which of them does your step know of?",
        "Which moments does the last formula use, those before the first two lines or after them?",
        "Update both moments first, then correct them and move the weights.",
    ),
)
def old_moments_used(params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """Your weights move by the old moments, and the new gradient comes too late: it counts only from the next step on.
    In the first step, from zero, nothing moves at all. The order of the lines matters."""
    _expect_adam(step, lr, beta1, beta2, eps)
    with torch.no_grad():
        for w, g, m, v in zip(params, grads, first_moments, second_moments, strict=True):
            w.sub_(lr * m / (1 - beta1**step) / ((v / (1 - beta2**step)).sqrt() + eps))
            _moments(g, m, v, beta1, beta2)


@mistake(
    "adam_step",
    hints=(
        "Keep the tensor `m = first_moments[0]` before a step, and print it afterwards. Did it change?",
        "An assignment, to a name or into a list, brings in a new tensor; the one that was handed over stays as it was.",
        "Write both new moments into the tensors that you were given, with operations that end in an underscore.",
    ),
)
def moments_rebound(params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """Your new moments are new tensors: the weights move by them, but the tensors that you were given keep the old ones.
    Whoever goes on from those has the old moments again, and nothing is remembered. See which of your operations change a
    tensor, and which make a new one."""
    _expect_adam(step, lr, beta1, beta2, eps)
    with torch.no_grad():
        for w, g, m, v in zip(params, grads, first_moments, second_moments, strict=True):
            m, v = m.clone(), v.clone()
            _moments(g, m, v, beta1, beta2)
            w.sub_(lr * m / (1 - beta1**step) / ((v / (1 - beta2**step)).sqrt() + eps))


@mistake(
    "adam_step",
    hints=(
        "Give it a tensor with two weights, whose gradients are 1 and 100. Which second moments do you get?",
        "For how many weights is one learning rate meant here?",
        "Square element by element, and average over steps only.",
    ),
)
def one_second_moment_per_tensor(
    params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8
):
    """All weights of a tensor share one second moment in your code: you take the mean of the squares over the tensor.
    Adam keeps one for each weight, so that each has a rate of its own. Look for a mean over the gradient."""
    _expect_adam(step, lr, beta1, beta2, eps)
    with torch.no_grad():
        for w, g, m, v in zip(params, grads, first_moments, second_moments, strict=True):
            m.mul_(beta1).add_((1 - beta1) * g)
            v.mul_(beta2).add_((1 - beta2) * (g**2).mean())
            w.sub_(lr * m / (1 - beta1**step) / ((v / (1 - beta2**step)).sqrt() + eps))


@mistake(
    "adam_step",
    slug="ascent",
    hints=(
        "Take w = 1 on the bowl w^2, with both moments zero. Where is your weight after one step?",
        "The first moment is an average of gradients, and points uphill. Which way should the weights go?",
        "Subtract the step from the weights.",
    ),
)
def adam_ascent(params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """Your weights climb: the step is added to them. The first moment is an average of gradients and points uphill, so
    the weights must move against it. Look at the sign in the last formula."""
    _expect_adam(step, lr, beta1, beta2, eps)
    _adam(params, grads, first_moments, second_moments, step, -lr, beta1, beta2, eps)


@mistake(
    "adam_step",
    slug="nothing_in_place",
    hints=(
        "Print the caller's weights and moments before and after a step. Did anything change?",
        "An assignment, to a name or into a list, brings in a new tensor; the one that was handed over stays as it was.",
        "Write all new values into the given tensors, with operations that end in an underscore.",
    ),
)
def adam_out_of_place(params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """The tensors that you were given hold the same weights and moments after your step as before. A step works in
    place, so the new values must end up in the tensors that were handed over, not in new ones."""
    _expect_adam(step, lr, beta1, beta2, eps)


@mistake(
    "adam_step",
    slug="changes_gradients",
    hints=(
        "Print the gradients before and after a step.",
        "An operation that ends in an underscore changes the tensor before the dot. Which one is that in yours?",
        "Compute the square of the gradient in a tensor of its own.",
    ),
)
def adam_in_gradients(params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """Your step is right, but it squares the gradients in place on the way. The caller may still need them, to log
    their size or for a second optimizer. Look at which tensor you write into."""
    _expect_adam(step, lr, beta1, beta2, eps)
    _adam(params, grads, first_moments, second_moments, step, lr, beta1, beta2, eps)
    for g in grads:
        g.pow_(2)


@mistake(
    "adam_step",
    slug="flattened_copies",
    hints=(
        "Try it on `torch.ones(3, 2).T`. Does that hold new numbers after the step?",
        "Does `reshape(-1)` give a view of the same numbers, or a copy? For a transposed matrix, look it up.",
        "The rule works element by element, in any shape. There is nothing to flatten.",
    ),
)
def adam_of_flat_copies(params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """On a transposed tensor your step is lost: it changes a copy. Whether flattening, `contiguous` or the like gives a view
    or a copy depends on how the numbers lie in memory. Write into the caller's tensors themselves, in the shape they have."""
    _expect_adam(step, lr, beta1, beta2, eps)
    lists = ([t.detach().reshape(-1) for t in tensors] for tensors in (params, grads, first_moments, second_moments))
    _adam(*lists, step, lr, beta1, beta2, eps)


@mistake(
    "adam_step",
    slug="tracked_by_autograd",
    hints=(
        "Try it on a parameter of a real network, or on `torch.ones(1, requires_grad=True)`.",
        "Autograd refuses what it could not follow: to change a leaf in place, or to hand its numbers to numpy.",
        "Make the update inside a block in which autograd records nothing.",
    ),
)
def adam_with_autograd(params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """Your update fails on parameters that require grad, as those of a network always do: autograd would have to follow
    it, and refuses. An update is not part of what is differentiated: nothing of it should be recorded."""
    _expect_adam(step, lr, beta1, beta2, eps)
    for w, g, m, v in zip(params, grads, first_moments, second_moments, strict=True):
        _moments(g, m, v, beta1, beta2)
        w.sub_(lr * m / (1 - beta1**step) / ((v / (1 - beta2**step)).sqrt() + eps))


@mistake(
    "adam_step",
    hints=(
        "What do your weights become for step = 0?",
        "From which number does `step` count, and what is 1 minus beta to the power of 0?",
        "Before anything is changed, raise a ValueError that names `step` if it is below 1.",
    ),
)
def step_zero_accepted(params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """You accept step = 0. The bias correction then divides by zero, and without a word the weights are no longer
    numbers. Steps count from 1: see in the docstring which values must be refused."""
    _expect_adam(max(step, 1), lr, beta1, beta2, eps)
    _adam(params, grads, first_moments, second_moments, step, lr, beta1, beta2, eps)


@mistake(
    "adam_step",
    hints=(
        "What happens when you call it with step = 0?",
        "Who complains, you or Python? Does the message say which argument is wrong?",
        "Before anything is changed, raise a ValueError that names `step` if it is below 1.",
    ),
)
def step_zero_divides(params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """With step = 0 your bias correction divides by zero, and Python's own error comes out. A caller should learn from
    a ValueError that `step` is what is wrong, before anything has changed. Steps count from 1: look at what you
    check."""
    _expect_adam(max(step, 1), lr, beta1, beta2, eps)
    lr = lr / (1 - beta1**step)
    with torch.no_grad():
        for w, g, m, v in zip(params, grads, first_moments, second_moments, strict=True):
            _moments(g, m, v, beta1, beta2)
            w.sub_(lr * m / ((v / (1 - beta2**step)).sqrt() + eps))


@mistake(
    "adam_step",
    slug="negative_lr_accepted",
    hints=(
        "What does a step with lr = -0.1 do?",
        "Which values must be refused, according to the docstring?",
        "Before anything is changed, raise a ValueError that names `lr` if it is below 0.",
    ),
)
def adam_with_negative_lr(params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """You accept a negative learning rate. It turns every step uphill, and a slip in a schedule would go unnoticed. See
    in the docstring which values must be refused, and how."""
    _expect_adam(step, 0.0, beta1, beta2, eps)
    _adam(params, grads, first_moments, second_moments, step, lr, beta1, beta2, eps)


@mistake(
    "adam_step",
    hints=(
        "With beta1 = 1, what does your first moment ever learn of a gradient, and what is its correction?",
        "The interval is [0, 1): which of its ends belongs to it?",
        "Refuse 1, too, for both betas, with a ValueError that names the one that is wrong.",
    ),
)
def beta1_one_accepted(params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """You accept beta1 = 1. Then the first moment never takes in a gradient, and its bias correction divides zero by
    zero. The allowed interval is open at this end: compare your checks of both betas with the docstring."""
    _expect_adam(step, lr, 0.0 if beta1 == 1 else beta1, beta2, eps)
    _adam(params, grads, first_moments, second_moments, step, lr, beta1, beta2, eps)


@mistake(
    "adam_step",
    slug="nothing_refused",
    hints=(
        "What does a step with lr = -0.1 do, and what one with step = 0?",
        "Which values must be refused, according to the docstring?",
        "Before anything is changed, check each of them, and raise a ValueError that names the one that is wrong.",
    ),
)
def adam_unchecked(params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """You refuse nothing: a step of 0, a negative lr or eps and betas outside [0, 1) get through. They turn steps
    uphill or into something that is no number, and the caller is not told. See in the docstring what must be raised,
    and when."""
    _adam(params, grads, first_moments, second_moments, step, lr, beta1, beta2, eps)
