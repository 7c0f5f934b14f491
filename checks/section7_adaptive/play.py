"""The sliders of section 7: adaptive methods on a bowl."""

from ..shared.play import Bowl, Rule, geometric

PLAYS = (
    Bowl(
        "play-optimizers",
        "Adaptive methods and their learning rate",
        "The bowl is 50 times as steep in one direction as in the other. Adaptive methods compensate: they divide each "
        "gradient by its own size. Which of them still moves after 40 steps, and which circles around the minimum?",
        (
            Rule("adagrad_step", "AdaGrad", 1),
            Rule("rmsprop_step", "RMSProp", 1),
            Rule("adam_step", "Adam", 2, is_counted=True),
        ),
        (0.02, 1.0),
        geometric(0.01, 5.0, 20),
    ),
)
