"""Mistakes in OwnAdam."""

from collections import defaultdict

import torch

from grader.toolkit.mistakes import mistake


def _expect_settings(lr, betas, eps):
    if lr < 0:
        raise ValueError(f"lr must be at least 0, got {lr}")
    if not all(0 <= beta < 1 for beta in betas):
        raise ValueError(f"betas must be in [0, 1), got {betas}")
    if eps < 0:
        raise ValueError(f"eps must be at least 0, got {eps}")


class _Adam(torch.optim.Optimizer):
    """A right OwnAdam in parts, for mistakes to change."""

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
        _expect_settings(lr, betas, eps)
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps})

    def step(self, closure=None):
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        self.update()
        return loss

    @torch.no_grad()
    def update(self):
        for group in self.param_groups:
            for w in group["params"]:
                if w.grad is not None:
                    self.update_one(w, w.grad, group)

    def state_of(self, w):
        state = self.state[w]
        if not state:
            state.update(steps=0, m=torch.zeros_like(w), v=torch.zeros_like(w))
        return state

    def count(self, w, group):
        self.state_of(w)["steps"] += 1
        return self.state_of(w)["steps"]

    def average(self, state, g, beta1, beta2):
        state["m"].mul_(beta1).add_((1 - beta1) * g)
        state["v"].mul_(beta2).add_((1 - beta2) * g**2)

    def update_one(self, w, g, group):
        t, state, (beta1, beta2) = self.count(w, group), self.state_of(w), group["betas"]
        self.average(state, g, beta1, beta2)
        self.move(w, state["m"] / (1 - beta1**t), state["v"] / (1 - beta2**t), group)

    def move(self, w, m_hat, v_hat, group):
        w.sub_(group["lr"] * m_hat / (v_hat.sqrt() + group["eps"]))


# -- the update rule


@mistake(
    "OwnAdam",
    slug="no_bias_correction",
    hints=(
        "After one step with the gradient 4, the average is 0.4. What is the mean of the gradients so far?",
        "The averages start at zero. By which number do you divide them before you use them?",
        "Divide each average by 1 minus its beta to the power of the parameter's count of steps.",
    ),
)
class NoBiasCorrection(_Adam):
    """You use both averages as they are. They start at zero, so they are too small in the first steps, and not by the same
    factor. Look at `m_hat` and `v_hat` in the docstring."""

    def update_one(self, w, g, group):
        state = self.state_of(w)
        self.average(state, g, *group["betas"])
        self.move(w, state["m"], state["v"], group)


@mistake(
    "OwnAdam",
    slug="corrected_averages_kept",
    hints=(
        "Print the average of gradients after the first step. With the gradient 4, is it 0.4 or 4?",
        "The next step multiplies the stored average by beta1. Which average should it find?",
        "Store the averages as they are, and compute the corrected ones in new tensors at every step.",
    ),
)
class CorrectedAveragesKept(_Adam):
    """You store the corrected averages. The next step corrects them again, so every step after the first is wrong. Keep the
    averages uncorrected in the state. Look for a division in place."""

    def update_one(self, w, g, group):
        t, state, (beta1, beta2) = self.count(w, group), self.state_of(w), group["betas"]
        self.average(state, g, beta1, beta2)
        state["m"].div_(1 - beta1**t)
        state["v"].div_(1 - beta2**t)
        self.move(w, state["m"], state["v"], group)


@mistake(
    "OwnAdam",
    slug="counts_from_zero",
    hints=(
        "Print 1 - beta1 ** t in the first step. What happens when you divide by it?",
        "Which value does your count have when the first step uses it?",
        "Raise the count before you correct the averages.",
    ),
)
class CountsFromZero(_Adam):
    """In the first step your count is 0. Then 1 - beta^0 = 0, and you divide zero by zero or a number by zero. Steps count
    from 1: look at where you raise the count."""

    def update_one(self, w, g, group):
        state, (beta1, beta2) = self.state_of(w), group["betas"]
        t = torch.tensor(float(state["steps"]), dtype=w.dtype)
        self.average(state, g, beta1, beta2)
        self.move(w, state["m"] / (1 - beta1**t), state["v"] / (1 - beta2**t), group)
        state["steps"] += 1


@mistake(
    "OwnAdam",
    slug="eps_inside_the_root",
    hints=(
        "Use eps=0.5 and the gradient 2 in the first step. What do you divide by: 2.5, or the root of 4.5?",
        "Which of the two does the docstring add eps to: `v_hat` or its root?",
        "Take the root of the corrected average first, then add eps.",
    ),
)
class EpsInsideTheRoot(_Adam):
    """You add eps to `v_hat` and then take the root. With eps = 1e-8, small gradients are then divided by 1e-4 or more. Add
    eps to the root."""

    def move(self, w, m_hat, v_hat, group):
        w.sub_(group["lr"] * m_hat / (v_hat + group["eps"]).sqrt())


@mistake(
    "OwnAdam",
    slug="eps_before_the_correction",
    hints=(
        "Use eps=0.5 and the gradient 2 in the first step. You should divide 2 by 2.5. What do you divide by?",
        "You correct with one factor in front of the fraction. What happens to eps, which stands below it?",
        "Correct `v` before you take its root and add eps.",
    ),
)
class EpsBeforeTheCorrection(_Adam):
    """You add eps to the root of `v` and correct afterwards, with a factor in front of the fraction. So the correction scales
    eps, too. The docstring adds eps to the root of the corrected `v_hat`."""

    def update_one(self, w, g, group):
        t, state, (beta1, beta2) = self.count(w, group), self.state_of(w), group["betas"]
        self.average(state, g, beta1, beta2)
        rate = group["lr"] * (1 - beta2**t) ** 0.5 / (1 - beta1**t)
        w.sub_(rate * state["m"] / (state["v"].sqrt() + group["eps"]))


