"""`grade lint` lists an author's errors of all kinds, each with its file and line, and imports nothing that is slow."""

import re
import shutil
import subprocess
import sys

import pytest

from grader.course import Course, UsageError
from grader.kit.lint import lint
from grader.kit.new_parts import new_course, new_section
from grader.kit.release import _expect_no_answers
from tests.paths import ITERATIVE, ROOT, TINY

ROOM = "checks/section1_tiny"
LEAKED = 'raise ValueError(f"amount must not be negative, got {amount}")'
CHECKS, SOLUTION = f"{ROOM}/test_section1.py", "solutions/section1_tiny.py"


@pytest.fixture
def errors(tmp_path):
    """What is wrong with a copy of the tiny course in which one text stands in place of another."""

    def changed(name, old, new):
        root = tmp_path / "course"
        shutil.copytree(TINY, root)
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
        assert old in text
        path.write_text(text.replace(old, new, 1) if old else new, encoding="utf-8")
        return [line.removeprefix(f"{root}/") for line in lint(Course(root))]

    return changed


@pytest.mark.parametrize(
    ("name", "old", "new", "found"),
    [
        (CHECKS, "student.mean", "student.maen", f"{CHECKS}:67: student.maen: the solution defines no maen."),
        (CHECKS, ", points=1)", ")", f"{CHECKS}:26: test_scale_by_definition is worth no points."),
        (CHECKS, "import torch", "import torch(", f"{CHECKS}:3: not valid Python"),
        (SOLUTION, "    ### BEGIN SOLUTION\n", "", f"{SOLUTION}:26: ### END SOLUTION without a BEGIN"),
        (SOLUTION, "    return x *", "    while True:\n        pass\n    return x *", f"{SOLUTION}:26: this loop never ends."),
        (SOLUTION, "def mean", "def average", f"{CHECKS}:64: test_mean_by_hand: the solution defines no mean."),
        (SOLUTION, "Tiny exercises", "Tiny", "exercises/section1_tiny.py: does not match its solution."),
        (f"{ROOM}/mistakes.py", '"scale"', '"scael"', f"{ROOM}/mistakes.py:13: section1 has no exercise scael. Did you mean s"),
        (f"{ROOM}/mistakes.py", '"scale"', "NAME", f"{ROOM}/mistakes.py:13: write @mistake("),
        (f"{ROOM}/mistakes.py", "(x, factor)", "(x, f)", f"{ROOM}/mistakes.py:13: the arguments are (x, f)."),
        (f"{ROOM}/mistakes.py", "(x, factor)", "(x, factor, y)", f"{ROOM}/mistakes.py:13: the arguments are (x, factor, y)."),
        (CHECKS, "import torch\n", 'import torch\nPRELOAD = ("zipfille",)\n', f"{CHECKS}:4: PRELOAD: there is no module zipfi"),
        (CHECKS, "check import check", "chek import check", f"{CHECKS}:7: there is no module grader.toolkit.chek. Did you mean"),
        (CHECKS, "import tensors", "import tensors, tensorz", f"{CHECKS}:9: grader.toolkit.strategies has no tensorz."),
        (f"{ROOM}/mistakes.py", "x + factor", "x + facto", f"{ROOM}/mistakes.py:15: facto is defined neither in this file nor"),
        (f"{ROOM}/mistakes.py", "torch.tensor(mean", "torhc.tensor(mean", f"{ROOM}/mistakes.py:55: torhc is defined neither"),
        (
            f"{ROOM}/mistakes.py",
            '("What does your function make of a zero?", "Every entry is multiplied; yours are moved.")',
            '"What does your function make of a zero?"',
            f"{ROOM}/mistakes.py:13: hints='What does your function make of a zero?': write a list of sentences, hints=[",
        ),
        (f"{ROOM}/hints.toml", "", 'mean = ["One."]\nmaen = ["One."]\n', f"{ROOM}/hints.toml:2: there is no exercise maen."),
        (f"{ROOM}/hints.toml", "", '# mean\nmean = "One."\n', f"{ROOM}/hints.toml:2: expected a list of hints"),
        (f"{ROOM}/hints.toml", "", 'mean = ["One."\n\n', f"{ROOM}/hints.toml:"),
        (f"{ROOM}/hints.toml", "", '[checks]\ncentre_by_hand = ["One."]\n', f"{ROOM}/hints.toml:2: there is no visible"),
        ("course.toml", "edition = 2", "edition = 0", "course.toml:1: edition: expected a whole number"),
        ("checks/section2_more/problems.py", "", "", "checks/section2_more: not a section. It needs a file test_section2.py."),
        ("solutions/section3_last.py", "", "", "solutions/section3_last.py: no checks."),
        ("exercises/section3_last.py", "", "", "exercises/section3_last.py: no solution. Remove it, or write"),
        ("course.toml", '"mean"]', '"mean"]\nhand_out = ["d/*.csv"]', "course.toml:4: hand_out: there is no file d/*.csv."),
        ("course.toml", '"mean"]', '"maen"]', "course.toml:3: example: there is no exercise maen in a section section1."),
        (f"{ROOM}/hints.toml", "", f"# {LEAKED}", f"{ROOM}/hints.toml:1: this is the text at line 43 of section1_tiny.py"),
    ],
)  # fmt: skip
def test_each_error_has_its_place(errors, name, old, new, found):
    assert [line[: len(found)] for line in errors(name, old, new)][:1] == [found]


