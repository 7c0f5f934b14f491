"""Calibration puts a threshold where right answers end and wrong ones have not begun, and says what that costs."""

import shutil
from dataclasses import dataclass, replace

import numpy as np
import pytest
from scipy import stats

from grader.audit.calibration import (
    GOAL,
    MISTAKE_SEEDS,
    SHARE,
    Calibrator,
    calibrate,
    judge,
    measurements_of,
    runs_of,
    scale_of,
)
from grader.audit.measurements import SMALLEST, Store, fit_tail, versions
from grader.course import Course, UsageError
from grader.diagnosis.known_mistakes import mistakes_of
from grader.find_course import find_course
from grader.toolkit.convergence import Measurement
from grader.toolkit.thresholds import load
from tests.paths import TINY

SEEDS = 400
NOISE = np.random.default_rng(1).normal(size=SEEDS)


@dataclass(frozen=True)
class Solver:
    """A submission that reaches `level`, give or take a hundredth; seeds in `fails_at` raise."""

    level: float = 1.0
    by_the_rule: bool = True
    fails_at: tuple[int, ...] = ()
    error: type[BaseException] = ValueError

    def solve(self, seed):
        if seed in self.fails_at:
            raise self.error
        return Measurement(self.level + 0.01 * NOISE[seed], self.by_the_rule)


@dataclass
class ToyRun:
    """A run that counts what it measures."""

    exercise: str = "solve"
    quantity: str = "loss"
    contrast_name: str = "guessing"
    limit: float | None = None
    contrast_level: float = 9.0
    measured: int = 0

    def measure(self, solver, seed):
        self.measured += 1
        return solver.solve(seed)

    def contrast(self, solver, seed):
        return self.contrast_level + NOISE[seed]


MISTAKES = {
    "worse": (Solver(2.0), "level = 2"),
    "lucky": (Solver(1.0, by_the_rule=False), "level = 1; rule = None"),
    "raises": (Solver(fails_at=tuple(range(SEEDS))), "raise ValueError"),
    "accepts_all": (Solver(), "level = 1.0"),
}
CALIBRATOR = Calibrator(Solver(), "level = 1", {"solve": MISTAKES, "another": {"unasked": (Solver(), "")}})


@pytest.fixture
def kept(tmp_path):
    return Store(tmp_path / "measurements")


def judged(calibrator, run, kept):
    found = calibrator.measure(run, kept.load("toy.run"), SEEDS, kept)
    return judge(found, SEEDS, run.limit, "grade calibrate toy")


def test_the_threshold_lies_between_the_tail_and_the_nearest_wrong_run(kept):
    found = judged(CALIBRATOR, ToyRun(), kept)
    nearest = float(f"{2 + 0.01 * NOISE[:MISTAKE_SEEDS].min():.6g}")
    assert found.threshold == pytest.approx(found.reach + SHARE * (nearest - found.reach))
    assert 1 + 0.01 * NOISE.max() < found.reach < found.threshold < nearest
    assert (found.mean, found.std) == pytest.approx((1 + 0.01 * NOISE.mean(), 0.01 * NOISE.std(ddof=1)), abs=1e-6)
    assert SMALLEST <= found.false_fail <= GOAL
    assert (found.seeds, found.mistake_seeds) == (SEEDS, MISTAKE_SEEDS)
    assert {"numpy", "scipy", "python"} <= set(found.versions)


def test_the_version_of_torch_is_noted_only_for_code_in_torch():
    assert "torch" in versions("import numpy as np\nimport torch\n")
    assert "torch" not in versions("import numpy as np  # no torch\n")


def test_kills_are_counted_by_the_threshold_and_by_the_whole_check(kept):
    found = judged(CALIBRATOR, ToyRun(), kept).mistakes
    rates = {slug: (kills.by_threshold, kills.by_check, kills.as_reference) for slug, kills in found.items()}
    assert rates == {
        "worse": (1.0, 1.0, False),
        "lucky": (0.0, 1.0, False),
        "raises": (1.0, 1.0, False),
        "accepts_all": (0.0, 0.0, True),
    }