@mistake(
    "OwnAdam",
    slug="no_root",
    hints=(
        "With a constant gradient of 4, the first step should have the length lr. How long is yours?",
        "The unit of `v_hat` is the square of the gradient's. What do you divide by?",
        "Divide by the root of the corrected average of squares, plus eps.",
    ),
)
class NoRoot(_Adam):
    """You divide by the average of squares itself, not by its root. Then large gradients give small steps. Look at the
    denominator in the docstring."""

    def move(self, w, m_hat, v_hat, group):
        w.sub_(group["lr"] * m_hat / (v_hat + group["eps"]))


@mistake(
    "OwnAdam",
    slug="gradient_above_the_line",
    hints=(
        "Take a step with the gradient 1, then one with the gradient 0. Does your weight move in the second?",
        "Which average do you compute and never use?",
        "The numerator is the corrected average of gradients, not the last gradient.",
    ),
)
class GradientAboveTheLine(_Adam):
    """You move along the last gradient, divided by the root of `v_hat`: that is RMSprop with a correction. Adam moves along
    `m_hat`, the corrected average of gradients. Look at the numerator."""

    def update_one(self, w, g, group):
        t, state, (beta1, beta2) = self.count(w, group), self.state_of(w), group["betas"]
        self.average(state, g, beta1, beta2)
        self.move(w, g, state["v"] / (1 - beta2**t), group)


@mistake(
    "OwnAdam",
    slug="betas_swapped",
    hints=(
        "With betas=(0.9, 0.999) and the gradient 4, `m` is 0.4 after the first step. Which value does yours have?",
        "Which of the two betas belongs to the average of gradients?",
        "The first of `betas` belongs to the gradients, the second to their squares.",
    ),
)
class BetasSwapped(_Adam):
    """You use the second of `betas` for the average of gradients and the first for the squares. It is the other way round:
    `betas` is `(beta1, beta2)`."""

    def update_one(self, w, g, group):
        super().update_one(w, g, group | {"betas": group["betas"][::-1]})


@mistake(
    "OwnAdam",
    slug="shares_swapped",
    hints=(
        "With beta1 = 0.9, which share of the old average should remain after a step?",
        "Which factor does the new gradient get in yours: beta1 or 1 - beta1?",
        "The old average gets beta, the new value gets 1 - beta, in both averages.",
    ),
)
class SharesSwapped(_Adam):
    """You multiply the old average by 1 - beta and the new value by beta. With beta = 0.9, your average forgets nearly
    everything in every step. The old average keeps the share beta."""

    def average(self, state, g, beta1, beta2):
        super().average(state, g, 1 - beta1, 1 - beta2)


@mistake(
    "OwnAdam",
    slug="starts_at_the_first_gradient",
    hints=(
        "After one step with the gradient 4, is your average of gradients 0.4 or 4?",
        "The correction belongs to averages that start at zero. Where do yours start?",
        "Let both averages start at zero, and update them in the first step as in every other.",
    ),
)
class StartsAtTheFirstGradient(_Adam):
    """Your averages start at the first gradient and its square, and then you also correct them. The correction makes up for a
    start at zero, so your first steps have another length. Start at zero."""

    def update_one(self, w, g, group):
        if not self.state[w]:
            self.state_of(w).update(m=g.clone(), v=g**2)
        super().update_one(w, g, group)


@mistake(
    "OwnAdam",
    slug="second_average_of_the_first",
    hints=(
        "With the gradient 4 in the first step, `v` is 0.001 * 16. Which number do you square?",
        "The second average is of squares. Squares of what?",
        "Square the gradient, not the average of gradients.",
    ),
)
class SecondAverageOfTheFirst(_Adam):
    """Your second average is of the squares of `m`. It should be of the squares of the gradients: they also show how much the
    gradients vary, which `m` averages out."""

    def average(self, state, g, beta1, beta2):
        state["m"].mul_(beta1).add_((1 - beta1) * g)
        state["v"].mul_(beta2).add_((1 - beta2) * state["m"] ** 2)


@mistake(
    "OwnAdam",
    slug="largest_second_average",
    hints=(
        "After a large gradient come small ones. Does your denominator fall again?",
        "You keep a maximum. Which variant of Adam does that?",
        "Divide by the root of the current `v_hat`, without a maximum.",
    ),
)
class LargestSecondAverage(_Adam):
    """You divide by the root of the largest second average so far: that is AMSGrad. Plain Adam uses the current average, so
    its steps recover after a large gradient."""

    def update_one(self, w, g, group):
        t, state, (beta1, beta2) = self.count(w, group), self.state_of(w), group["betas"]
        self.average(state, g, beta1, beta2)
        state["largest"] = torch.maximum(state.get("largest", state["v"]), state["v"]).clone()
        self.move(w, state["m"] / (1 - beta1**t), state["largest"] / (1 - beta2**t), group)


