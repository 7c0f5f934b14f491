"""An interactive figure of section 3: gradient descent on a bowl."""

from ..shared.play import Bowl, Rule, geometric

PLAYS = (
    Bowl(
        "play-gradient-descent",
        "Gradient descent and its learning rate",
        "The bowl is 10 times as steep in one direction as in the other. At which learning rate does the path start to "
        "oscillate, and at which does it leave the bowl? The largest curvature is 1: compare with 2 / 1.",
        (Rule("gradient_descent_step", "gradient descent", 0),),
        (0.1, 1.0),
        geometric(0.02, 2.2, 25),
    ),
)