def test_a_mistake_that_fails_now_and_then_is_no_copy_of_the_reference(kept):
    calibrator = replace(CALIBRATOR, mistakes={"solve": {"sometimes": (Solver(fails_at=(3, 5)), "level = random()")}})
    kills = judged(calibrator, ToyRun(), kept).mistakes["sometimes"]
    assert (kills.by_check, kills.as_reference) == (2 / MISTAKE_SEEDS, False)


def test_a_limit_that_the_exercise_states_is_the_threshold(kept):
    assert judged(CALIBRATOR, ToyRun(limit=1.5), kept).threshold == 1.5


@pytest.mark.parametrize("run", [ToyRun(contrast_level=1.0), ToyRun(limit=1.01), ToyRun(limit=20.0)])
def test_where_right_and_wrong_overlap_there_is_no_threshold(kept, run):
    with pytest.raises(UsageError, match=r"redesign the run: .*the mean of several runs"):
        judged(CALIBRATOR, run, kept)


@pytest.mark.parametrize("reference", [Solver(by_the_rule=False), Solver(fails_at=(0,))])
def test_a_reference_that_fails_its_own_check_is_told(kept, reference):
    with pytest.raises(UsageError, match="with seed 0"):
        judged(replace(CALIBRATOR, reference=reference), ToyRun(), kept)


def test_measuring_goes_on_where_it_was_interrupted(kept):
    run = ToyRun()
    interrupted = replace(CALIBRATOR, reference=Solver(fails_at=(147,), error=KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        judged(interrupted, run, kept)
    assert run.measured == 148
    resumed = judged(CALIBRATOR, run, kept)
    assert run.measured == 148 + (SEEDS - 140) + MISTAKE_SEEDS * len(MISTAKES)
    assert resumed == judged(CALIBRATOR, ToyRun(), Store(kept.folder / "another"))


def test_only_what_changed_is_measured_again(kept):
    run = ToyRun()
    first = judged(CALIBRATOR, run, kept)
    run.measured = 0
    changed = MISTAKES | {
        "worse": (Solver(3.0), "level = 3"),
        "raises": (MISTAKES["raises"][0], "raise ValueError  # hm"),
    }
    second = judged(replace(CALIBRATOR, source='"""Better said."""\nlevel = 1', mistakes={"solve": changed}), run, kept)
    assert run.measured == MISTAKE_SEEDS
    assert second.threshold > first.threshold


def test_a_few_seeds_are_refused(kept):
    with pytest.raises(UsageError, match="at least 200"):
        next(calibrate(find_course().find("section4"), 32, kept))


RUN = """
from grader.toolkit.convergence import Measurement


class MeanRun:
    exercise, quantity, contrast_name, limit = "mean", "error", "zero", None

    def measure(self, solver, seed):
        return Measurement(solver.mean(torch.ones(2)), True)

    def contrast(self, solver, seed):
        return 1.0


RUNS = {"mean": MeanRun()}
"""


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("torch", "tensor", r"convergence\.py:9: NameError: name 'tensor' is not defined\. Correct this line\."),
        (
            "Measurement(solver.mean(torch.ones(2)), True)",
            "1.0",
            r"RUNS\['mean'\]\.measure returns a float\. Return Measurement",
        ),
        ("torch.ones(2)), True)", "0), True)", r"section1_tiny\.py:57: AttributeError: "),
        ("limit = ", "most = ", r"RUNS\['mean'\] has no limit\. docs/toolkit\.md lists what a run has\."),
        ("MeanRun()}", "MeanRun}", r"RUNS\['mean'\] is a class\. Write MeanRun\(\)\."),
        ('{"mean": MeanRun()}', "[MeanRun()]", r'RUNS: write a dictionary, RUNS = {"name": MyRun\(\)}\.'),
    ],
)
def test_an_error_in_a_run_is_told_by_the_author_s_file(tmp_path, kept, old, new, said):
    root = tmp_path / "course"
    shutil.copytree(TINY, root)
    assert old in RUN
    (root / "checks/section1_tiny/convergence.py").write_text(RUN.replace(old, new), encoding="utf-8")
    with pytest.raises(UsageError, match=said):
        [*calibrate(Course(root).sections[0], SEEDS, kept)]