@mistake(
    "OwnAdam",
    slug="shrinks_the_weights",
    hints=(
        "Take a step with the gradient 0 from fresh state. Does your weight move?",
        "Which line moves the weights besides the update of Adam?",
        "Remove the weight decay: the docstring's rule has none.",
    ),
)
class ShrinksTheWeights(_Adam):
    """You also shrink every weight a little in each step: that is AdamW. Weight decay may help a training, but the rule in the
    docstring has none. Look for a line that multiplies the weights."""

    def update_one(self, w, g, group):
        w.mul_(1 - group["lr"] * 0.01)
        super().update_one(w, g, group)


@mistake(
    "OwnAdam",
    slug="shrinks_weights_without_gradient",
    hints=(
        "Let a parameter have no gradient, and call `step()`. Does its value change?",
        "Which line moves the weights besides the update of Adam, and does it look at `p.grad`?",
        "Remove the weight decay, and skip a parameter whose `.grad` is None before you touch it.",
    ),
)
class ShrinksWeightsWithoutGradient(_Adam):
    """You shrink all weights a little in each step, even those of a parameter without gradient. The rule in the docstring has
    no weight decay, and a parameter whose `.grad` is None keeps its value. Look for a line that multiplies the weights."""

    @torch.no_grad()
    def update(self):
        for group in self.param_groups:
            for w in group["params"]:
                w.mul_(1 - group["lr"] * 0.01)
        super().update()


@mistake(
    "OwnAdam",
    slug="decay_in_the_gradient",
    hints=(
        "Take a step with the gradient 0 from fresh state. Does your weight move?",
        "What do you add to the gradient before you average it?",
        "Average the gradient as it is: the docstring's rule has no weight decay.",
    ),
)
class DecayInTheGradient(_Adam):
    """You add a part of the weight to its gradient (weight decay 0.01). The rule in the docstring uses the gradient as it is.
    Check the gradient that you pass to the averages."""

    def update_one(self, w, g, group):
        super().update_one(w, g + 0.01 * w, group)


@mistake(
    "OwnAdam",
    slug="maximises",
    hints=(
        "The gradient 4 says that the loss rises with the weight. In which direction does your weight move?",
        "Which sign has the last line of the update in the docstring?",
        "Subtract the step from the weight.",
    ),
)
class Maximises(_Adam):
    """Your weights move up the slope: the loss rises. Adam *subtracts* its step. Look at the sign of your last line."""

    def move(self, w, m_hat, v_hat, group):
        super().move(w, -m_hat, v_hat, group)


@mistake(
    "OwnAdam",
    slug="weights_rebound",
    hints=(
        "Compare `w` before and after `step()`, in the code that made the optimizer. Does it move?",
        "`w = w - ...` makes a new tensor and gives it the name w. Who still has the old one?",
        "Change the parameter's own numbers: with a method that ends in an underscore, or through `.data`.",
    ),
)
class WeightsRebound(_Adam):
    """No weight moves: you compute new weights, but the parameters keep their old numbers. `w = w - ...` only gives the name w
    to a new tensor. Change the parameter in place."""

    def move(self, w, m_hat, v_hat, group):
        w = w - group["lr"] * m_hat / (v_hat.sqrt() + group["eps"])


@mistake(
    "OwnAdam",
    slug="state_made_in_every_step",
    hints=(
        "Print the average of gradients after the first and the second step. Does the second remember the first?",
        "In which steps do you put zeros into the state?",
        "Make the zeros only when the parameter has no state yet.",
    ),
)
class StateMadeInEveryStep(_Adam):
    """You start from zeros in every step, so each step forgets all gradients before it and has the length lr. Make the state
    once for each parameter, in its first step."""

    def update_one(self, w, g, group):
        self.state[w].clear()
        super().update_one(w, g, group)


@mistake(
    "OwnAdam",
    slug="returns_the_optimizer",
    hints=(
        "What does `print(optimizer.step())` show?",
        "Without a closure, which loss could `step` return?",
        "Return the closure's loss if there is a closure, and None otherwise.",
    ),
)
class ReturnsTheOptimizer(_Adam):
    """Without a closure, your `step` returns a value, but it should return None: the optimizer does not know the loss."""

    def step(self, closure=None):
        loss = super().step(closure)
        return self if closure is None else loss


# -- groups


@mistake(
    "OwnAdam",
    slug="settings_of_the_constructor",
    hints=(
        'Make two groups, `{"params": [w1], "lr": 0.1}` and `{"params": [w2], "lr": 0.5}`. Do they move equally far?',
        "Where do you read the learning rate: from an attribute, or from the group?",
        "In `step`, take lr, betas and eps from the dict of each group.",
    ),
)
class SettingsOfTheConstructor(_Adam):
    """You use the lr, betas and eps of the constructor for all parameters, in all steps. So groups cannot differ, and a
    learning-rate schedule has no effect: it changes `group["lr"]`. Read the settings from the group at every step."""

    def update_one(self, w, g, group):
        super().update_one(w, g, self.defaults)


@mistake(
    "OwnAdam",
    slug="settings_of_the_first_group",
    hints=(
        "Make two groups with different learning rates. Which one do the parameters of the second group get?",
        "Which element of `param_groups` do you read settings from?",
        "Go through the groups, and read the settings inside that loop.",
    ),
)
class SettingsOfTheFirstGroup(_Adam):
    """You use the settings of the first group for all parameters. Each group has its own: read them inside the loop over the
    groups."""

    def update_one(self, w, g, group):
        super().update_one(w, g, self.param_groups[0])


