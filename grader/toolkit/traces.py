"""What an update rule leaves behind besides numbers: weights that can still be trained, and an autograd that records."""

from typing import Any

from grader.toolkit.closeness import expect
from grader.toolkit.programs.updates import traces_of_step


class Traced:
    """A submission whose update rules have to leave no trace in autograd: `Traced(student).adam_step(params, …)`."""

    def __init__(self, student: Any) -> None:
        self._student = student

    def __getattr__(self, function: str) -> Any:
        def step(*args: Any, **kwargs: Any) -> None:
            trainable, recording = self._student.run(traces_of_step, function, *args, **kwargs)
            expect(all(trainable), "The weights required grad before the step, and do not afterwards.")
            message = (
                "After the step, torch records no gradients any more: switch them off for the step's own lines only."
            )
            expect(recording, message)

        return step
