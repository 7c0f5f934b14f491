"""What each student is told: their own, no more of hidden checks than the points, under names that the systems ask for."""

import io
import json
import zipfile
from functools import partial

import pytest

from grader.batch.policy import Adjustment
from grader.cli.writing import write_files
from grader.course import UsageError
from grader.render.export.feedback import file_name, files
from grader.render.export.report_gradescope import results_files
from tests.batch.hostile_class import IDS, TEXT, acted_upon, controls_in, hand_in_hostile, hostile_report
from tests.batch.sample_class import PLANTED, SECTION, earning, fault, golden, marked


@pytest.mark.parametrize("make", [files, partial(files, kind="html"), results_files], ids=["txt", "html", "gradescope"])
def test_a_file_holds_nothing_of_others_nor_of_hidden_checks(made, make):
    students = ["mark-of-ada", "mark-of-bob", "mark-of-cem"]
    for student in students:
        made.enrol(student, f"name-{student}", email=f"{student}@uni")
        made.hand_in(student, marked(golden("wrong_value"), student), place=f"{student}-place")
    found = {name: data.decode() for name, data in make(made.ledger())}
    assert len(found) == 3
    for name, text in found.items():
        (owner,) = [student for student in students if name.startswith(student)]
        assert owner in text
        assert not [other for other in students if other != owner and other in text]
        assert PLANTED not in text
        assert PLANTED not in name
        assert "other checks" in text


@pytest.mark.parametrize("kind", ["txt", "html"])
def test_hostile_names_ids_and_reports_give_no_orders(made, kind):
    made.enrol("s1", TEXT)
    made.hand_in("s1", hostile_report(TEXT), source=TEXT.encode())
    hand_in_hostile(made)
    found = dict(files(made.ledger(), kind))
    assert len(found) >= len(IDS)
    for name, data in found.items():
        assert name.isprintable()
        assert (acted_upon if kind == "txt" else controls_in)(data.decode()) in ([], set())


def test_a_page_says_the_mark_and_what_is_wrong(made):
    made.enrol("s1", "Ada \u202eLovelace")
    made.hand_in("s1", golden("wrong_value"))
    rules = {"adjustments": [Adjustment("s1", "section1", -0.5, "a week late")]}
    ((name, data),) = files(made.ledger(**rules))
    text = data.decode()
    assert name == "s1/section1_feedback.txt"
    assert text.startswith("Ada \\u202eLovelace (s1)\nSection 1: Tiny exercises: your mark is ")
    assert "  -0.5: a week late\n" in text
    assert "expected" in text
    assert "centre" in text
    assert "become -2, -1 and 3" not in text, "the title of the tiny course's hidden check"


def test_a_page_of_html_says_it_too_and_shows_the_file(made):
    made.enrol("s1", "Ada <b>Lovelace")
    made.hand_in("s1", golden("wrong_value"), source=b"def mean(x): return x.sum()\n")
    rules = {"adjustments": [Adjustment("s1", "section1", -0.5, "a week late")]}
    ((name, data),) = files(made.ledger(**rules), "html")
    page = data.decode()
    assert name == "s1/section1_feedback.html"
    assert "<h1>Ada &lt;b&gt;Lovelace (s1)</h1>" in page
    assert f"Section 1: Tiny exercises: your mark is {golden('wrong_value').points - 0.5:g} of 5 points" in page
    assert "-0.5: a week late" in page
    assert "return</span> x.sum()" in page
    assert "index.html" not in page
    assert "become -2, -1 and 3" not in page, "the title of the tiny course's hidden check"


@pytest.mark.parametrize(
    ("place", "name"),
    [
        ("Ada_de_L_77_assignsubmission_file_", "Ada de L_77_assignsubmission_file_/section1_feedback.txt"),
        ("Ada L_77_assignsubmission_file_section1.py", "Ada L_77_assignsubmission_file_/section1_feedback.txt"),
        ("adal_LATE_77_99_section1-2.py", "adal_77_99_section1_feedback.txt"),
        ("section1-ada", "s1/section1_feedback.txt"),
        ("submission_1234", "s1/section1_feedback.txt"),
    ],
)
def test_the_name_is_one_that_the_system_takes_back(made, place, name):
    made.hand_in("s1", earning(1), place=f"/somewhere/{place}")
    assert [found for found, _ in files(made.ledger())] == [name]


def test_moodle_finds_students_without_a_hand_in_or_in_a_group_and_each_gets_their_own_file(made):
    """importziplib.php of assignfeedback_file reads the number of the participant, not the name."""
    for number, name in (("77", "Ada"), ("78", "Bob"), ("79", "Cem_C")):
        made.enrol(f"s{number}", name, moodle_section1=number)
    made.enrol("s80", "Dan", canvas_id="80", moodle_section1="../7")
    made.hand_in("s77", earning(1), place="Blue-Ada_77_assignsubmission_file_")
    made.hand_in("s78", earning(2), place="Ada_77_assignsubmission_file_section1.py")
    made.hand_in("s80", earning(3), place="eve_81_99_section1.py")
    assert [name for name, _ in files(made.ledger())] == [
        "Blue-Ada_77_assignsubmission_file_/section1_feedback.txt",
        "Bob_78_assignsubmission_file_/section1_feedback.txt",
        "Cem C_79_assignsubmission_file_/section1_feedback.txt",
        "s80/section1_feedback.txt",
    ]


