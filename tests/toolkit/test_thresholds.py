"""Thresholds are stored as measured, kept apart by name, and those of the course are what docs/thresholds.md promises."""

import pytest

from grader.audit.calibration import runs_of, scaled_runs_of
from grader.find_course import find_course
from grader.toolkit import thresholds
from grader.toolkit.thresholds import Kills, Scale, Threshold

SECTIONS = find_course().sections
RUNS = {f"{section.id}.{name}": run for section in SECTIONS for name, run in runs_of(section).items()}
SCALED_RUNS = {f"{section.id}.{name}": run for section in SECTIONS for name, run in scaled_runs_of(section).items()}
SCALE = Scale(0.125, 0.5, 0.1, 0.005, 0.52, 0.004, 20, "grade calibrate section9", {"torch": "2.13.0+cpu"})
FIRST = Threshold(
    mean=0.25,
    std=1e-7,
    reach=0.250001,
    threshold=0.3,
    false_fail=1e-9,
    contrast=float("inf"),
    seeds=400,
    mistake_seeds=20,
    command="grade calibrate section4 --seeds 400",
    versions={"torch": "2.13.0+cpu"},
    mistakes={"wrong_sign": Kills(1.0, 1.0, False), "accepts_beta_1": Kills(0.0, 0.0, True)},
)
SECOND = Threshold(-1.0, 0.5, 3.5, 4.0, 1e-6, 12345.7, 200, 20, "grade calibrate section7 --seeds 200")


def found_of(name):
    """The entry of a run of the course, by "section.run"."""
    section, _, run = name.partition(".")
    return thresholds.load(find_course().find(section).thresholds)[run]


@pytest.fixture
def room(tmp_path):
    """An empty room, as a module in it names itself."""
    (tmp_path / "section4_momentum").mkdir()
    return tmp_path / "section4_momentum" / "test_section4.py"


def test_what_is_stored_is_loaded_and_what_was_stored_before_is_kept(room):
    path = room.with_name("thresholds.toml")
    thresholds.store(path, {"mnist": FIRST})
    thresholds.store(path, {"adam": SECOND})
    assert thresholds.load(path) == {"mnist": FIRST, "adam": SECOND}
    thresholds.store(path, {"mnist": SECOND})
    assert thresholds.threshold(str(room), "mnist") == SECOND
    assert thresholds.threshold(str(room), "adam") == SECOND


def test_what_was_never_measured_says_how_to_measure_it(room):
    with pytest.raises(LookupError, match=r"thresholds\.toml has no mnist. Type: grade calibrate section4"):
        thresholds.threshold(str(room), "mnist")


@pytest.mark.parametrize("name", RUNS)
def test_every_run_has_a_threshold_between_right_answers_and_the_method_of_comparison(name):
    found = found_of(name)
    assert found.mean < found.reach <= found.threshold < found.contrast
    assert found.false_fail <= 1e-6
    assert found.seeds >= 200


@pytest.mark.parametrize("name", [name for name, run in RUNS.items() if run.limit is None])
def test_every_mistake_fails_in_all_runs_or_is_for_other_checks(name):
    found = found_of(name)
    assert found.mistake_seeds >= 20
    undecided = [slug for slug, kills in found.mistakes.items() if kills.by_check < 1 and not kills.as_reference]
    assert not undecided, "redesign the run, do not loosen it: docs/thresholds.md"


@pytest.mark.parametrize("name", RUNS)
def test_every_run_judges_an_exercise_of_its_section(name):
    assert RUNS[name].exercise in find_course().find(name.partition(".")[0]).exercises


@pytest.mark.parametrize("name", RUNS)
def test_every_threshold_is_shown_in_the_document(name):
    text = (find_course().root / "docs" / "thresholds.md").read_text(encoding="utf-8")
    assert f"images/thresholds/{name}.svg" in text
    row = next(line for line in text.splitlines() if line.startswith(f"| `{name}` |"))
    cells = [float(cell) for cell in row.strip("| ").split(" | ")[1:]]
    found = found_of(name)
    assert cells[:4] == [float(f"{number:.4g}") for number in (found.mean, found.std, found.reach, found.threshold)]
    assert found.false_fail <= cells[4] <= 2 * found.false_fail  # rounded up
    assert cells[5] == float(f"{found.contrast:.3g}")


def test_a_scale_is_kept_beside_thresholds_and_not_taken_for_one(room):
    path = room.with_name("thresholds.toml")
    thresholds.store(path, {"mnist": FIRST, "classifier": SCALE})
    assert thresholds.scale(str(room), "classifier") == SCALE
    assert thresholds.threshold(str(room), "mnist") == FIRST
    for find, name in ((thresholds.threshold, "classifier"), (thresholds.scale, "mnist")):
        with pytest.raises(LookupError, match="grade calibrate"):
            find(str(room), name)
    assert "mistakes" not in thresholds.without_mistakes(path)


@pytest.mark.parametrize(
    ("value", "share"), [(0.5, 0.0), (0.75, 0.0), (0.125, 1.0), (0.3125, 0.5), (0.0, 4 / 3), (float("nan"), 0.0)]
)
def test_a_share_rises_from_one_end_of_a_scale_to_the_other(value, share):
    assert SCALE.share(value) == pytest.approx(share)


@pytest.mark.parametrize("name", SCALED_RUNS)
def test_a_scale_leaves_room_at_both_ends_and_every_text_states_it(name):
    found, run = found_of(name), SCALED_RUNS[name]
    section = find_course().find(name.partition(".")[0])
    assert found.mean + 5 * found.std <= found.everything < found.nothing <= found.contrast - 5 * found.contrast_std
    assert found.seeds == run.seeds
    assert run.exercise in section.exercises
    nothing, everything = (f"{100 * (1 - end):.1f} %" for end in (found.nothing, found.everything))
    stub = section.exercise.read_text(encoding="utf-8")
    assert f"from none at {nothing} to three at {everything}. Above {nothing}," in stub
    titles = " ".join(check.title for check in section.check_list if check.exercise == run.exercise)
    assert f"reads more than {nothing}" in titles
    assert (
        f"Reads {everything} of 10,000 new digits, shifted and rotated; points rise linearly from {nothing}" in titles
    )
    mistakes = "".join(path.read_text(encoding="utf-8") for path in section.mistakes)
    assert f"fewer than the {nothing} at which" in mistakes
    document = (section.root / "docs" / "thresholds.md").read_text(encoding="utf-8")
    row = next(line for line in document.splitlines() if line.startswith(f"| `{name}` |"))
    numbers = (found.seeds, found.mean, found.std, found.contrast, found.contrast_std)
    assert row.strip("| ").split(" | ")[1:] == [*(f"{number:.3g}" for number in numbers), everything, nothing]