@pytest.mark.parametrize(
    ("name", "old", "new", "count"),
    [
        (CHECKS, "expected = [w + amount for w in params]", "expected = [0.5 * w + amount * w - w for w in params]", 0),
        (
            CHECKS,
            "    result = student.mean(torch",
            "    z = rate = 1\n    y = 2 * z * (z + 3 * rate)\n    result = student.mean(torch",
            1,
        ),
        (
            CHECKS,
            "    result = student.centre(torch",
            "    z = rate = 1\n    y = 2 * z * (z + 3 * rate)\n    result = student.centre(torch",
            0,
        ),
        (f"{ROOM}/oracles.py", "", "def oracle(p):\n    return 2 * p.x * (p.x + 3 * p.rate)\n", 1),
        ("checks/shared/oracles.py", "", "def oracle(p):\n    return 2 * p.x * (p.x + 3 * p.rate)\n", 1),
    ],
    ids=["another", "check", "hidden check", "oracle", "shared oracle"],
)
def test_a_formula_that_students_would_get_is_an_error(tmp_path, name, old, new, count):
    root = tmp_path / "course"
    shutil.copytree(TINY, root)
    (root / name).parent.mkdir(exist_ok=True)
    (root / name).touch()
    for path, before, after in ((SOLUTION, "return x * factor", "return 2 * x * (x + 3 * factor)"), (name, old, new)):
        text = (root / path).read_text(encoding="utf-8")
        (root / path).write_text(text.replace(before, after, 1) if before else after, encoding="utf-8")
    found = lint(Course(root))
    assert [line.startswith(f"{root}/{name}:") for line in found] == [True] * count
    assert all("this is the formula at line 26 of section1_tiny.py, and would give it away" in line for line in found)


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("figures.py", 'class A:\n    exercises = ("scale", "maen")\n', "figures.py:2: A.exercises: the solution defines no"),
        ("convergence.py", 'class R:\n    exercise: str = "maen"\n', "convergence.py:2: R.exercise: the solution defines"),
        ("predictions.py", 'class E(Experiment):\n    key = "size"\n', 'predictions.py:2: E.key: there is no question "size".'),
        ("convergence.py", 'RUNS = {"m": R(exercise="maen")}\n', "convergence.py:1: R.exercise: the solution defines no maen"),
        ("figures.py", 'FIGURES = [F(exercises=("mean", "maen"))]\n', "figures.py:1: F.exercises: the solution defines no maen"),
        ("figures.py", "class A(Figure):\n    slug = 'a'\n", "figures.py:1: no picture is drawn, since FIGURES is missing."),
        ("figures.py", 'work.ask("m", "maen", f)\n', "figures.py:1: work.ask.exercise: the solution defines no maen."),
        ("figures.py", 'work.ask("m", "mean", lambda f: f.maen(1))\n', "figures.py:1: work.ask.exercise: the solution"),
        ("figures.py", 'work.ask("m", "mean", methodcaller("maen"))\n', "figures.py:1: work.ask.exercise: the solution"),
        ("programs.py", "def p(s): return s.maen(x.run(p))\n", "programs.py:1: s.maen: the solution defines no maen."),
        ("play.py", "class P(:\n", "play.py:1: not valid Python"),
        ("figures.py", "import x1, torch\n", "figures.py:1: there is no module x1 here. Correct the name, or install"),
        ("figures.py", "from grader.figures.pictur import F\n", "figures.py:1: there is no module grader.figures.pictur. Did"),
        ("oracles.py", "from .problem import A\n", "oracles.py:1: there is no module .problem. Correct the name."),
        ("oracles.py", "from .mistakes import add\n", "oracles.py:1: .mistakes has no add. Did you mean adds?"),
        ("oracles.py", "from . import mistake\n", "oracles.py:1: . has no mistake. Did you mean mistakes?"),
        ("shared/data.py", "import x1\n", "data.py:1: there is no module x1 here."),
        ("shared/data.py", "def f(:\n", "data.py:1: not valid Python"),
    ],
)  # fmt: skip
def test_a_name_that_nothing_has_is_an_error(tmp_path, name, text, found):
    root = tmp_path / "course"
    shutil.copytree(TINY, root)
    (root / "checks" / "shared").mkdir(exist_ok=True)
    path = root / ("checks" if "/" in name else ROOM) / name
    path.write_text(text, encoding="utf-8")
    (line,) = lint(Course(root))
    assert line.startswith(f"{path.parent}/{found}")