@mistake(
    "OwnAdam",
    slug="only_lr_of_the_group",
    hints=(
        "Make two groups with different betas. Do they move differently?",
        "You read lr from the group. Where do betas and eps come from?",
        "Take all three settings from the dict of the group, at every step.",
    ),
)
class OnlyLrOfTheGroup(_Adam):
    """You read lr from the group, but betas and eps from the constructor. A group may have its own betas and eps, too, and a
    schedule may change them."""

    def update_one(self, w, g, group):
        super().update_one(w, g, self.defaults | {"lr": group["lr"]})


@mistake(
    "OwnAdam",
    slug="settings_of_the_first_step",
    hints=(
        'Change `optimizer.param_groups[0]["lr"]` between two steps. Does the next step know?',
        "You keep settings in the state of the parameter. When do you write them?",
        "Read lr, betas and eps from the group at every step, and keep only averages and count in the state.",
    ),
)
class SettingsOfTheFirstStep(_Adam):
    """Each parameter keeps the settings of its first step. A learning-rate schedule changes the group afterwards, and your
    optimizer does not see it. Read the settings from the group at every step."""

    def update_one(self, w, g, group):
        state = self.state_of(w)
        given = {name: group[name] for name in ("lr", "betas", "eps")}
        super().update_one(w, g, state.setdefault("given", given))


@mistake(
    "OwnAdam",
    slug="defaults_not_passed",
    hints=(
        "Print `optimizer.param_groups`. Which settings does a group have?",
        "What do you pass to the constructor of the base class as its second argument?",
        "Pass a dict with lr, betas and eps there: the base class writes it into each group that lacks them.",
    ),
)
class DefaultsNotPassed(_Adam):
    """Your groups do not hold the settings. The base class copies its second argument, a dict of defaults, into every group.
    Without lr in the group, a learning-rate schedule of PyTorch fails. Pass all three settings to the base class."""

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
        _expect_settings(lr, betas, eps)
        torch.optim.Optimizer.__init__(self, params, {})
        self.settings = {"lr": lr, "betas": betas, "eps": eps}

    def update_one(self, w, g, group):
        super().update_one(w, g, self.settings | group)


@mistake(
    "OwnAdam",
    slug="first_group_only",
    hints=(
        "Make an optimizer with two groups. Does every parameter move?",
        "How many elements has `param_groups`, and how many do you visit?",
        "Go through all groups, and in each through all its parameters.",
    ),
)
class FirstGroupOnly(_Adam):
    """You update the parameters of the first group only. A network whose last layers are in a second group then trains only in
    part. Go through all of `param_groups`."""

    @torch.no_grad()
    def update(self):
        group = self.param_groups[0]
        for w in group["params"]:
            if w.grad is not None:
                self.update_one(w, w.grad, group)


# -- counts


@mistake(
    "OwnAdam",
    slug="one_count_for_all",
    hints=(
        "Give a second parameter its first gradient in the third step. With which count do you correct its averages?",
        "Where do you count: once per step, once per group, or in the state of each parameter?",
        "Keep the count in `self.state[p]`, and raise it only in steps in which this parameter has a gradient.",
    ),
)
class OneCountForAll(_Adam):
    """You count the steps of the optimizer, or of a group. A parameter that joins later or has no gradient in some steps has
    had fewer. Its averages are then corrected too little. Count the steps of each parameter."""

    @torch.no_grad()
    def update(self):
        self.param_groups[0].setdefault("steps", 0)
        self.param_groups[0]["steps"] += 1
        super().update()

    def count(self, w, group):
        return self.param_groups[0]["steps"]


@mistake(
    "OwnAdam",
    slug="counts_without_gradient",
    hints=(
        "Let a parameter have no gradient in the first step. Which count does it have in the second?",
        "Do you raise the count before or after you look at `p.grad`?",
        "Leave a parameter without gradient before you touch its state.",
    ),
)
class CountsWithoutGradient(_Adam):
    """You count a step for a parameter also when it has no gradient, as one count for a whole group does. Its averages do not
    change in that step, so its count must not change either."""

    @torch.no_grad()
    def update(self):
        for group in self.param_groups:
            for w in group["params"]:
                if w.grad is None:
                    self.count(w, group)
        super().update()


@mistake(
    "OwnAdam",
    slug="none_means_zero",
    hints=(
        "After some steps, set `p.grad = None` and call `step()`. Does the weight move?",
        "What does a gradient of zero do to Adam's averages, and to the weight?",
        "Skip a parameter whose `.grad` is None: change neither the weight nor its state.",
    ),
)
class NoneMeansZero(_Adam):
    """You treat a missing gradient as zero. With a gradient of zero, Adam moves on along its average. A parameter whose `.grad`
    is None took no part in the loss: leave it and its state alone."""

    @torch.no_grad()
    def update(self):
        for group in self.param_groups:
            for w in group["params"]:
                self.update_one(w, torch.zeros_like(w) if w.grad is None else w.grad, group)


@mistake(
    "OwnAdam",
    slug="missing_gradient_raises",
    hints=(
        "Freeze a layer, or leave it out of the loss. What is the `.grad` of its weights?",
        "Which line of yours fails if `p.grad` is None?",
        "Go on with the next parameter if `p.grad` is None.",
    ),
)
class MissingGradientRaises(_Adam):
    """Your `step` fails if a parameter has no gradient. That is normal for a layer that took no part in the loss: its `.grad`
    is None. Skip it."""

    @torch.no_grad()
    def update(self):
        for group in self.param_groups:
            for w in group["params"]:
                self.update_one(w, 1 * w.grad, group)


