"""The pages about a class: which readers see whose data, and that names and ids stay text."""

import re
import subprocess
import sys
from html.parser import HTMLParser

import msgspec
import pytest

from grader.batch.class_statistics import statistics_of
from grader.batch.leaderboard import alias
from grader.batch.policy import Adjustment
from grader.render.web.site import files
from tests.batch.hand_ins import SOLUTION, WRONG
from tests.batch.hostile_class import IDS, NAME, hand_in_hostile
from tests.batch.sample_class import PLANTED, earning, failing, fault, golden, marked, trained

PAGE = re.compile(r"students/[0-9a-f]{24}\.html")


class Read(HTMLParser):
    """What a page has: tags with their attributes, links, the rows of its table of students, and its text."""

    def __init__(self, data: bytes) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.rows: list[list[str]] = []
        self.text = ""
        self._in_marks = False
        self.feed(data.decode())
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self._in_marks |= tag == "table" and ("id", "marks") in attrs
        if self._in_marks and tag == "tr":
            self.rows.append([])
        elif self._in_marks and tag in ("td", "th"):
            self.rows[-1].append("")
        elif self._in_marks and tag == "small":
            self.rows[-1][-1] += " "

    def handle_endtag(self, tag):
        self._in_marks &= tag != "table"

    def handle_data(self, data):
        self.text += data
        if self._in_marks and self.rows and self.rows[-1]:
            self.rows[-1][-1] += data

    @property
    def links(self) -> list[str]:
        return [attrs["href"] or "" for tag, attrs in self.tags if tag == "a"]


def site(made, **rules) -> dict[str, bytes]:
    found = list(files(made.ledger(**rules)))
    assert len(dict(found)) == len(found)
    return dict(found)


def test_the_table_says_mark_state_attempts_and_lateness(made):
    made.enrol("s0", "Absent")
    made.hand_in("s1", golden("right"), "Ada")
    made.hand_in("s2", golden("endless_loop"), "Bob", late=True)
    made.hand_in("s3", golden("begun"), "Cem")
    made.hand_in("s3", golden("wrong_value"), place="again")
    made.hand_in("s4", golden("not_started"))
    made.hand_in("s5", fault())
    made.hand_in("s6", None)
    made.spoil("s7")
    made.spoil("s8")
    by_hand = Adjustment("s8", "section1", 4.0, "read by hand")
    index = Read(site(made, adjustments=[by_hand])["index.html"])
    header, *rows = index.rows
    assert [cell.strip() for cell in header] == ["Student", "Id", "Section 1/ 5", "Attempts", "Dayslate"]
    assert [[" ".join(cell.split()) for cell in row] for row in rows] == [
        ["Absent", "s0", "–", "0", "0"],
        ["Ada", "s1", "5", "1", "0"],
        ["Bob", "s2", "3.25 timed out 1 day late", "1", "1"],
        ["Cem", "s3", "1.5 2 attempts", "2", "0"],
        ["s4", "s4", "0 not started", "1", "0"],
        ["s5", "s5", "– grader error", "1", "0"],
        ["s6", "s6", "– not graded yet", "1", "0"],
        ["s7", "s7", "– cannot be read", "0", "0"],
        ["s8", "s8", "4 marked by hand", "0", "0"],
    ]
    assert "The grader failed on: s5" in " ".join(index.text.split())


def test_every_link_leads_to_a_file(made):
    made.hand_in("s1", trained(0.98))
    made.hand_in("s2", golden("wrong_value"))
    made.enrol("s3")
    pages = site(made)
    found = Read(pages["index.html"]).links
    assert {link for link in found if link[0] != "#"} == {*pages} - {"index.html"}
    for name in pages:
        if PAGE.fullmatch(name):
            assert {link for link in Read(pages[name]).links if link[0] != "#"} == {"../index.html"}


def test_figures_are_those_of_the_statistics(made):
    for number, points in enumerate([0.2, 1, 1, 4, 4, 4, 5]):
        made.hand_in(f"s{number}", earning(points))
    figures = statistics_of(made.ledger()).sections[0]
    data = site(made)["index.html"].decode()
    drawn = [int(count) for count in re.findall(r'<text class="count"[^>]*>(\d+)', data)]
    assert drawn == [one.count for one in figures.histogram if one.count]
    assert f"median {figures.marks.median:.1f}" in data
    hardest = figures.hardest[0]
    assert hardest.rate == 0
    assert f"0 of {hardest.written}" in data


