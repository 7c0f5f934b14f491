"""What the arguments of a course's exercises mean, by their names: a diagnosis can then say more about a wrong answer."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ArgumentRoles:
    """Names of arguments by their role. A course lists its own as `ROLES` in `checks/shared/arguments.py`.

    `states` are the values that a step keeps for the next step, `gradients` its other input, and `step` its number, from 1.
    `steps` is the number of steps to take; then a result has an entry for the start and for each step. `examples` have a row
    per example.
    """

    states: tuple[str, ...] = ()
    gradients: str = ""
    step: str = ""
    steps: str = ""
    examples: frozenset[str] = frozenset()


NO_ROLES = ArgumentRoles()