@mistake(
    "OwnAdam",
    slug="stops_at_a_missing_gradient",
    hints=(
        "Put a parameter without gradient before one that has a gradient. Does the second one move?",
        "Which statement do you use when `p.grad` is None: does it skip this parameter, or end the loop?",
        "Skip only this parameter, and go on with the next.",
    ),
)
class StopsAtAMissingGradient(_Adam):
    """When a parameter has no gradient, you leave out all parameters after it. Skip only this parameter: look at the statement
    that ends your loop."""

    @torch.no_grad()
    def update(self):
        for group in self.param_groups:
            for w in group["params"]:
                if w.grad is None:
                    return
                self.update_one(w, w.grad, group)


# -- the closure


@mistake(
    "OwnAdam",
    slug="closure_without_autograd",
    hints=(
        "Print `torch.is_grad_enabled()` inside a closure. What does it show?",
        "The closure calls backward. Which line of yours switches autograd off around it?",
        "Call the closure inside `torch.enable_grad()`.",
    ),
)
class ClosureWithoutAutograd(_Adam):
    """You call the closure while autograd is off, probably because your whole `step` is inside `torch.no_grad`. The closure
    calls backward, so it needs autograd. Switch it on for that call."""

    def step(self, closure=None):
        with torch.no_grad():
            loss = None if closure is None else closure()
        self.update()
        return loss


@mistake(
    "OwnAdam",
    slug="closure_after_the_update",
    hints=(
        "Before the first call of the closure, which gradients are there?",
        "The update needs the gradients that the closure computes. What comes first in your step?",
        "Call the closure first, then update.",
    ),
)
class ClosureAfterTheUpdate(_Adam):
    """You call the closure after the update. So each update uses the gradients of the step before, and the first has none. The
    closure computes the gradients: call it first."""

    def step(self, closure=None):
        self.update()
        if closure is None:
            return None
        with torch.enable_grad():
            return closure()


@mistake(
    "OwnAdam",
    slug="closure_called_twice",
    hints=(
        "Count the calls of the closure in one step.",
        "You call it for the gradients. Where do you call it again, perhaps for the loss?",
        "Call it once, keep the loss that it returns, and return that at the end.",
    ),
)
class ClosureCalledTwice(_Adam):
    """You call the closure twice in a step: each call costs a whole pass over the batch, and may draw another batch. Call it
    once, before the update, and keep its loss."""

    def step(self, closure=None):
        loss = None
        if closure is not None:
            with torch.enable_grad():
                closure()
                loss = closure()
        self.update()
        return loss


@mistake(
    "OwnAdam",
    slug="loss_of_the_moved_weights",
    hints=(
        "Count the calls of the closure in one step, and note when each comes.",
        "The loss that you return: is it that of the weights before or after the update?",
        "Call the closure once, before the update, and return that loss.",
    ),
)
class LossOfTheMovedWeights(_Adam):
    """You call the closure before the update, for the gradients, and again after it, for the loss. Call it only once: `step`
    returns the loss from before the update."""

    def step(self, closure=None):
        if closure is None:
            return super().step()
        super().step(closure)
        with torch.enable_grad():
            return closure()


@mistake(
    "OwnAdam",
    slug="closure_ignored",
    hints=(
        "Pass a closure that prints a word. Does the word appear?",
        "Which line of `step` uses its argument?",
        "If there is a closure, call it before the update and return its loss.",
    ),
)
class ClosureIgnored(_Adam):
    """You never call the closure. A training that passes one has no gradients then, and no weight moves. Call it before the
    update."""

    def step(self, closure=None):
        self.update()


@mistake(
    "OwnAdam",
    slug="loss_not_returned",
    hints=(
        "What does `optimizer.step(closure)` give back?",
        "The closure returns a loss. What do you do with it?",
        "Keep the loss of the closure, and return it after the update.",
    ),
)
class LossNotReturned(_Adam):
    """With a closure, your updates are right, but `step` returns nothing. It should return the loss of the closure, so that a
    training loop can record it."""

    def step(self, closure=None):
        super().step(closure)


# -- state


@mistake(
    "OwnAdam",
    slug="averages_made_by_the_constructor",
    hints=(
        "Print `optimizer.state_dict()` after a step. Does it hold your averages?",
        "You make lists of averages in the constructor. What about parameters that `add_param_group` adds later?",
        "Keep the averages in `self.state[p]`, and make them in the parameter's first step.",
    ),
)
class AveragesMadeByTheConstructor(_Adam):
    """You keep the averages in attributes that the constructor makes. So a parameter that joins by `add_param_group` has none,
    and `state_dict()` does not save them. Keep them in `self.state`."""

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
        super().__init__(params, lr, betas, eps)
        own = [w for group in self.param_groups for w in group["params"]]
        self.own = {w: {"steps": 0, "m": torch.zeros_like(w), "v": torch.zeros_like(w)} for w in own}

    def state_of(self, w):
        return self.own[w]


