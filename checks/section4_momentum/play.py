"""An interactive figure of section 4: momentum on a bowl."""

from ..shared.play import Bowl, Rule, geometric

PLAYS = (
    Bowl(
        "play-momentum",
        "Momentum on an ill-conditioned bowl",
        "The bowl is 50 times as steep in one direction as in the other. Set momentum to 0 and find the best learning rate; "
        "then raise momentum. How much larger may the learning rate be, and how many steps do you save?",
        (Rule("momentum_step", "heavy ball", 1),),
        (0.02, 1.0),
        geometric(0.1, 4.0, 16),
        (0.0, 0.2, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 0.99),
    ),
)
