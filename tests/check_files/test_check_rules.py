"""Author's errors in a file of checks are told by line, with their cause and what to do; nothing is run."""

import ast

import pytest

from grader.check_files.check_file import NO_EXERCISES, names_defined
from grader.check_files.check_rules import flaws_in
from grader.course import Course, UsageError
from grader.sandbox.calls.student import RemoteStudent
from tests.paths import ROOT, TINY

HEAD = "import pytest; from grader import check, given, st, a, toolkit, LinAlgError, names, double\n"
CHECK = '@check("double", points=1)\ndef test_doubles(student):\n    """Doubles."""\n    student.double(2)\n'
CALL = "student.double(2)"
NAMES = frozenset({"double", "halve"})


def flaws(text: str) -> list[tuple[int, str]]:
    return [(flaw.line, flaw.text) for flaw in flaws_in(ast.parse(HEAD + text), NAMES)]


def test_a_good_file_has_no_flaw():
    assert flaws(CHECK) == []
    for root in (ROOT, TINY):
        assert [flaw for section in Course(root).sections for flaw in section.flaws] == []


def test_a_tree_ends_although_a_traceback_of_ipython_has_marked_the_nodes_that_all_trees_share():
    tree = ast.parse("1 + 1", mode="eval")
    shared = tree.body.op
    assert shared is ast.parse("2 + 2", mode="eval").body.op
    shared.parent = tree.body
    try:
        assert flaws(CHECK.replace(CALL, "assert student.double(1 + 1)")) == []
    finally:
        del shared.parent


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        (CHECK, "", 1, "there are no checks in this file. Write a function below @check"),
        ('@check("double"', '@check("dubble"', 2, "the solution defines no dubble. Did you mean double?"),
        ("student.double", "student.dubble", 5, "student.dubble: the solution defines no dubble. Did you mean double?"),
        ("(student)", "()", 5, "student is not defined here. Make it an argument of the check."),
        (CHECK, CHECK.replace("(student)", "()") + CHECK.replace("_doubles", "_more"), 5, "student is not defined here."),
        (CALL, f"global seen\n    seen = 1\n    {CALL}\n\ndef again(): return seen\n", None, ""),
        (CALL, "reference.triple(2)", 5, "reference is not defined here. Make it an argument of the check."),
        (", points=1", "", 2, "test_doubles is worth no points. Write points=1"),
        ("points=1", "points=0.5 * 2", 2, "points=0.5 * 2 is computed. Write the value itself"),
        ("points=1", "points=-1", 2, "write a number above 0"),
        ("points=1", "points=1, hiden=True", 2, "@check has no option hiden. It has points, needs, hidden"),
        ("points=1", 'points=1, needs="other"', 2, "write a list of names, needs=['other']"),
        ("points=1", 'points=1, needs=["other"]', 2, "test_doubles needs other, and no check above it"),
        ('"""Doubles."""', '"""Doubles…"""', 4, "ends in an ellipsis"),
        ('"""Doubles."""', '"""Doubles..."""', 4, "ends in an ellipsis"),
        ('"""Doubles."""', "pass", 3, "test_doubles needs a docstring"),
        ("def test_doubles", "def doubles", 3, "a check's name begins with test_. Call it test_doubles."),
        ("def test_", "async def test_", 3, "is async"),
        (CHECK, CHECK + "def test_more(student): pass\n", 6, "test_more has no @check"),
        ("@check", "@toolkit.check", 2, "write @check(...), not @toolkit.check(...)"),
        (CALL, f"with pytest.raises(LinAlgError):\n        {CALL}", 5, "Write with expect_raises(LinAlgError"),
        (CALL, f"with pytest.raises((ValueError, a.LinAlgError)):\n        {CALL}", 5, "expect_raises(a.LinAlgError"),
        (CALL, f"with pytest.raises(Exception):\n        {CALL}", 5, "is too wide. Name the kind"),
        (CALL, f"with pytest.raises((ValueError, AssertionError)):\n        {CALL}", 5, "AssertionError) is too wide"),
        (CALL, f"with pytest.raises(SystemExit):\n        {CALL}", 5, "what ends the program ends the check"),
        (CALL, f"from pytest import raises as r\n    with r(LinAlgError):\n        {CALL}", 6, "expect_raises(LinAlgError"),
        (CALL, f"with a.testing.assert_raises(LinAlgError):\n        {CALL}", 5, "Write with expect_raises(LinAlgError"),
        (CALL, f"try:\n        {CALL}\n    except Exception:\n        return", 7, "except Exception is too wide around"),
        (CALL, f"try:\n        {CALL}\n    except:\n        return", 7, "except is too wide around"),
        (CALL, f"try:\n        {CALL}\n    except ValueError:\n        return", 7, "Write with expect_raises(ValueError"),
        (CALL, f"{CALL}\n    try:\n        a()\n    except ValueError:\n        return", None, ""),
        (CALL, f"try:\n        {CALL}\n    except a.StudentError:\n        return", None, ""),
        (CALL, f"with pytest.raises(ValueError) as e:\n        {CALL}\n    assert e.type is ValueError", 7, "never holds"),
        (CHECK, CHECK + 'FORBIDDEN = {"np.fft": (("double",), "why")}\n', 6, "Write numpy.fft."),
        (CHECK, "import torch as t\n" + CHECK + 'FORBIDDEN = {"t.fft": (("double",), "why")}\n', 7, "Write torch.fft."),
        (CHECK, CHECK + 'FORBIDDEN = {("numpy.fft",): ("double", "why")}\n', 6, "is not exercises and a reason"),
        (CHECK, CHECK + 'FORBIDDEN = {"numpy.fft": (("dubble",), "why")}\n', 6, "defines no dubble. Did you mean double?"),
        (CHECK, CHECK + 'FORBIDDEN = {"numpy.": (("double",), "why")}\n', 6, "not the dotted name"),
        (CHECK, CHECK + 'FORBIDDEN = {"numpy.fft": (("double",), "why"), "sorted": (["halve"], "why")}\n', None, ""),
        ("points=1", "points=1e999", 2, "write a number above 0"),
        ("points=1", "points=True", 2, "write a number above 0"),
        (CALL, "pytest.skip('later')", 5, "a check that does not run earns nothing"),
        ("@check", "@pytest.mark.skipif(True)\n@check", 2, "a check that does not run earns nothing"),
        ("@check", '@pytest.mark.parametrize("x", [1], indirect=True)\n@check', 2, "indirect= does not work"),
        (CHECK, CHECK + CHECK, 7, "a second function called test_doubles replaces the one at line 3. Rename one"),
        (CHECK, CHECK + "class TestMore:\n    def test_it(self): pass\n", 6, "a class of tests, TestMore"),
        (CHECK, CHECK + 'UNCHANGED = {"dubble": 1}\n', 6, "UNCHANGED: the solution defines no dubble"),
        (CHECK, CHECK + 'UNCHANGED = {"double": "1"}\n', 6, "UNCHANGED: '1' is not a number of points above 0. Write"),
        (CHECK, CHECK + 'CHANGES = {"double": "x"}\n', 6, "CHANGES: 'x' is not a tuple of arguments. Write \"double\":"),
        (CHECK, CHECK + 'CHANGES = {"double": ("x",), "halve": ["y"]}\n', None, ""),
        (CHECK, CHECK + 'CHANGES = ("double", "x")\n', 6, "write a dictionary, by exercise."),
        (CALL, f"student = {CALL}", 5, "student is what test_doubles is given. Call this variable otherwise."),
        (CALL, f"once = {CALL}", None, ""),
        ("points=1", 'points=1, hidden="yes"', 2, "hidden='yes': write hidden=True, or leave it out."),
        (CHECK, CHECK + "PRELOAD = tuple(names)\n", 6, "PRELOAD is computed"),
        (CHECK, CHECK + 'PRELOAD = ("decimal")\n', 6, "PRELOAD: write a tuple of names of modules"),
        ("(student)", "(studnt)", 3, "test_doubles: there is no fixture studnt. Did you mean student?"),
        ("(student)", "(student, x)", 3, "there is no fixture x. A check is given student, reference, note, once, code_seed."),
        ("(student)", "(student, x=1)", None, ""),
        ("@check", '@pytest.mark.parametrize(("x", "y"), [(1, 2)])\n@check', 2, "parametrize gives x, and test_doubles has no"),
        ("@check", '@pytest.mark.parametrize("student", [])\n@check', 2, "parametrize has no values, so that the check would"),
        ("@check", '@pytest.mark.parametrise("student", [1])\n@check', 2, "no such mark works. Did you mean parametrize?"),
        (CALL, "student.double(three)", 5, "three is not defined here. Import it, or correct the name."),
        (CALL, "try: [x for x in [lambda y: y]]\n    except E as e: e", 6, "E is not defined here."),
        (
            CHECK,
            CHECK.replace("@", '@pytest.mark.parametrize("x, y", [1, (1, 2), z])\n@').replace("nt)", "nt, x, y)") + "z = 1, 2\n",
            2,
            "parametrize has 2 names, and 1 is not 2 values. Write a tuple for x, y.",
        ),
        ("@check", "@pytest.mark.xfail\n@check", 2, "pytest.mark.xfail: a check that does not run earns nothing"),
        (CHECK, CHECK + "pytestmark = [pytest.mark.skip]\n", 6, "pytest.mark.skip: a check that does not run"),
        (CHECK, CHECK + "@pytest.fixture(params=[1, 2])\ndef x(request): return 1\n", 6, 'parametrize("x", [...])'),
        (CHECK, CHECK + '@pytest.fixture(scope="module")\ndef x(student): return 1\n', 6, "x asks for student, which each check"),
        (CHECK, CHECK + '@pytest.fixture(scope="module")\ndef x(): return 1\n', None, ""),
        (CHECK, CHECK + '@pytest.fixture(scope="function")\ndef x(student): return 1\n', None, ""),
        (CHECK, CHECK + "@pytest.fixture\ndef student(): return 1\n", 7, "a fixture called student replaces"),
        (CHECK, CHECK + '@pytest.fixture(name="once")\ndef x(): return 1\n', 7, "a fixture called once replaces"),
        (CHECK, CHECK + "@pytest.fixture\ndef x(caplog): return 1\n", 7, "x: caplog acts on the grader's process"),
        ("(student)", "(student, monkeypatch)", 3, "monkeypatch acts on the grader's process, and a submission runs in"),
        ("@check", '@pytest.mark.usefixtures("caplog")\n@check', 2, "caplog acts on the grader's process"),
        ("@check", '@pytest.mark.usefixtures("studnt")\n@check', 2, "no fixture studnt. Did you mean student?"),
        ("@check", '@pytest.mark.usefixtures("tmp_path")\n@check', None, ""),
        (
            CHECK,
            CHECK.replace("@", '@pytest.mark.parametrize("x, y", [pytest.param(1)])\n@').replace("nt)", "nt, x, y)"),
            2,
            "parametrize has 2 names, and pytest.param(1) is not 2 values.",
        ),
        ("(student)", "(student, pytest)", None, ""),  # imported, as a fixture may be
        (CHECK, CHECK.replace("def", "@given(x=st.just(1))\ndef").replace("(student)", "(student, x)"), None, ""),
        (CHECK, CHECK.replace("def", "@given(st.just(1))\ndef").replace("(student)", "(student, x)"), None, ""),
        (CHECK, CHECK.replace("(student)", "(student, x)") + "@pytest.fixture\ndef x(): return 1\n", None, ""),
        (CALL, 'with pytest.raises(ValueError, match="x"):\n        student.run(double)', None, ""),
        (CHECK, '@pytest.mark.parametrize("x", [1])\n' + CHECK.replace("nt)", "nt, x)"), None, ""),
    ],
)  # fmt: skip
def test_each_error_is_told_at_its_line(old, new, line, words):
    assert old in CHECK
    found = flaws(CHECK.replace(old, new))
    if line is None:
        assert not found
    else:
        assert found[0][0] == line
        assert words in found[0][1]