@mistake(
    "OwnAdam",
    slug="state_outside_self_state",
    hints=(
        "Print `optimizer.state_dict()` after a step. Does it hold your averages?",
        "Load a state_dict into a new optimizer. From where does it get the averages?",
        "Keep averages and count in `self.state[p]`: the base class saves and loads only that.",
    ),
)
class StateOutsideSelfState(_Adam):
    """You keep the averages or counts in a dict of your own, perhaps by `id(p)`. The base class does not know it, so
    `state_dict()` does not save it, and a loaded run starts from zero. Keep everything in `self.state`."""

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
        self.own = defaultdict(dict)
        super().__init__(params, lr, betas, eps)

    def state_of(self, w):
        state = self.own[id(w)]
        if not state:
            state.update(steps=0, m=torch.zeros_like(w), v=torch.zeros_like(w))
        return state


@mistake(
    "OwnAdam",
    slug="count_outside_self_state",
    hints=(
        "Load a state_dict into a new optimizer. With which count does it go on?",
        "The averages travel with `state_dict()`. Where do you keep the count?",
        "Keep the count beside the averages, in `self.state[p]`.",
    ),
)
class CountOutsideSelfState(_Adam):
    """Your averages are in `self.state`, but the count is not. A loaded run then starts counting from 1 and corrects averages
    that are old. Keep the count in `self.state`, too."""

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
        self.counts = defaultdict(int)
        super().__init__(params, lr, betas, eps)

    def count(self, w, group):
        self.counts[id(w)] += 1
        return self.counts[id(w)]


@mistake(
    "OwnAdam",
    slug="one_count_in_an_attribute",
    hints=(
        "Give a second parameter its first gradient in the third step. With which count do you correct its averages?",
        "You count in an attribute of the optimizer. Does `state_dict()` save it?",
        "Keep a count for each parameter in `self.state[p]`.",
    ),
)
class OneCountInAnAttribute(_Adam):
    """You count the steps in an attribute of the optimizer. So a parameter that joins later gets the wrong correction, and a
    loaded run starts counting again. Keep a count for each parameter, in `self.state`."""

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
        self.steps = 0
        super().__init__(params, lr, betas, eps)

    @torch.no_grad()
    def update(self):
        self.steps += 1
        super().update()

    def count(self, w, group):
        return self.steps


# -- gradients and arguments


@mistake(
    "OwnAdam",
    slug="average_shares_the_gradient",
    hints=(
        "Print `p.grad` before and after `step()`.",
        "An assignment copies no numbers. Which of your tensors shares its memory with `p.grad`?",
        "Start each average with new zeros, and never write into `p.grad`.",
    ),
)
class AverageSharesTheGradient(_Adam):
    """Your average of gradients shares its memory with `p.grad`, so the two overwrite each other: `step` changes the gradient,
    or the next gradient changes the average. Give the average its own tensor."""

    def average(self, state, g, beta1, beta2):
        state["v"].mul_(beta2).add_((1 - beta2) * g**2)
        if state["steps"] == 1:
            state["m"] = g.mul_(1 - beta1)
        else:
            state["m"].mul_(beta1).add_((1 - beta1) * g)


@mistake(
    "OwnAdam",
    slug="gradient_scaled_in_place",
    hints=(
        "Print `p.grad` before and after `step()`.",
        "A method that ends in an underscore changes its tensor. Which of your calls change `p.grad`?",
        "Compute (1 - beta1) * p.grad as a new tensor.",
    ),
)
class GradientScaledInPlace(_Adam):
    """Your updates are right, but you change `p.grad` on the way. Later code may read it, for example to measure its length.
    Look for a method with a final underscore on the gradient."""

    def average(self, state, g, beta1, beta2):
        state["v"].mul_(beta2).add_((1 - beta2) * g**2)
        state["m"].mul_(beta1).add_(g.mul_(1 - beta1))


@mistake(
    "OwnAdam",
    slug="gradients_cleared",
    hints=(
        "Print `p.grad` before and after `step()`.",
        "Who clears the gradients in the loop of this section: `step`, or the loop?",
        "Leave `p.grad` as it is: `zero_grad` is a call of its own.",
    ),
)
class GradientsCleared(_Adam):
    """Your `step` clears the gradients. The training loop does that with `zero_grad`, when it wants to. `step` leaves every
    `.grad` as it is."""

    def step(self, closure=None):
        loss = super().step(closure)
        self.zero_grad(set_to_none=False)
        return loss


@mistake(
    "OwnAdam",
    slug="parameters_listed_twice",
    hints=(
        "Pass `model.parameters()` itself, not a list of it. How many times can you loop over it?",
        "Where do you go through `params` before the base class gets it?",
        "Hand `params` to the base class first, and use `self.param_groups` afterwards.",
    ),
)
class ParametersListedTwice(_Adam):
    """You go through `params` before the base class gets it. `model.parameters()` is an iterator that works only once, so
    nothing is left for the base class. Read the parameters from `self.param_groups`."""

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
        self.number = sum(1 for _ in params)
        super().__init__(params, lr, betas, eps)


@mistake(
    "OwnAdam",
    slug="arguments_not_checked",
    hints=(
        "Call `OwnAdam([w], lr=-0.1)`. When would a training notice?",
        "Does the base class check lr, betas and eps?",
        "Raise a ValueError that names the argument, for each rule under Raises.",
    ),
)
class ArgumentsNotChecked(_Adam):
    """You accept any lr, betas and eps, and the base class does not check them either. Raise ValueError for the values that the
    docstring lists under Raises."""

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
        torch.optim.Optimizer.__init__(self, params, {"lr": lr, "betas": betas, "eps": eps})


