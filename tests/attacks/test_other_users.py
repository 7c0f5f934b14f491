"""What depends on the user, as another user and in a container; and what depends on open files, where no file can be opened."""

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.attacks.configurations import ALL_LAYERS, SECCOMP_ALONE
from tests.attacks.corpus import Attack, attacks, honest
from tests.paths import ROOT


def some_of_each(suite: list[Attack], count: int) -> list[Attack]:
    """The first attacks that each protection stops: this many of them."""
    met = Counter[str]()
    met_before = [(attack, met.update([attack.stopped_by]) or met[attack.stopped_by]) for attack in suite]
    return [attack for attack, number in met_before if number <= count]


# What a user may do decides what can be reached and used up. What is forged or injected is judged in another process.
# Every escape is tried as root; as others, some for each protection, which is either there for a user or not.
SUITES = {
    "nobody": [*some_of_each(attacks("escape"), 10), *some_of_each(attacks("denial"), 2), *some_of_each(honest(), 1)],
    "root that becomes nobody": [*some_of_each(attacks("escape"), 5), *some_of_each(honest(), 1)],
    "like a container": [*some_of_each(attacks("escape"), 5), *some_of_each(honest(), 1)],
}
# Escapes are tried with seccomp alone in test_attacks.py; of the others, what a missing file can change is the same for most.
WITHOUT_FILES = [*attacks("injection")[::2], *some_of_each([*attacks("forging"), *attacks("denial")], 1)]

pytestmark = pytest.mark.slow


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that every user can enter, which pytest's own is not."""
    with tempfile.TemporaryDirectory(prefix="grade-attacks-") as made:
        Path(made).chmod(0o755)
        yield Path(made)


def graded_as(identity: str, configuration: str, folder: Path, suite: list[Attack]) -> dict[str, object]:
    command = [sys.executable, "-m", "tests.attacks.other_users", identity, configuration, str(folder)]
    command += [attack.id for attack in suite]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def tried(layers: dict[str, object], suite: list[Attack]) -> list[Attack]:
    """What this user can be protected from: namespaces are not for everybody."""
    return [attack for attack in suite if attack.stopped_by != "namespaces" or layers["namespaces"]]


def others(found: dict[str, object], suite: list[Attack]) -> dict[str, object]:
    """What came to something else than it should, or left traces."""
    expected = {attack.id: [{name: list(outcome) for name, outcome in attack.expected.items()}, []] for attack in suite}
    return {name: found.get(name) for name, outcome in expected.items() if found.get(name) != outcome}


@pytest.mark.skipif(os.getuid() != 0, reason="needs root to begin with")
@pytest.mark.parametrize("identity", SUITES)
def test_an_outcome_is_the_same_for_another_user(identity, folder):
    found = graded_as(identity, ALL_LAYERS, folder, SUITES[identity])
    layers = found.pop("layers")
    assert layers["landlock"]
    assert layers["seccomp"]
    assert layers["uid"] == 65534 or identity == "like a container"  # which cannot reach a private Python otherwise
    assert others(found, tried(layers, SUITES[identity])) == {}


def test_an_attack_comes_to_the_same_where_no_file_can_be_opened(folder):
    """Not every honest hand-in passes: modules that were not imported before it are missing."""
    found = graded_as("as started", SECCOMP_ALONE, folder, WITHOUT_FILES)
    layers = found.pop("layers")
    assert layers["no_open"]
    assert others(found, tried(layers, WITHOUT_FILES)) == {}