@pytest.mark.parametrize(
    "text", ["../../etc/passwd", "..", "/abs", "a\\b", "c:x", ".hidden", "nul\x00", "", "x" * 300, "a\nb", "~"]
)
def test_a_name_is_one_file_in_its_folder(text):
    name = file_name(text)
    assert name
    assert name.isprintable()
    assert len(name) <= 100
    assert not set(name) & set("/\\:\n\0")
    assert not name.startswith(".")


def test_ids_that_look_the_same_as_files_are_kept_apart(made):
    for student in ("a/b", "a:b", "A-B"):
        made.hand_in(student, earning(1))
    names = [name for name, _ in files(made.ledger())]
    assert len({name.casefold() for name in names}) == 3


@pytest.mark.parametrize("kind", ["txt", "html"])
def test_everybody_is_told_a_mark_or_the_reason_why_there_is_none(made, kind):
    made.enrol("s1", "Ada")
    made.spoil("s2", "section1")
    made.enrol("s3")
    made.hand_in("s4", golden("right"))
    given = [Adjustment("s3", "section1", 3.5, "graded by hand")]
    said = {name.split("/")[0]: data.decode() for name, data in files(made.ledger(adjustments=given), kind)}
    assert "no mark: nothing was handed in" in said["s1"]
    assert "no mark: what you handed in cannot be read" in said["s2"]
    assert "a PDF" in said["s2"]
    assert "section1_tiny.py" in said["s2"]
    assert "your mark is 3.5 of 5 points" in said["s3"]
    assert "graded by hand" in said["s3"]
    assert "your mark is 5 of 5 points" in said["s4"]
    zero = {name.split("/")[0]: data.decode() for name, data in files(made.ledger(missing="zero"), kind)}
    assert "your mark is 0 of 5 points" in zero["s1"]
    assert "nothing was handed in" in zero["s1"]
    assert "no mark" in zero["s2"], "a hand-in that cannot be read is no zero"


def test_whose_mark_may_still_come_has_no_file(made):
    made.hand_in("s2", fault())
    made.hand_in("s3", None)
    assert not list(files(made.ledger(missing="zero")))
    assert not list(results_files(made.ledger(missing="zero")))


def test_a_mark_by_hand_has_results_for_gradescope(made):
    made.enrol("s1")
    ((name, data),) = results_files(made.ledger(adjustments=[Adjustment("s1", "section1", 3.5, "graded by hand")]))
    assert (name, json.loads(data)["score"]) == ("s1/results.json", 3.5)
    assert "graded by hand" in json.loads(data)["output"]


def test_results_for_gradescope_have_a_score_or_a_reason(made):
    made.enrol("s1")
    made.spoil("s2", "section1")
    found = {name: json.loads(data) for name, data in results_files(made.ledger())}
    assert [one.get("score") for one in found.values()] == [None, None]
    assert found["s1/results.json"]["output"] == "section1: nothing handed in"
    assert found["s2/results.json"]["output"] == "section1: cannot be read\nsection1: a PDF"
    zero = dict(results_files(made.ledger(missing="zero")))
    assert [json.loads(data).get("score") for data in zero.values()] == [0, None]


def test_a_group_is_told_the_same_each_under_their_own_name(made):
    made.hand_in("s1", golden("wrong_value"), place="submission_7", source=b"ours")
    made.hand_in("s2", None, place="submission_7", source=b"ours")
    one, two = (data.decode().split("\n", 1) for _, data in files(made.ledger()))
    assert (one[0], two[0]) == ("s1", "s2")
    assert one[1] == two[1]


def test_two_people_of_one_upload_have_a_file_each(made):
    for student in ("s1", "s2"):
        made.hand_in(student, earning(1), place="Team_77_assignsubmission_file_")
    found = dict(files(made.ledger()))
    assert list(found) == ["Team_77_assignsubmission_file_/section1_feedback.txt", "s2/section1_feedback.txt"]
    assert [data.decode().split("\n")[0] for data in found.values()] == ["s1", "s2"]


def test_results_have_the_mark_by_the_rules(made):
    made.hand_in("s1", earning(4))
    ((name, data),) = results_files(made.ledger(caps={"section1": 3.0}))
    assert name == "s1/results.json"
    found = json.loads(data)
    assert found["score"] == 3
    assert "section1: capped at 3" in found["output"]


def test_a_folder_and_a_zip_hold_the_same_and_are_the_same_each_time(made, tmp_path):
    made.hand_in("s1", golden("wrong_value"))
    made.hand_in("s2", golden("right"))
    for name in ("one.zip", "two.ZIP", "folder", "folder"):
        assert write_files(tmp_path / name, files(made.ledger())) == 2
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.ZIP").read_bytes()
    with zipfile.ZipFile(io.BytesIO((tmp_path / "one.zip").read_bytes())) as archive:
        packed = {name: archive.read(name) for name in archive.namelist()}
        assert {one.date_time for one in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    unpacked = {f"{path.parent.name}/{path.name}": path.read_bytes() for path in (tmp_path / "folder").rglob("*.txt")}
    assert packed == unpacked
    assert set(packed) == {f"{student}/{SECTION.id}_feedback.txt" for student in ("s1", "s2")}


def test_a_place_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    for where in (tmp_path / "file", tmp_path / "absent" / "x.zip", tmp_path / "absent" / "folder"):
        with pytest.raises(UsageError, match="cannot be written"):
            write_files(where, [("a/b", b"")])
