"""A confined process cannot read, write, or reach anything: real attempts, and the same ones with a layer off.

An attempt that also fails without confinement proves nothing, so each group of attempts has its counter-experiment.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from grader.sandbox.confinement import landlock
from tests.sandbox.confinement.confined_attempts import AS_STARTED, IDENTITIES, NOBODY, Identity, make_scene

ALL_LAYERS: dict[str, Any] = {}
BEFORE_TRUNCATE = {"landlock_abi_limit": 2}
BEFORE_SCOPES = {"landlock_abi_limit": 4}
SECCOMP_ALONE = {"landlock_abi_limit": 0}
LANDLOCK_ALONE = {"seccomp": False}
WITH_A_FOLDER = ALL_LAYERS | {"scratch_bytes": 1 << 20}
# It may go elsewhere, where it may do nothing; it stands in its own folder; and what was never moved away cannot be moved back.
IN_A_FOLDER = {"chdir": "allowed", "/proc/self/cwd": "allowed", "rename back": "ENOENT"}
NEITHER = {"landlock_abi_limit": 0, "seccomp": False}

LAYERS = {
    "all layers": ALL_LAYERS,
    "Landlock 2": BEFORE_TRUNCATE,
    "Landlock 4": BEFORE_SCOPES,
    "seccomp alone": SECCOMP_ALONE,
    "all layers, and a folder of its own": WITH_A_FOLDER,
}
FILES = ("reading", "writing", "attributes")
GROUPS = (*FILES, "reading_others", "honest", "harmless", "network", "devious", "processes", "signals", "stopping")
REFUSALS = {"EPERM", "EACCES", "ENOSYS", "RuntimeError", "ValueError"}  # Python's for a thread and for a limit

Run = Callable[..., dict[str, Any]]


def only(results: dict[str, str], *outcomes: str) -> bool:
    """Whether the outcomes are exactly these; the assertion shows which attempt differs."""
    return results == {name: outcome for name, outcome in results.items() if outcome in outcomes} and bool(results)


@pytest.fixture(scope="module", params=IDENTITIES, ids=lambda identity: identity.name)
def identity(request: pytest.FixtureRequest) -> Identity:
    return request.param


@pytest.fixture(scope="module", params=LAYERS.values(), ids=LAYERS.keys())
def policy(request: pytest.FixtureRequest) -> dict[str, Any]:
    return request.param


@pytest.fixture(scope="module")
def confined(identity: Identity, policy: dict[str, Any]) -> dict[str, Any]:
    """The outcome of every group, and whether the files are as they were."""
    with make_scene(identity) as scene:
        before = scene.snapshot()
        try:
            found = scene.run(*GROUPS, **policy)
        except AssertionError as error:
            if policy is not WITH_A_FOLDER or "cannot be made here" not in str(error):
                raise
            pytest.skip("this machine gives this user no view of their own")
        return found | {"untouched": scene.snapshot() == before}


@pytest.fixture
def run() -> Iterator[Run]:
    """Run groups of attempts on a new scene: `run("reading", identity=..., **policy)`."""
    with ExitStack() as stack:

        def attempt(*groups: str, identity: Identity = AS_STARTED, **policy: Any) -> dict[str, Any]:
            return stack.enter_context(make_scene(identity)).run(*groups, **policy)

        yield attempt


@pytest.mark.parametrize("group", ["reading", "reading_others", "writing", "attributes"])
def test_no_hidden_file_is_read_and_none_is_changed(
    confined: dict[str, Any], policy: dict[str, Any], group: str
) -> None:
    expected = IN_A_FOLDER if policy is WITH_A_FOLDER else {}
    results = dict(confined["results"][group])
    assert {attempt: results.pop(attempt) for attempt in expected if attempt in results}.items() <= expected.items()
    assert only(results, "EACCES", "EPERM")
    assert confined["untouched"]


@pytest.mark.parametrize("group", ["network", "devious"])
def test_nothing_outside_is_reached(confined: dict[str, Any], group: str) -> None:
    assert only(confined["results"][group], "EPERM", "ENOSYS")


@pytest.mark.parametrize("group", ["processes", "signals", "stopping"])
def test_no_process_is_started_signalled_or_stopped(confined: dict[str, Any], group: str) -> None:
    assert only(confined["results"][group], *REFUSALS)


def test_harmless_calls_stay_allowed(confined: dict[str, Any]) -> None:
    assert only(confined["results"]["harmless"], "allowed")


def test_granted_files_are_read_where_landlock_guards_the_others(
    confined: dict[str, Any], policy: dict[str, Any]
) -> None:
    outcomes = dict(confined["results"]["honest"])
    if policy is SECCOMP_ALONE:
        assert only(outcomes, "EPERM", "ModuleNotFoundError")
        return
    if policy is BEFORE_TRUNCATE:
        assert outcomes.pop("write to /dev/null") == "EPERM"  # the price of refusing O_TRUNC
    assert only(outcomes, "allowed")


def test_the_layers_say_what_is_on(confined: dict[str, Any], policy: dict[str, Any], identity: Identity) -> None:
    abi = min(landlock.abi(), policy.get("landlock_abi_limit", 99))
    assert confined["layers"] == {
        "landlock": abi,
        "network": True,
        "seccomp": True,
        "no_open": abi == 0,
        "rlimits": True,
        "no_new_privs": True,
        "uid": identity.final_uid,
        "capabilities_dropped": True,
    }


def test_without_layers_every_attempt_on_files_and_sockets_succeeds(run: Run, identity: Identity) -> None:
    outcome = run(*FILES, "network", "honest", identity=identity, **NEITHER)
    assert {group: only(results, "allowed") for group, results in outcome["results"].items()} == dict.fromkeys(
        [*FILES, "network", "honest"], True
    ), outcome
    assert outcome["layers"]["network"] is outcome["layers"]["seccomp"] is outcome["layers"]["no_open"] is False


def test_without_layers_every_attempt_on_processes_and_signals_succeeds(run: Run) -> None:
    results = run("processes", "signals", **NEITHER)["results"]
    assert only(results["processes"], "allowed")
    assert only(results["signals"], "allowed")


def test_landlock_alone_guards_files_but_not_their_attributes(run: Run, identity: Identity) -> None:
    results = run("reading", "writing", "attributes", identity=identity, **LANDLOCK_ALONE)["results"]
    assert only(results["reading"], "EACCES")
    assert only(results["writing"], "EACCES", "ENOENT")  # there is nothing to rename back
    assert only(results["attributes"], "allowed")


def test_landlock_alone_executes_nothing(run: Run) -> None:
    results = run("processes", **LANDLOCK_ALONE)["results"]["processes"]
    assert (results["subprocess"], results["posix_spawn"]) == ("EACCES", "EACCES")


def test_landlock_alone_guards_what_its_version_knows(run: Run) -> None:
    outcome = run("network", "signals", **LANDLOCK_ALONE)
    network, signals, abi = outcome["results"]["network"], outcome["results"]["signals"], landlock.abi()
    assert outcome["layers"]["network"] is (abi >= 4)
    assert {network["tcp connect"], network["tcp bind"]} == ({"EACCES"} if abi >= 4 else {"allowed"})
    assert {network["unix abstract"], signals["kill the parent"]} == ({"EPERM"} if abi >= 6 else {"allowed"})
    assert {network["udp"], network["unix path"]} == {"allowed"}  # seccomp's share


def test_landlock_before_abi_3_needs_seccomp_against_truncation(run: Run) -> None:
    results = run("writing", landlock_abi_limit=2, seccomp=False)["results"]["writing"]
    assert results["truncate a readable file by opening it"] == "allowed"


def test_a_dropped_user_cannot_fork_even_without_seccomp(run: Run) -> None:
    dropped = [identity for identity in IDENTITIES if identity.drop_uid == NOBODY]
    for identity in dropped:
        assert run("processes", identity=identity, **NEITHER)["results"]["processes"]["fork"] == "EAGAIN"


def test_a_dropped_user_alone_reaches_no_process_of_others(run: Run) -> None:
    """What the same user may (see above), another may not."""
    for identity in [identity for identity in IDENTITIES if identity.drop_uid == NOBODY]:
        results = run("signals", "reading_others", identity=identity, **NEITHER)["results"]
        refused = {name for name, found in results["signals"].items() if found == "EPERM"}
        assert refused == {"kill the parent", "tgkill", "tkill", "the parent's limits"}
        assert {results["reading_others"][f"/proc/parent/{name}"] for name in ("root", "environ", "mem")} == {"EACCES"}