def test_an_import_that_may_fail_is_no_error(errors):
    assert errors(f"{ROOM}/oracles.py", "", "try:\n    import x1\nexcept ImportError:\n    x1 = None\n") == []


def test_what_a_program_keeps_in_the_submission_is_no_error(errors):
    assert errors(f"{ROOM}/programs.py", "", "def p(s):\n    s.kept = s.mean(x.run(p))\n    return s.kept\n") == []


@pytest.mark.parametrize(("answer", "count"), [('"many"', 1), ("True", 1), ("3", 0), ("None", 1)])
def test_a_prediction_of_the_wrong_kind_is_an_error(tmp_path, answer, count):
    root = tmp_path / "course"
    shutil.copytree(TINY, root)
    with (root / SOLUTION).open("a", encoding="utf-8") as file:
        file.write(
            f'\nPREDICTIONS = {{\n    # How many?\n    # Answer: a number, within 1\n    "steps": {answer},\n}}\n'
        )
    found = [line for line in lint(Course(root), draft=True) if "PREDICTIONS" in line]
    said = "has no example answer" if answer == "None" else "is not an answer to this question"
    assert [line.endswith(f'PREDICTIONS["steps"] {said}. Write a number.') for line in found] == [True] * count


def test_a_question_whose_class_is_no_experiment_is_an_error(tmp_path):
    root = tmp_path / "course"
    shutil.copytree(TINY, root)
    path = root / ROOM / "predictions.py"
    path.write_text('class Size:\n    key = "size"\n', encoding="utf-8")
    assert f"{path}:2: Size has a key and is no experiment. Write class Size(Experiment):" in lint(Course(root))


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("assert 1 == 1", "test_more never calls the submission, so every answer passes."),
        ("while True:\n        student.scale(1, 2)", "this loop never ends."),
        ("while True:\n        break\n    student.scale(1, 2)", None),
        ("print(student.scale(1, 2))", "students do not see what a check prints."),
    ],
)
def test_a_check_that_asks_nothing_or_does_not_end_is_an_error(tmp_path, body, found):
    root = tmp_path / "course"
    shutil.copytree(TINY, root)
    path = root / CHECKS
    text = path.read_text(encoding="utf-8")
    check = f'\n\n@check("scale", points=1)\ndef test_more(student):\n    """Scales."""\n    {body}\n'
    path.write_text(text + check, encoding="utf-8")
    errors = [line for line in lint(Course(root)) if line.startswith(f"{path}:")]
    assert [found in line for line in errors] == [True] if found else errors == []


def test_a_draft_may_print(tmp_path):
    root = tmp_path / "course"
    shutil.copytree(TINY, root)
    path = root / CHECKS
    path.write_text(f"{path.read_text(encoding='utf-8')}\nprint('so')\n", encoding="utf-8")
    assert [len(lint(Course(root), draft=draft)) for draft in (True, False)] == [0, 1]


def test_an_exercise_without_a_check_is_an_error(tmp_path):
    root = tmp_path / "course"
    shutil.copytree(TINY, root)
    solution = root / SOLUTION
    more = "\n\ndef more(x: float) -> float:\n    ### BEGIN SOLUTION\n    return x\n    ### END SOLUTION\n"
    solution.write_text(solution.read_text(encoding="utf-8") + more, encoding="utf-8")
    found = "\n".join(lint(Course(root), draft=True))
    assert f"more has no check, and earns no points. Write one in {root / CHECKS}" in found


