"""Thresholds are stored as measured, kept apart by name, and leave the method of comparison outside."""

import pytest

from grader.course import find_course
from grader.toolkit import thresholds
from grader.toolkit.convergence import runs_of
from grader.toolkit.thresholds import Threshold

CALIBRATED = [f"{section.id}.{name}" for section in find_course().sections for name in runs_of(section.stem)]


@pytest.fixture
def empty_file(tmp_path, monkeypatch):
    monkeypatch.setattr(thresholds, "PATH", tmp_path / "thresholds.toml")
    thresholds.load.cache_clear()
    yield tmp_path / "thresholds.toml"
    thresholds.load.cache_clear()


def test_the_bound_lies_ten_deviations_above_the_mean():
    found = Threshold.measured([1.0, 2.0, 3.0], [8.0, 10.0], "grade calibrate section4 --seeds 3")
    assert (found.mean, found.std, found.bound, found.contrast, found.seeds) == (2.0, 1.0, 12.0, 9.0, 3)


def test_what_is_stored_is_loaded_and_what_was_stored_before_is_kept(empty_file):
    first = Threshold(0.25, 1e-7, 0.250001, float("inf"), 30, "grade calibrate section4 --seeds 30")
    second = Threshold(-1.0, 0.5, 4.0, 12345.7, 2, "grade calibrate section7 --seeds 2")
    thresholds.store({"section4.mnist": first})
    thresholds.store({"section7.adam": second})
    assert thresholds.load() == {"section4.mnist": first, "section7.adam": second}
    thresholds.store({"section4.mnist": second})
    assert thresholds.threshold("section4.mnist") == second
    assert thresholds.threshold("section7.adam") == second


def test_what_was_never_measured_says_how_to_measure_it(empty_file):
    with pytest.raises(KeyError, match=r"thresholds\.toml has no section4\.mnist: grade calibrate section4"):
        thresholds.threshold("section4.mnist")


@pytest.mark.parametrize("name", CALIBRATED)
def test_every_calibrated_run_has_a_threshold_that_the_method_of_comparison_misses(name):
    found = thresholds.threshold(name)
    assert found.mean < found.bound < found.contrast
    assert found.bound == pytest.approx(found.mean + thresholds.MARGIN_DEVIATIONS * found.std, rel=1e-4)
    assert found.seeds >= 30