@mistake(
    "OwnAdam",
    slug="beta_of_one_accepted",
    hints=(
        "With beta1 = 1, what is 1 - beta1 ** t?",
        "Is 1 inside [0, 1)?",
        "Refuse both betas from 1 on, not only above it.",
    ),
)
class BetaOfOneAccepted(_Adam):
    """You accept a beta of 1. Then the average never changes, and the correction divides by zero. The interval [0, 1) does not
    hold 1."""

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
        _expect_settings(lr, [0 if beta == 1 else beta for beta in betas], eps)
        torch.optim.Optimizer.__init__(self, params, {"lr": lr, "betas": betas, "eps": eps})


@mistake(
    "OwnAdam",
    slug="zero_refused",
    hints=(
        "Call `OwnAdam([w], lr=0.0)`, and then with betas=(0.0, 0.0). Does the docstring allow it?",
        "Compare your conditions with the intervals in the docstring: is 0 inside?",
        "Refuse numbers below 0, not 0 itself.",
    ),
)
class ZeroRefused(_Adam):
    """You refuse 0 for lr, betas or eps, but the docstring allows it. A schedule may end at lr 0, and a beta of 0 means no
    average. Look at your comparisons."""

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
        for name, values in (("lr", (lr,)), ("betas", betas), ("eps", (eps,))):
            if not all(0 < value < (1 if name == "betas" else float("inf")) for value in values):
                raise ValueError(f"{name} is out of range")
        super().__init__(params, lr, betas, eps)


@mistake(
    "OwnAdam",
    slug="nesterov_average",
    hints=(
        "Compute two steps with the gradient 1. How much of the newest gradient counts in your numerator?",
        "Is there a second average of the average in the formula?",
        "Divide the first average by 1 - beta1^t, and use it as it is.",
    ),
)
class NesterovAverage(_Adam):
    """You average the first average and the gradient once more before the step, as NAdam does. Adam uses the corrected first
    average as it is."""

    def update_one(self, w, g, group):
        t, state, (beta1, beta2) = self.count(w, group), self.state_of(w), group["betas"]
        self.average(state, g, beta1, beta2)
        ahead = beta1 * state["m"] + (1 - beta1) * g
        self.move(w, ahead / (1 - beta1**t), state["v"] / (1 - beta2**t), group)


@mistake(
    "OwnAdam",
    slug="one_beta_for_both_corrections",
    hints=(
        "Which beta stands in the correction of the second average, in the formula and in yours?",
        "How large is the second average after one step, as a share of the squared gradient?",
        "Correct each average with its own beta.",
    ),
)
class OneBetaForBothCorrections(_Adam):
    """You correct both averages with the same beta, beta1. The second average fades with beta2, so divide it by 1 - beta2^t."""

    def update_one(self, w, g, group):
        t, state, (beta1, beta2) = self.count(w, group), self.state_of(w), group["betas"]
        self.average(state, g, beta1, beta2)
        self.move(w, state["m"] / (1 - beta1**t), state["v"] / (1 - beta1**t), group)


@mistake(
    "OwnAdam",
    slug="beta_times_the_count",
    hints=(
        "For beta1 = 0.9, what do you divide by in step 2: 0.19, or something else?",
        "What does the t above the beta mean in the formula?",
        "Raise each beta to the power of the count: beta ** t.",
    ),
)
class BetaTimesTheCount(_Adam):
    """You multiply each beta by the number of the step. In the correction, t is an exponent: 1 - beta^t, which is positive and
    tends to 1."""

    def update_one(self, w, g, group):
        t, state, (beta1, beta2) = self.count(w, group), self.state_of(w), group["betas"]
        self.average(state, g, beta1, beta2)
        self.move(w, state["m"] / (1 - beta1 * t), state["v"] / (1 - beta2 * t), group)


@mistake(
    "OwnAdam",
    slug="lr_divided_by_root_of_the_count",
    hints=(
        "With the gradient 1 in all steps, how long is each step by the formula?",
        "Does the formula of the step contain t outside of the corrections?",
        "Use the lr of the group as it is: a schedule may change it from outside.",
    ),
)
class LrDividedByRootOfTheCount(_Adam):
    """You divide lr by the root of the step's number. The formula has a constant lr: a schedule is set from outside, by
    changing the group."""

    def update_one(self, w, g, group):
        lr = group["lr"] / (self.state_of(w)["steps"] + 1) ** 0.5
        super().update_one(w, g, group | {"lr": lr})


@mistake(
    "OwnAdam",
    slug="lr_rises_at_the_start",
    hints=(
        "How long is your first step, with the gradient 1? It should be lr.",
        "Does the formula of the step contain t outside of the corrections?",
        "Use the lr of the group as it is: a warm-up is set from outside.",
    ),
)
class LrRisesAtTheStart(_Adam):
    """Your lr rises over the first ten steps. The correction of the averages is all that the formula has for the start; a warm-up
    is set from outside."""

    def update_one(self, w, g, group):
        rise = min(1.0, (self.state_of(w)["steps"] + 1) / 10)
        super().update_one(w, g, group | {"lr": group["lr"] * rise})


