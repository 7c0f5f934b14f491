"""What a student plays with in this section: gradient descent on a bowl."""

from ..shared.play import Bowl, Rule, geometric

PLAYS = (
    Bowl(
        "play-gradient-descent",
        "Gradient descent and its learning rate",
        "The bowl is 10 times as steep one way as the other. From which learning rate on does the path go to and fro, "
        "and at which does it leave the bowl? The steep curvature is 1: compare with 2 / 1.",
        (Rule("gradient_descent_step", "gradient descent", 0),),
        (0.1, 1.0),
        geometric(0.02, 2.2, 25),
    ),
)