# -- those of the course

NAMES = [f"{section.id}.{name}" for section in find_course().sections for name in runs_of(section)]


@pytest.mark.parametrize("name", NAMES)
def test_a_threshold_is_what_the_measurements_say(name):
    """If not: grade calibrate. It measures only what is new, such as a mistake that was added."""
    section, _, short = name.partition(".")
    course = find_course()
    run, entry = runs_of(course.find(section))[short], load(course.find(section).thresholds)[short]
    again = judge(measurements_of(course.root).load(name), entry.seeds, run.limit, entry.command)
    for value in ("mean", "std", "reach", "threshold", "contrast"):
        assert getattr(again, value) == pytest.approx(getattr(entry, value), rel=1e-3)
    assert again.mistakes == entry.mistakes
    known = {mistake.slug for mistake in mistakes_of(course.find(section)) if mistake.exercise == run.exercise}
    assert set(entry.mistakes) == known


# -- the tail


@pytest.mark.parametrize("distribution", [stats.norm(), stats.expon(), stats.gumbel_r()])
def test_the_tail_of_a_known_distribution_is_not_underestimated(distribution):
    """The bound may fail once in 20; for these samples it holds. It is no more than five times as far, either."""
    samples = distribution.rvs((5, 400), random_state=7)
    ends = [fit_tail(sample).point(GOAL) for sample in samples]
    end = float(distribution.isf(GOAL))
    assert sum(bound < end for bound in ends) == 0
    assert float(np.median(ends)) < 5 * end


def test_a_heavier_tail_is_given_more_room():
    light, heavy = (fit_tail(stats.t(df).rvs(400, random_state=3)) for df in (100, 3))
    assert heavy.point(GOAL) > 3 * light.point(GOAL)


def test_the_bound_and_the_point_are_inverse():
    tail = fit_tail(stats.norm().rvs(400, random_state=5))
    assert tail.exceedance(tail.point(1e-5)) == pytest.approx(1e-5, rel=0.05)
    assert tail.exceedance(1e9) == SMALLEST


def test_the_tail_is_fitted_as_scipy_fits_it():
    sample = stats.t(3).rvs(400, random_state=11)
    start = np.quantile(sample, 0.8)
    shape, _, scale = stats.genpareto.fit(sample[sample > start] - start, floc=0)
    tail = fit_tail(sample)
    assert float(np.median(tail.shape)) == pytest.approx(shape, abs=0.1)
    assert float(np.median(tail.scale)) == pytest.approx(scale, rel=0.1)


def test_runs_that_all_end_alike_show_no_tail():
    with pytest.raises(ValueError, match="no tail"):
        fit_tail([1.0] * 200)


@dataclass
class ScaledToyRun(ToyRun):
    """A run whose points rise between two values."""

    seeds: int = 20


def test_a_scale_reaches_from_the_reference_to_the_contrast_with_room_at_both_ends(kept):
    run = ScaledToyRun()
    found = scale_of(CALIBRATOR.measure_scaled(run, kept.load("toy.run"), kept), run.seeds, "grade calibrate toy")
    noise, spread = NOISE[:20].mean(), NOISE[:20].std(ddof=1)
    assert (found.mean, found.std) == pytest.approx((1 + 0.01 * noise, 0.01 * spread), abs=1e-5)
    assert (found.contrast, found.contrast_std) == pytest.approx((9 + noise, spread), abs=1e-4)
    assert 0 <= found.everything - (found.mean + 5 * found.std) <= 0.001
    assert 0 <= (found.contrast - 5 * found.contrast_std) - found.nothing <= 0.001
    assert found.seeds == 20
    CALIBRATOR.measure_scaled(run, kept.load("toy.run"), kept)  # is kept
    assert run.measured == 20


def test_a_scale_without_room_between_its_ends_is_refused(kept):
    run = ScaledToyRun(contrast_level=2.0)
    with pytest.raises(UsageError, match=r"mean .*, worst .* Redesign the run"):
        scale_of(CALIBRATOR.measure_scaled(run, kept.load("toy.run"), kept), run.seeds, "grade calibrate toy")
