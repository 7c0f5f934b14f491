"""What the arguments of a course's exercises mean, by their names: a diagnosis can then say more about a wrong answer."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ArgumentRoles:
    """Names of arguments, by the part that they play. A course lists its own as `ROLES` in `checks/shared/arguments.py`.

    `states` are what a step keeps for the next one, `gradients` what it is given besides, and `step` its number, from 1.
    `steps` is how many steps to take, where a result has the start and an entry for each. `examples` have a row per example.
    """

    states: tuple[str, ...] = ()
    gradients: str = ""
    step: str = ""
    steps: str = ""
    examples: frozenset[str] = frozenset()


NO_ROLES = ArgumentRoles()
