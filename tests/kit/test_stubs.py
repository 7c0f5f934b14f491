"""Stubs carry everything but the solutions, and a stale one is noticed."""

import ast
import shutil
from pathlib import Path
from textwrap import dedent

import pytest

from grader.course import Course
from grader.kit.release import kit
from grader.kit.stubs import StubError, stale_stubs, stub, write_stubs
from tests.paths import ROOT, TINY

SOLUTION = dedent('''\
    # %% [markdown]
    # # Section 0: Größe – naïve

    # %%
    import math


    def area(radius: float) -> float:
        """Area of a disc. Example: area(0) is 0."""
        ### BEGIN SOLUTION
        # the secret
        return math.pi * radius**2
        ### END SOLUTION


    # the end
''')

STUB = dedent('''\
    # %% [markdown]
    # # Section 0: Größe – naïve

    # %%
    import math


    def area(radius: float) -> float:
        """Area of a disc. Example: area(0) is 0."""
        raise NotImplementedError


    # the end
''')


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    solutions, exercises = tmp_path / "solutions", tmp_path / "exercises"
    solutions.mkdir()
    (solutions / "section0_disc.py").write_text(SOLUTION, encoding="utf-8")
    return solutions, exercises


def in_function(*body: str) -> str:
    return "\n".join(["def f(x):", *(f"    {line}" for line in body), ""])


def test_a_solution_becomes_one_raise_and_all_else_stays():
    assert stub(SOLUTION) == STUB


def test_a_file_without_solutions_is_its_own_stub():
    assert stub(STUB) == STUB


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("last", ["", "{ending}"])
def test_line_endings_stay_as_they_are(ending, last):
    lines = ["def f():", "    ### BEGIN SOLUTION", "    return 1", "    ### END SOLUTION"]
    source = ending.join(lines) + last.format(ending=ending)
    assert stub(source) == ending.join([lines[0], "    raise NotImplementedError"]) + last.format(ending=ending)


def test_only_newlines_separate_lines():
    source = "# one\u2028line\x0c of text\n" + SOLUTION
    assert stub(source) == "# one\u2028line\x0c of text\n" + STUB


def test_every_block_is_replaced_at_its_own_indentation():
    source = dedent('''\
        class Model:
            """Doc."""

            def __init__(self, width):
                self.width = width
                ### BEGIN SOLUTION
                self.weights = [0.0] * width

                def helper():
                    return """
        text at the margin
        """
                ### END SOLUTION

            def forward(self, x):
                if x is None:
                    ### BEGIN SOLUTION
                    return 0
                    ### END SOLUTION
                ### BEGIN SOLUTION
                return x * self.weights[0]
                ### END SOLUTION
    ''')
    assert stub(source) == dedent('''\
        class Model:
            """Doc."""

            def __init__(self, width):
                self.width = width
                raise NotImplementedError

            def forward(self, x):
                if x is None:
                    raise NotImplementedError
                raise NotImplementedError
    ''')


def test_tabs_are_indentation_too():
    source = "def f():\n\t### BEGIN SOLUTION\n\treturn 1\n\t### END SOLUTION\n"
    assert stub(source) == "def f():\n\traise NotImplementedError\n"


@pytest.mark.parametrize(
    ("body", "line", "words"),
    [
        (["### BEGIN SOLUTION", "return x"], 2, "BEGIN SOLUTION without an END"),
        (["return x", "### END SOLUTION"], 3, "END SOLUTION without a BEGIN"),
        (["### BEGIN SOLUTION", "### BEGIN SOLUTION", "return x", "### END SOLUTION"], 3, "no END yet"),
        (["### BEGIN SOLUTION", "return x", "### END SOLUTION", "### END SOLUTION"], 5, "without a BEGIN"),
        (["### BEGIN SOLUTION", "return x", "  ### END SOLUTION"], 4, "not indented like its BEGIN at line 2"),
    ],
)
def test_unbalanced_markers_are_named_by_file_and_line(body, line, words):
    with pytest.raises(StubError, match=words) as error:
        stub(in_function(*body), "solutions/section0.py")
    assert str(error.value).startswith(f"solutions/section0.py:{line}: ")


@pytest.mark.parametrize(
    "marker", ["## BEGIN SOLUTION", "###BEGIN SOLUTION", "### begin solution", "### BEGIN  SOLUTION"]
)
def test_a_pair_of_misspelt_markers_does_not_hand_out_the_solution(marker):
    body = [marker, "return x", marker.replace("BEGIN", "END").replace("begin", "end")]
    with pytest.raises(StubError, match=r"s\.py:2: this looks like a solution marker"):
        stub(in_function(*body), "s.py")