def test_an_error_may_be_told_in_other_words():
    told = CHECK.replace(
        CALL,
        f'try:\n        {CALL}\n    except AssertionError as error:\n        raise AssertionError("so") from error',
    )
    assert flaws(told) == []


def test_no_exercise_has_a_name_of_the_student_itself():
    student = RemoteStudent(start=None, contract=None, filename="")
    own = {name for name in dir(student) if not name.startswith("_")}
    assert own | {"predictions"} == set(NO_EXERCISES)
    for name in own:
        text = HEAD + CHECK.replace("double", name)
        assert "can be called" in flaws_in(ast.parse(text), {name})[0].text


def test_names_are_those_that_a_file_of_exercises_defines():
    text = (
        "def f(x):\n    g = 1\nclass C:\n    def h(self): pass\nRATE: float = 1\nP = {}\nasync def a(): pass\nx == y\n"
    )
    assert names_defined(text) == {"f", "C", "RATE", "P", "a"}
    assert (
        flaws_in(
            ast.parse(
                'import check\n@check("any", points=1)\ndef test_x(student):\n    """T."""\n    student.some()\n'
            ),
            (),
        )
        == []
    )


def test_a_course_with_an_error_is_not_graded(course_with):
    section = Course(course_with(CHECK.replace("double", "scal"))).sections[0]
    with pytest.raises(
        UsageError, match=r"test_section1\.py:1: test_scals: the solution defines no scal\. Did you mean scale\?"
    ):
        _ = section.check_list
    section.checks.write_text("def f(:\n")
    with pytest.raises(UsageError, match=r"test_section1\.py:1: not valid Python"):
        _ = Course(section.root).sections[0].check_list