def test_a_question_without_an_experiment_is_an_error(tmp_path):
    root = tmp_path / "course"
    shutil.copytree(TINY, root)
    question = '\nPREDICTIONS = {\n    # How many?\n    # Answer: a number, within 1\n    "steps": 3,\n}\n'
    (root / SOLUTION).write_text((root / SOLUTION).read_text(encoding="utf-8") + question, encoding="utf-8")
    (found,) = [line for line in lint(Course(root)) if "what happens" in line]
    assert found.endswith('predictions.py: class Steps(Experiment): key = "steps"')
    assert not any("what happens" in line for line in lint(Course(root), draft=True))


def test_every_mistake_that_is_amiss_is_told_and_so_is_the_rest(tmp_path):
    root = tmp_path / "course"
    shutil.copytree(TINY, root)
    path = root / ROOM / "mistakes.py"
    path.write_text(path.read_text(encoding="utf-8").replace('"scale"', '"scael"'), encoding="utf-8")
    (root / ROOM / "hints.toml").write_text('maen = ["One."]\n', encoding="utf-8")
    found = lint(Course(root))
    assert (
        sum("section1 has no exercise scael" in line for line in found) == path.read_text("utf-8").count('"scael"') > 1
    )
    assert any("there is no exercise maen" in line for line in found)


def test_a_solution_that_is_not_python_is_told_by_its_name(errors):
    (found,) = errors(SOLUTION, "    return x * factor", "PREDICTIONS = (")
    assert re.fullmatch(rf"{SOLUTION}:\d+: not valid Python: [^<>]+", found)


def test_a_threshold_that_was_never_measured_is_an_error(errors):
    line = 'threshold(__file__, "mean")\n'
    (found,) = errors(CHECKS, "\nCHANGES", f"\nfrom grader.toolkit.thresholds import threshold\n{line}CHANGES")
    assert found.endswith("thresholds.toml has no mean. To measure it: grade calibrate section1")


def test_an_unknown_argument_or_kind_of_answer_is_an_error(tmp_path):
    root = tmp_path / "course"
    shutil.copytree(TINY, root)
    checks, solution = ((root / name).read_text(encoding="utf-8") for name in (CHECKS, SOLUTION))
    (root / CHECKS).write_text(
        re.sub(r"^CHANGES = .*", 'CHANGES = {"scale": ("y",)}', checks, flags=re.M), encoding="utf-8"
    )
    (root / SOLUTION).write_text(re.sub(r"(def scale\(.*\) -> ).*:", r'\1"list[Tenser]":', solution), encoding="utf-8")
    found = lint(Course(root), draft=True)
    assert len(found) == 2
    assert "CHANGES: scale has no argument y. It has x, factor." in found[0]
    assert "scale returns Tenser, which this file neither defines nor imports." in found[1]


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("factor: float) -> Tensor:", "factor: float):", "11: scale has no annotation of what it returns"),
        ("-> float:", "-> (float, float):", "50: mean returns (float, float): write tuple[float, float]."),
        ("-> float:", "-> np.array:", "50: mean returns np.array: np.array is a function. Write np.ndarray."),
    ],
)
def test_an_exercise_says_what_it_returns(tmp_path, old, new, found):
    root = tmp_path / "course"
    shutil.copytree(TINY, root)
    solution = (root / SOLUTION).read_text(encoding="utf-8")
    (root / SOLUTION).write_text(
        solution.replace(old, new).replace("import Tensor", "import Tensor, np"), encoding="utf-8"
    )
    (line,) = lint(Course(root), draft=True)
    assert line.startswith(f"{root}/{SOLUTION}:{found}")


def test_a_formula_in_a_module_of_the_course_is_an_error_and_is_not_handed_out(tmp_path):
    root = tmp_path / "course"
    shutil.copytree(TINY, root)
    solution = (root / SOLUTION).read_text(encoding="utf-8")
    (root / SOLUTION).write_text(
        solution.replace("return x * factor", "return 2 * x * (x + 3 * factor)", 1), encoding="utf-8"
    )
    with (root / "course.toml").open("a", encoding="utf-8") as settings:
        settings.write('\nmodules = ["shapes"]\n')
    missing = f"{root}/exercises/shapes.py: missing."
    assert [line[: len(missing)] for line in lint(Course(root))] == [missing]
    (root / "exercises/shapes.py").write_text(
        "def area(p):\n    return 2 * p.x * (p.x + 3 * p.rate)\n", encoding="utf-8"
    )
    (found,) = lint(Course(root))
    assert found.startswith(f"{root}/exercises/shapes.py:2: this is the formula at line 26 of section1_tiny.py")
    with pytest.raises(UsageError, match=r"/exercises/shapes.py:2: this is the formula at line 26"):
        _expect_no_answers(Course(root), {"exercises/shapes.py": (root / "exercises/shapes.py").read_bytes()})