def test_a_marker_after_code_is_refused():
    with pytest.raises(StubError, match=r"s\.py:2: this looks like a solution marker"):
        stub(in_function("return x  ### BEGIN SOLUTION", "### END SOLUTION"), "s.py")


@pytest.mark.parametrize(
    "source",
    [
        "### BEGIN SOLUTION\ndef f():\n    return 1\n### END SOLUTION\n",
        "class C:\n    ### BEGIN SOLUTION\n    def f(self):\n        return 1\n    ### END SOLUTION\n",
        'def f():\n    """\n    ### BEGIN SOLUTION\n    ### END SOLUTION\n    """\n',
    ],
    ids=["module", "class", "docstring"],
)
def test_a_solution_must_be_in_a_function(source):
    with pytest.raises(StubError, match=r"s\.py:\d: this solution is not in a function's body"):
        stub(source, "s.py")


def test_a_solution_may_not_swallow_the_next_function():
    source = in_function("### BEGIN SOLUTION", "return x") + in_function("return x", "### END SOLUTION")
    with pytest.raises(StubError, match=r"s\.py:4: the solution that begins at line 2 ends after its function"):
        stub(source, "s.py")


@pytest.mark.parametrize("given", ["velocity = beta * velocity + x", "# velocity = beta * velocity + x"])
def test_a_line_of_the_solution_outside_of_it_is_refused(given):
    source = in_function(given, "### BEGIN SOLUTION", "velocity = beta * velocity + x", "### END SOLUTION")
    with pytest.raises(StubError, match=r"s\.py:4: .* at line 2, and the stub would give it away"):
        stub(source, "s.py")


def test_everyday_lines_may_stand_inside_and_outside():
    source = in_function(
        "with torch.no_grad():", "    pass", "### BEGIN SOLUTION", "with torch.no_grad():", "    return x"
    )
    assert stub(source + "    ### END SOLUTION\n").endswith("    pass\n    raise NotImplementedError\n")


def test_a_solution_that_is_not_python_is_named_by_file_and_line():
    with pytest.raises(StubError, match=r"s\.py:2: not valid Python"):
        stub("x = 1\ndef f(:\n", "s.py")


def test_a_stub_that_no_longer_parses_is_refused():
    body = ["try:", "    ### BEGIN SOLUTION", "    return x", "except ValueError:", "    pass", "    ### END SOLUTION"]
    with pytest.raises(StubError, match=r"s\.py"):
        stub(in_function(*body), "s.py")
    split = ["return (", "    ### BEGIN SOLUTION", "    1", "    ### END SOLUTION", ")"]
    with pytest.raises(StubError, match=r"the stub of s\.py:3: not valid Python"):
        stub(in_function(*split), "s.py")


def test_stubs_are_written_once_and_then_only_when_they_change(folders):
    solutions, exercises = folders
    target = exercises / "section0_disc.py"
    assert write_stubs(solutions, exercises) == [target]
    assert target.read_bytes() == STUB.encode("utf-8")

    before = target.stat().st_mtime_ns, target.stat().st_ino
    assert write_stubs(solutions, exercises) == []
    assert (target.stat().st_mtime_ns, target.stat().st_ino) == before
    assert sorted(exercises.iterdir()) == [target]


def test_only_section_files_directly_in_the_folder_are_solutions(folders):
    solutions, exercises = folders
    (solutions / "older").mkdir()
    (solutions / "older" / "section1_x.py").write_text("x = 1\n")
    (solutions / "helper.py").write_text("x = 1\n")
    assert [path.name for path in write_stubs(solutions, exercises)] == ["section0_disc.py"]


def test_nothing_is_written_when_one_solution_is_broken(folders):
    solutions, exercises = folders
    (solutions / "section1_broken.py").write_text(in_function("### BEGIN SOLUTION", "return x"))
    with pytest.raises(StubError, match=r"section1_broken\.py:2: "):
        write_stubs(solutions, exercises)
    assert not exercises.exists()


def test_line_endings_survive_the_way_to_disk(folders):
    solutions, exercises = folders
    (solutions / "section0_disc.py").write_bytes(SOLUTION.replace("\n", "\r\n").encode("utf-8"))
    write_stubs(solutions, exercises)
    assert (exercises / "section0_disc.py").read_bytes() == STUB.replace("\n", "\r\n").encode("utf-8")