def test_the_hardest_the_commonest_and_what_is_to_be_doubted_are_told(made):
    """What `grade stats` says of the same class."""
    diagnosed = failing("mean_by_hand", mistake="divides_twice")
    reports = [golden("right"), *[diagnosed] * 3, failing("mean_by_hand"), *[failing("scale_by_definition")] * 2]
    for number, report in enumerate(reports):
        made.hand_in(f"s{number}", report)
    figures = statistics_of(made.ledger()).sections[0]
    text = " ".join(Read(site(made)["index.html"]).text.split()).replace("twiceIt", "twice It")
    _, _, doubts = text.partition("Is it the grader? Look at these")
    assert "scale_by_definition" in doubts[: doubts.index("Students")]
    assert "mean_by_hand" not in doubts[: doubts.index("Students")]
    _, _, hard = text.partition("Missed by at least half")
    assert hard.strip().startswith("mean: 4 of the 7 who wrote it Hardest checks")
    assert [one.id for one in figures.hardest[:2]] == ["mean_by_hand", "scale_by_definition"]
    places = [hard.index(words) for words in ("3 of 7", figures.hardest[0].title, "5 of 7", figures.hardest[1].title)]
    assert places == sorted(places)
    assert "The commonest diagnoses 3 students, mean: divides_twice It divides twice." in text


def test_a_page_holds_nothing_of_other_students_and_all_of_hidden_checks(made):
    students = ["mark-of-ada", "mark-of-bob", "mark-of-cem"]
    for student in students:
        made.enrol(student, f"name-{student}", email=f"{student}@uni")
        made.hand_in(student, marked(golden("wrong_value"), student), source=f"def {student}(): pass".encode())
    found = [data.decode() for name, data in site(made).items() if PAGE.fullmatch(name)]
    assert len(found) == 3
    for text in found:
        (owner,) = [student for student in students if student in text]
        assert f"name-{owner}" in text
        assert PLANTED in text
        assert "For instructors only" in text


def test_a_page_says_the_mark_and_the_rules_behind_it(made):
    made.hand_in("s 1", golden("wrong_value"), "Ada")
    pages = site(made, adjustments=[Adjustment("s 1", "section1", -0.5, "a week late")])
    (name,) = [name for name in pages if PAGE.fullmatch(name)]
    text = Read(pages[name]).text
    assert f"Section 1: Tiny exercises: {golden('wrong_value').points - 0.5:g} of 5 points" in text
    assert "-0.5: a week late" in text
    assert "grade regrade --student 's 1' --section section1" in text


def test_the_leaderboard_names_only_students_who_agreed(made):
    made.enrol("id-of-ada", "Ada Lovelace", leaderboard="yes")
    made.enrol("id-of-bob", "Bob Boole")
    for student in ("id-of-ada", "id-of-bob", "id-of-cem"):
        made.hand_in(student, trained(0.9871, 12345))
    broken = trained(0.9999)
    broken = msgspec.structs.replace(broken, checks=[*broken.checks, *fault().checks], status="grader_error")
    made.hand_in("id-of-dan", broken)
    text = site(made)["leaderboard.html"].decode()
    assert "Ada Lovelace" in text
    assert "0.9871" in text
    assert "12,345" in text
    assert alias(made.book.key(), "id-of-bob") in text
    assert not re.search("Bob|id-of|students/", text)
    assert "0.9999" not in text, "what the grader failed on has no mark"


def test_without_ranked_checks_there_is_no_leaderboard(made):
    made.hand_in("s1", golden("right"))
    pages = site(made)
    assert "leaderboard.html" not in pages
    assert "leaderboard.html" not in Read(pages["index.html"]).links


def test_names_of_pages_stay_and_cannot_be_guessed(made, tmp_path):
    from tests.batch.sample_class import Made

    other = Made(tmp_path / "other" / "gradebook.sqlite")
    for one in (made, other):
        for student in ("s1", "S1", "../../etc/passwd", "a/b"):
            one.hand_in(student, earning(1))
    names, others = ({name for name in site(one) if name != "index.html"} for one in (made, other))
    assert all(PAGE.fullmatch(name) for name in names | others)
    assert len(names) == 4
    assert names == {name for name in site(made) if name != "index.html"}
    assert not names & others
    other.book.close()