@mistake(
    "OwnAdam",
    slug="zero_gradient_skipped",
    hints=(
        "After some steps, give a parameter a gradient of zeros. Does it move?",
        "What happens to the averages if the gradient is zero: do they stay, or fade?",
        "Skip only parameters whose `.grad` is None.",
    ),
)
class ZeroGradientSkipped(_Adam):
    """You skip a parameter whose gradient is all zeros. A gradient of zero is a gradient: the averages fade, the count rises, and
    the parameter still moves along its first average. Skip only where `.grad` is None."""

    def update_one(self, w, g, group):
        if g.any():
            super().update_one(w, g, group)


@mistake(
    "OwnAdam",
    slug="update_limited",
    hints=(
        "Give the gradients 0, 0, 0, 5. How long is the last step by the formula?",
        "Is there a limit in the formula of the step?",
        "Subtract lr * m_hat / (sqrt(v_hat) + eps) as it is.",
    ),
)
class UpdateLimited(_Adam):
    """You limit the step to lr in each entry. Adam's steps are often about lr, but the formula has no limit: after small
    gradients a large one makes a longer step."""

    def move(self, w, m_hat, v_hat, group):
        w.sub_(group["lr"] * (m_hat / (v_hat.sqrt() + group["eps"])).clamp(-1, 1))


@mistake(
    "OwnAdam",
    slug="sign_of_the_average",
    hints=(
        "Does the size of your step depend on the second average?",
        "With the gradients 1 and -0.5, what is the ratio of the two averages?",
        "Divide the first average by the root of the second.",
    ),
)
class SignOfTheAverage(_Adam):
    """Each entry of your step is lr or -lr: you use only the sign of the first average. Adam divides it by the root of the
    second, so a step is shorter where gradients change their sign."""

    def move(self, w, m_hat, v_hat, group):
        w.sub_(group["lr"] * m_hat.sign())


@mistake(
    "OwnAdam",
    slug="square_of_the_deviation",
    hints=(
        "With the same gradient in every step, what does your second average tend to?",
        "Which quantity is squared in the formula: the gradient, or its difference from the average?",
        "Average the squares of the gradients themselves.",
    ),
)
class SquareOfTheDeviation(_Adam):
    """Your second average is that of (g - m)^2, the squared distance of the gradient from its average. Adam averages g^2."""

    def average(self, state, g, beta1, beta2):
        state["m"].mul_(beta1).add_((1 - beta1) * g)
        state["v"].mul_(beta2).add_((1 - beta2) * (g - state["m"]) ** 2)


@mistake(
    "OwnAdam",
    slug="largest_gradient_so_far",
    hints=(
        "Print your second state for the gradients 1 and 2. Which numbers does the formula give?",
        "What does the formula do with the squares: average them, or take the largest?",
        "Average g^2 with beta2.",
    ),
)
class LargestGradientSoFar(_Adam):
    """Your second state is the largest absolute gradient so far, faded by beta2, as in Adamax. Adam averages the squares of
    the gradients."""

    def update_one(self, w, g, group):
        t, state, (beta1, beta2) = self.count(w, group), self.state_of(w), group["betas"]
        state["m"].mul_(beta1).add_((1 - beta1) * g)
        state["v"].copy_(torch.maximum(beta2 * state["v"], g.abs()))
        self.move(w, state["m"] / (1 - beta1**t), state["v"] ** 2, group)


@mistake(
    "OwnAdam",
    slug="gradient_shortened",
    hints=(
        "Give a gradient of length 10, and one of length 5 in the same direction. Are the averages different?",
        "Does the text ask for a limit of the gradient?",
        "Use the gradient as it is.",
    ),
)
class GradientShortened(_Adam):
    """You shorten each gradient that is longer than 1 before you use it. Clipping is not a part of Adam."""

    def update_one(self, w, g, group):
        super().update_one(w, g / max(1.0, float(g.norm())), group)


@mistake(
    "OwnAdam",
    slug="one_state_for_equal_shapes",
    hints=(
        "Give two parameters of one shape different gradients. What is in the state of each?",
        "By which key do you look up the state of a parameter?",
        "Use the parameter itself as key: self.state[w].",
    ),
)
class OneStateForEqualShapes(_Adam):
    """Parameters of the same shape share one state in yours: their gradients mix in the averages, and the count rises several
    times per step. Each parameter has a state of its own: `self.state[w]`."""

    def state_of(self, w):
        state = self.state[tuple(w.shape)]
        if not state:
            state.update(steps=0, m=torch.zeros_like(w), v=torch.zeros_like(w))
        return state


@mistake(
    "OwnAdam",
    slug="default_lr_of_a_hundredth",
    hints=(
        "Make your optimizer without lr. Which lr is in its groups?",
        "Which defaults does the docstring give?",
        "Write lr=1e-3.",
    ),
)
class DefaultLrOfAHundredth(_Adam):
    """Your default for lr is 0.01. The signature has 0.001."""

    def __init__(self, params, lr=1e-2, betas=(0.9, 0.999), eps=1e-8):
        super().__init__(params, lr, betas, eps)


@mistake(
    "OwnAdam",
    slug="default_beta2_too_small",
    hints=(
        "Make your optimizer without betas. Which betas are in its groups?",
        "Which defaults does the signature give?",
        "Write betas=(0.9, 0.999).",
    ),
)
class DefaultBeta2TooSmall(_Adam):
    """Your default for beta2 is 0.99. The signature has betas=(0.9, 0.999)."""

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.99), eps=1e-8):
        super().__init__(params, lr, betas, eps)
