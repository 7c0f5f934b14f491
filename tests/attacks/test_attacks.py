"""Every attack is really graded: it gets only the points of its honest parts, leaves nothing, and reaches no one else.

That a test of this kind can fail is shown by the same files in weakened configurations, where they succeed.
"""

import json
import subprocess
import sys
from collections import Counter

import pytest

from grader.grading.report import to_json
from grader.sandbox.confinement import landlock
from tests.attacks.configurations import (
    ALL_LAYERS,
    CONFIGURATIONS,
    IN_PROCESS,
    INSIDE,
    LANDLOCK_ALONE,
    NAMESPACES_ALONE,
    NO_CONFINEMENT,
    SECCOMP_ALONE,
    SWITCHED_OFF,
    WIDE_LIMITS,
    WITHOUT_NAMESPACES,
    graded,
)
from tests.attacks.corpus import KINDS, Attack, attacks, honest
from tests.attacks.table import today
from tests.paths import ROOT

ATTACKS = attacks()
HONEST = honest()
LEAST = 120
NAMESPACES = "namespaces"
# What lies outside of them does not exist for whoever is inside: no other layer is needed for that.
STOPPED_BY_NAMESPACES_ALONE = {
    *("asks_whether_a_file_exists", "asks_who_else_runs", "imports_the_solution", "limits_of_the_grader"),
    *("process_information", "reads_another_package", "reads_bytecode", "reads_by_other_paths", "reads_caches"),
    *(
        "reads_git_objects",
        "reads_passwords",
        "reads_the_checks",
        "reads_the_memory_of_the_grader",
        "reads_the_solution",
    ),
    *("signals_the_grader", "tcp_connect", "traces_the_grader", "udp", "unix_socket"),
    *("unix_socket_without_a_path", "writes_to_the_memory_of_the_grader"),
}
AT_ONCE = 4  # attacks of a group that are no slow tests
ABI_WITH_SCOPES = 6  # of Landlock: below it, what Landlock stops alone is less


def each(chosen: list[Attack]) -> pytest.MarkDecorator:
    """Every one of these attacks; of each kind, and what stops it, some at once and the others among the slow tests."""
    met = Counter[tuple[str, str]]()
    cases = []
    for attack in chosen:
        group = (attack.kind, attack.stopped_by)
        met[group] += 1
        slow = attack.kind == "denial" or met[group] > AT_ONCE
        cases.append(pytest.param(attack, id=attack.id, marks=[pytest.mark.slow] if slow else []))
    return pytest.mark.parametrize("attack", cases)


def succeeding(*configurations: str) -> pytest.MarkDecorator:
    """Every attack with every one of these configurations in which it is said to succeed."""
    cases = [(attack, name) for attack in ATTACKS for name in configurations if name in attack.succeeds_in]
    return pytest.mark.parametrize(("attack", "configuration"), cases, ids=[f"{a.id}, {name}" for a, name in cases])


def has_namespaces(report, configuration: str) -> bool:
    """Whether the worker had them, or was not to have any."""
    return (configuration in CONFIGURATIONS and not CONFIGURATIONS[configuration].namespaces) or report.sandbox[
        "namespaces"
    ]


def expect(attack: Attack, configuration: str, grade_attack) -> None:
    """Grade, and compare exercise by exercise; no attack may leave a trace where it does not succeed."""
    report, traces = grade_attack(attack, configuration)
    if NAMESPACES in (attack.stopped_by, configuration.removesuffix(" alone")) and not has_namespaces(
        report, configuration
    ):
        pytest.skip("this machine gives this user no namespaces")
    assert graded(attack, report) == attack.expected_in(configuration), to_json(report).decode()
    if configuration not in attack.succeeds_in:
        assert traces == []
    elif attack.leaves:
        assert attack.leaves in traces


@each(ATTACKS)
def test_an_attack_gains_nothing_and_leaves_nothing(attack, grade_attack):
    expect(attack, ALL_LAYERS, grade_attack)


@each(HONEST)
def test_an_honest_submission_that_comes_close_keeps_its_points(attack, grade_attack):
    expect(attack, ALL_LAYERS, grade_attack)


# -- the same files in weakened configurations


@pytest.mark.slow
@succeeding(*SWITCHED_OFF, INSIDE)
def test_with_a_protection_of_the_grader_switched_off_the_same_file_succeeds(attack, configuration, grade_attack):
    expect(attack, configuration, grade_attack)


@pytest.fixture(scope="module")
def in_process():
    """The outcomes of all attacks that succeed where there is no isolation."""
    names = [attack.id for attack in ATTACKS if IN_PROCESS in attack.succeeds_in]
    command = [sys.executable, "-m", "tests.attacks.in_process", *names]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.slow
@succeeding(IN_PROCESS)
def test_without_a_process_of_its_own_a_submission_forges_points(attack, configuration, in_process):
    assert in_process[attack.id] == {name: list(found) for name, found in attack.there.items()}


@pytest.mark.slow
@succeeding(WIDE_LIMITS)
def test_with_wide_limits_the_same_is_allowed(attack, configuration, grade_attack):
    expect(attack, configuration, grade_attack)


@pytest.mark.slow
@pytest.mark.skipif(landlock.abi() < ABI_WITH_SCOPES, reason="this kernel's Landlock stops less")
@pytest.mark.parametrize("configuration", [SECCOMP_ALONE, LANDLOCK_ALONE, NO_CONFINEMENT])
@each(attacks("escape"))
def test_each_layer_alone_stops_what_it_is_said_to_stop(attack, configuration, grade_attack):
    expect(attack, configuration, grade_attack)


@pytest.mark.slow
@pytest.mark.parametrize(
    "attack", [one for one in attacks("escape") if one.path.stem in STOPPED_BY_NAMESPACES_ALONE], ids=lambda one: one.id
)
def test_namespaces_alone_leave_nothing_to_be_reached_outside(attack, grade_attack):
    expect(attack, NAMESPACES_ALONE, grade_attack)


@succeeding(WITHOUT_NAMESPACES)
def test_without_namespaces_it_can_be_asked_what_there_is_outside(attack, configuration, grade_attack):
    expect(attack, configuration, grade_attack)


# -- the suite itself


def test_the_suite_is_whole():
    assert len(ATTACKS) >= LEAST
    for attack in [*ATTACKS, *HONEST]:
        assert attack.tries, attack.id
        assert attack.expected, attack.id
        assert attack.stopped_by, attack.id
        assert bool(attack.succeeds_in) == bool(attack.there), attack.id


def test_every_protection_has_its_three_parts():
    """An honest submission, an attack, and the attack where that protection is off."""
    protections = {attack.stopped_by for attack in ATTACKS}
    assert {attack.stopped_by for attack in ATTACKS if attack.succeeds_in} == protections
    assert {attack.stopped_by for attack in HONEST} == protections


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_attacks(kind):
    assert len(attacks(kind)) >= 10


def test_the_documents_list_today_s_attacks_and_today_s_points():
    """If not: python -m tests.attacks.table"""
    for path, text in today().items():
        assert path.read_text(encoding="utf-8") == text