@pytest.mark.parametrize("name", [CHECKS, SOLUTION])
def test_a_module_beside_the_exercises_that_no_setting_names_is_an_error_where_it_is_imported(tmp_path, name):
    root = tmp_path / "course"
    shutil.copytree(TINY, root)
    (root / "exercises/shapes.py").write_text("SIDES = 4\n", encoding="utf-8")
    assert lint(Course(root)) == []
    text = (root / name).read_text(encoding="utf-8")
    place = re.search(r"^(from|import) ", text, re.MULTILINE).start()
    (root / name).write_text(f"{text[:place]}from shapes import SIDES\n{text[place:]}", encoding="utf-8")
    line = text[:place].count("\n") + 1
    said = 'shapes.py in exercises/ is not handed out. Write in course.toml: modules = ["shapes"]'
    assert f"{root}/{name}:{line}: {said}" in lint(Course(root), draft=True)


def test_a_package_that_is_not_installed_is_an_error(errors):
    settings = '"mean"]\nmodules = ["shapes"]\npackages = ["scipi", "numpy", "pytest"]'
    missing, package = errors("course.toml", '"mean"]', settings)
    assert missing.startswith("exercises/shapes.py: missing.")
    assert package == "course.toml:5: packages: scipi is not installed here. Correct the name, or: pip install scipi"


def test_a_module_that_is_not_python_is_an_error(tmp_path):
    root = tmp_path / "course"
    shutil.copytree(TINY, root)
    (root / "exercises/shapes.py").write_text("SIDES = (\n", encoding="utf-8")
    with (root / "course.toml").open("a", encoding="utf-8") as settings:
        settings.write('\nmodules = ["shapes"]\n')
    (found,) = lint(Course(root))
    assert found.startswith(f"{root}/exercises/shapes.py:1: not valid Python: ")


@pytest.mark.parametrize(("name", "count"), [("checks/conftest.py", 1), (f"{ROOM}/mistakes_proposed.py", 0)])
def test_lint_looks_where_release_looks(errors, name, count):
    assert len(errors(name, "", f"def f(amount):\n    {LEAKED}\n")) == count


def test_a_mistake_says_no_line_of_the_solution(errors):
    (found,) = errors(f"{ROOM}/mistakes.py", '    """', f'    """Write {LEAKED}. ')
    assert "holds a line or a formula of the solution" in found


def test_our_courses_have_none():
    assert lint(Course(TINY)) == lint(Course(ITERATIVE)) == []
    assert lint(Course(ROOT), Course(ROOT).sections[:1]) == []


def test_an_exercise_of_two_sections_is_an_error(tmp_path):
    new_course(tmp_path / "course", "Two sections", with_torch=False)
    new_section(Course(tmp_path / "course"), "rows", with_torch=False)
    one, two = Course(tmp_path / "course").sections
    shared, renamed = one.exercises[0], two.exercises[0]
    for path in (two.solution, two.exercise, *two.room.glob("*")):
        if path.is_file():
            path.write_text(re.sub(rf"\b{renamed}\b", shared, path.read_text(encoding="utf-8")), encoding="utf-8")
    (found,) = lint(Course(tmp_path / "course"))
    start = f"{two.checks}:{_line_of(two.checks, shared)}: {shared} is an exercise of another section, too: "
    assert found == f"{start}{one.checks}:{_line_of(one.checks, shared)}. Rename one of them."
    assert lint(Course(tmp_path / "course"), [one]) == []


def _line_of(path, name):
    """The line of the first check of an exercise."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return 1 + next(number for number, line in enumerate(lines) if line.startswith(f'@check("{name}"'))


@pytest.mark.skipif(sys.platform != "linux", reason="sections are read at the same time on Linux")
def test_the_errors_are_the_same_where_sections_are_read_at_the_same_time(tmp_path):
    new_course(tmp_path / "course", "Two sections", with_torch=False)
    new_section(Course(tmp_path / "course"), "rows", with_torch=False)
    course = Course(tmp_path / "course")
    for section in course.sections:
        section.checks.write_text(
            section.checks.read_text(encoding="utf-8").replace("points=", "point="), encoding="utf-8"
        )
    found = lint(course)
    assert all(any(str(section.checks) in error for error in found) for section in course.sections)
    assert lint(course, jobs=2) == found


def test_nothing_slow_is_imported():
    code = "import sys, grader.kit.lint, grader.cli.authors; print({'torch', 'numpy', 'pytest'} & {*sys.modules})"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "set()\n"
