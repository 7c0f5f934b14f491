"""The sandbox as the suite opens it: as it is meant to be, and weakened on purpose, so that an attack can be seen to succeed."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from grader.course import Course
from grader.grading.report import Report
from grader.grading.request import Selection
from grader.sandbox.limits.limits import Limits
from grader.sandbox.process.launch import Sandbox
from grader.sandbox.process.launch_zygote import ZygoteOwner
from grader.sandbox.process.trust import Trust
from grader.sandbox.process.zygote_messages import Config
from grader.service.session import grade
from grader.submission.locate import read_section
from tests.attacks.corpus import PLACE, Attack, Outcome
from tests.attacks.targets import Targets
from tests.paths import ROOT, TINY

GRADER = ROOT / "grader"
COURSE, WHOLE_COURSE = Course(TINY), Course(GRADER.parent)

# Soon out of patience with loops; sleep, which costs nothing but time, is waited for a little longer.
HASTY = Limits(call_cpu_seconds=0.3, call_wall_seconds=2.0, load_cpu_seconds=0.7, load_wall_seconds=4.0)
WIDE = Limits(
    call_cpu_seconds=60.0, load_cpu_seconds=60.0, memory_bytes=64 << 30, output_bytes=64 << 20, open_files=4096
)


@dataclass(frozen=True)
class Configuration:
    """Which layers are on, and which limits hold."""

    landlock_abi_limit: int | None = None
    seccomp: bool = True
    namespaces: bool = True
    cgroup: bool = True
    limits: Limits = HASTY

    def open(self) -> Sandbox:
        """A sandbox of this configuration, with the tiny course's answers hidden as the grader hides any course's."""
        hidden = [str(path) for path in (GRADER, WHOLE_COURSE.solutions, TINY / "grader", TINY / "solutions")]
        config = Config(
            hidden=hidden,
            packages=("torch",),
            landlock_abi_limit=self.landlock_abi_limit,
            seccomp=self.seccomp,
            namespaces=self.namespaces,
            cgroup=self.cgroup,
        )
        owner = ZygoteOwner(config, self.limits)
        return Sandbox("zygote", owner.clients[0], self.limits, owner, trust=Trust(everybody=True))


ALL_LAYERS = "all layers"
SECCOMP_ALONE, LANDLOCK_ALONE, NO_CONFINEMENT = "seccomp alone", "Landlock alone", "no confinement"
NAMESPACES_ALONE, WITHOUT_NAMESPACES = "namespaces alone", "without namespaces"
WIDE_LIMITS = "wide limits"
IN_PROCESS = "in process"  # no other process at all: see in_process.py
INSIDE = "graded inside the hand-in"  # whose checks are then taken for the course's

CONFIGURATIONS = {
    ALL_LAYERS: Configuration(),
    SECCOMP_ALONE: Configuration(landlock_abi_limit=0, namespaces=False, cgroup=False),
    LANDLOCK_ALONE: Configuration(seccomp=False, namespaces=False, cgroup=False),
    NO_CONFINEMENT: Configuration(landlock_abi_limit=0, seccomp=False, namespaces=False, cgroup=False),
    NAMESPACES_ALONE: Configuration(landlock_abi_limit=0, seccomp=False, cgroup=False),
    WITHOUT_NAMESPACES: Configuration(namespaces=False),
    WIDE_LIMITS: Configuration(limits=replace(WIDE)),
}


def _naive(got: Any, expected: Any, tolerance: Any) -> Any:
    """What differs by more than a tolerance, as one would write it first: NaN differs from nothing."""
    return abs(got - expected) > 1e-6


# A protection of the trusted process that is switched off: what to put in its place.
SWITCHED_OFF: dict[str, dict[str, Any]] = {
    "predictable ids": {"grader.sandbox.calls.conversation.Conversation._next": lambda self: 7},
    "naive comparison": {
        "grader.toolkit.comparison.structure_difference": lambda *_: None,
        "grader.toolkit.comparison.wrong_entries": _naive,
    },
    "no gates": {"grader.grading.section_run.SectionRun._require": lambda *_: None},
    "text as it comes": {
        "grader.toolkit.text._visible": lambda character: character,
        "grader.render.terminal.text_layout.inert": lambda line: line,
        "grader.render.terminal.terminal.inert": lambda line: line,
    },
}


def hand_in(attack: Attack, targets: Targets, folder: Path) -> Path:
    """Write an attack, and what it comes with, into an empty folder; return the path to grade."""
    for name, content in attack.beside.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    path = folder / attack.filename
    path.write_bytes(attack.source(targets.facts))
    is_found = attack.filename == f"{attack.stem}.py" and (attack.section == "tiny" or attack.stem == PLACE.stem)
    return folder if is_found else path


def run(attack: Attack, sandbox: Sandbox | None, targets: Targets, folder: Path, inside: bool = False) -> Report:
    """Grade an attack for real; without a sandbox in this very process, `inside` by the course that it brings along."""
    path = hand_in(attack, targets, folder)
    course = Course(folder) if inside else COURSE if attack.section == "tiny" else WHOLE_COURSE
    section = course.find(attack.section)
    submission = read_section(path, section)
    return grade(course, section, submission, sandbox, Selection(exercises=tuple(attack.expected)))


def outcome(report: Report) -> Outcome:
    """Each exercise's status and points."""
    return {exercise.name: (exercise.status.value, exercise.points) for exercise in report.exercises}


def graded(attack: Attack, report: Report) -> Outcome:
    """The outcome for the exercises that the attack is about."""
    found: dict[str, Any] = outcome(report)
    return {name: found[name] for name in attack.expected}
