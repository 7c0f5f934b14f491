"""Grade attacks with no isolation at all, each in a fork of this process: `python -m tests.attacks.in_process ID...`.

This is what a grader without another process is worth: what forges points there must not do so in the sandbox. Prints one
JSON object, attack to outcome.
"""

import json
import os
import sys
import tempfile
from pathlib import Path

import torch  # noqa: F401, here once, not in each fork

from tests.attacks.configurations import graded, run
from tests.attacks.corpus import FOLDER, read
from tests.attacks.targets import make_targets


def attempt(name: str) -> object:
    """The outcome of one attack, found in a fork that may be left in ruins."""
    told, tells = os.pipe()
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        write, encode, leave = os.write, json.dumps, os._exit
        sys.stderr = sys.stdout = open(os.devnull, "w")  # noqa: SIM115, a fork that is about to end
        attack = read(FOLDER / f"{name}.py")
        with make_targets() as targets, tempfile.TemporaryDirectory() as folder:
            found = graded(attack, run(attack, None, targets, Path(folder)))
            write(tells, encode(found).encode())
        leave(0)
    os.close(tells)
    with os.fdopen(told, "rb") as pipe:
        data = pipe.read()
    _, status = os.waitpid(child, 0)
    if data:
        return json.loads(data)
    said = f"the grader ended with exit code {os.waitstatus_to_exitcode(status)}"
    return dict.fromkeys(read(FOLDER / f"{name}.py").expected, (said, 0.0))


if __name__ == "__main__":
    print(json.dumps({name: attempt(name) for name in sys.argv[1:]}))
