"""What travels to a worker."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Problem:
    """A number, and what becomes of it in a worker."""

    x: float

    def scaled(self) -> float:
        return 2.0 * self.x