def test_text_that_is_not_utf8_is_named(folders):
    solutions, exercises = folders
    (solutions / "section1_latin.py").write_bytes("# Größe\n".encode("latin-1"))
    with pytest.raises(StubError, match=r"section1_latin\.py: expected UTF-8"):
        write_stubs(solutions, exercises)


def test_a_missing_folder_of_solutions_is_an_error_not_an_empty_course(tmp_path):
    with pytest.raises(StubError, match="no such folder of solutions"):
        stale_stubs(tmp_path / "nowhere", tmp_path)


def test_fresh_stubs_are_not_stale(folders):
    write_stubs(*folders)
    assert stale_stubs(*folders) == []


def test_a_missing_stub_is_stale(folders):
    assert stale_stubs(*folders) == [folders[1] / "section0_disc.py"]


def test_a_stub_is_stale_once_its_solution_changes(folders):
    write_stubs(*folders)
    (folders[0] / "section0_disc.py").write_text(SOLUTION.replace("a disc", "a circle"), encoding="utf-8")
    assert stale_stubs(*folders) == [folders[1] / "section0_disc.py"]


def test_a_changed_solution_body_leaves_the_stub_fresh(folders):
    write_stubs(*folders)
    (folders[0] / "section0_disc.py").write_text(SOLUTION.replace("radius**2", "radius * radius"), encoding="utf-8")
    assert stale_stubs(*folders) == []


@pytest.mark.parametrize("edit", [STUB + "\n", STUB.replace("raise NotImplementedError", "return 0"), ""])
def test_an_edited_stub_is_stale(folders, edit):
    write_stubs(*folders)
    (folders[1] / "section0_disc.py").write_text(edit, encoding="utf-8")
    assert stale_stubs(*folders) == [folders[1] / "section0_disc.py"]


def test_an_exercise_without_a_solution_is_stale(folders):
    write_stubs(*folders)
    (folders[1] / "section1_orphan.py").write_text("x = 1\n")
    (folders[1] / "notes.py").write_text("x = 1\n")
    assert stale_stubs(*folders) == [folders[1] / "section1_orphan.py"]


def test_the_exercises_of_this_repository_are_up_to_date():
    assert stale_stubs(ROOT / "solutions", ROOT / "exercises") == []


def test_the_exercises_of_this_repository_hold_no_marker_and_parse():
    for path in (ROOT / "exercises").glob("section*.py"):
        text = path.read_text(encoding="utf-8")
        assert "SOLUTION" not in text, path
        ast.parse(text)


# -- exercises that a stub would hand out


@pytest.fixture
def tiny(tmp_path):
    """Change the text of the tiny course's solution in a copy of the course; return the copy."""

    def change(old: str, new: str) -> Course:
        root = tmp_path / "course"
        shutil.copytree(TINY, root)
        path = root / "solutions" / "section1_tiny.py"
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")
        return Course(root)

    return change


MARKED = "    ### BEGIN SOLUTION\n    return x * factor\n    ### END SOLUTION"


@pytest.mark.parametrize(
    ("new", "words"),
    [
        ("    return x * factor", "the stub would hand out scale as it is"),
        (f"    result = x\n{MARKED}", "the stub of scale does more than raise"),
        (f"    if factor:\n    {MARKED.replace(chr(10), chr(10) + '    ')}", "the stub of scale does more than raise"),
    ],
)
def test_an_exercise_that_a_stub_would_hand_out_stops_stubs_and_the_kit(tiny, new, words):
    course = tiny(MARKED, new)
    lines = course.sections[0].solution.read_text("utf-8").splitlines()
    line = 1 + lines.index("def scale(x: Tensor, factor: float) -> Tensor:")
    for make in (lambda: write_stubs(course.solutions, course.exercises), lambda: kit(course)):
        with pytest.raises(StubError, match=words) as error:
            make()
        assert str(error.value).startswith(f"{course.sections[0].solution}:{line}: ")


def test_a_function_that_no_check_asks_for_is_handed_out(tiny):
    course = tiny("# %%\ndef mean", "# %%\ndef double(x):\n    return 2 * x\n\n\n# %%\ndef mean")
    write_stubs(course.solutions, course.exercises)
    assert "return 2 * x" in (course.exercises / "section1_tiny.py").read_text("utf-8")


def test_a_formula_with_other_names_outside_of_the_solution_is_refused():
    source = in_function(
        "u = 3 * g + 2 * (x - g)", "### BEGIN SOLUTION", "return 3 * v + 2 * (w - v)", "### END SOLUTION"
    )
    with pytest.raises(StubError, match=r"s\.py:4: this formula .* at line 2, and the stub would give it away"):
        stub(source, "s.py")