def test_hostile_names_ids_and_reports_stay_text(made):
    hand_in_hostile(made)
    pages = site(made)
    assert len(pages) == len(IDS) + 2
    for name, data in pages.items():
        page = Read(data)
        kinds = [tag for tag, _ in page.tags]
        assert kinds.count("style") == 1, name
        assert kinds.count("script") == (2 if name == "index.html" else 1), name
        assert not {"img", "iframe", "base", "form"} & {*kinds}, name
        assert not {
            key for _, attrs in page.tags for key in attrs if key.startswith("on") or key in ("style", "autofocus")
        }
        assert not [
            link for link in page.links if not re.match(r"#|\.\./index\.html$|leaderboard\.html$|students/", link)
        ]
    index = Read(pages["index.html"])
    assert {row[1] for row in index.rows[1:]} == {*IDS}
    assert {row[0][:-1] for row in index.rows[1:]} == {NAME}


def test_a_class_without_any_grade_has_its_page(made):
    made.enrol("s1", "Ada")
    made.hand_in("s2", None)
    pages = site(made)
    assert [*pages] == ["index.html"]
    assert "There are no marks yet" in Read(pages["index.html"]).text


def test_hidden_checks_are_called_so(made):
    hidden = golden("right").checks[0]
    report = golden("right")
    made.hand_in(
        "s1", msgspec.structs.replace(report, checks=[msgspec.structs.replace(hidden, hidden=True), *report.checks[1:]])
    )
    (name,) = [name for name in site(made) if PAGE.fullmatch(name)]
    assert f"{hidden.title.replace('`', '')} (hidden)" in Read(site(made)[name]).text


# -- as it is typed


@pytest.mark.slow
def test_the_site_of_a_class_that_is_graded_and_graded_again(lay_out, tmp_path, command, run_grade):
    folder = lay_out({"ada/section1_tiny.py": SOLUTION, "bob/section1_tiny.py": WRONG})
    out, pages = tmp_path / "out", tmp_path / "pages"
    ran = run_grade(command(folder, out, "--workers", "1", "--html", str(pages)))
    assert ran.returncode == 0, ran.stderr
    assert f"3 files in {pages}\nStart with index.html" in ran.stderr
    first = {path.name: path.read_bytes() for path in pages.rglob("*.html")}
    words = [*command(folder, out)[:3], "regrade", "--out", str(out), "--student", "ada", "--html", str(pages)]
    assert run_grade(words).returncode == 0
    exported = tmp_path / "exported"
    words = [*command(folder, out)[:3], "export", "html", "--out", str(out), "--file", str(exported)]
    assert run_grade(words).returncode == 0
    for where in (pages, exported):
        assert {path.name: path.read_bytes() for path in where.rglob("*.html")} == first


@pytest.mark.parametrize(("where", "said"), [("absent/pages", "there is no folder"), ("file", "Name a folder")])
def test_where_no_pages_can_be_is_told_before_anything_is_graded(lay_out, tmp_path, command, run_grade, where, said):
    folder = lay_out({"ada/section1_tiny.py": SOLUTION})
    (tmp_path / "file").write_bytes(b"")
    ran = run_grade(command(folder, tmp_path / "out", "--html", str(tmp_path / where)))
    assert ran.returncode == 2
    assert said in ran.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("words", [["html"], ["feedback", "--format", "html"]])
def test_no_torch_is_imported(made, environment, tmp_path, words):
    made.hand_in("s1", golden("wrong_value"))
    words = ["export", *words, "--out", str(made.book.path.parent), "--file", str(tmp_path / "pages")]
    code = f"import sys; from grader.cli import main\ntry: main({words!r})\nfinally: assert 'torch' not in sys.modules"
    ran = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=False)
    assert ran.returncode == 0, ran.stderr


def test_help_imports_no_templates(environment):
    code = "import sys; from grader.cli import main\ntry: main(['--help'])\nfinally: assert 'jinja2' not in sys.modules"
    assert (
        subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=False).returncode == 0
    )
