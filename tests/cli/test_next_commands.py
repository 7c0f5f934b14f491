"""Commands that messages about a class name work as they are printed: with the options that the class was graded with."""

import re

import pytest

from tests.batch.exports import worksheet
from tests.batch.hand_ins import SOLUTION
from tests.batch.sample_class import Made, golden
from tests.cli.in_process import typed
from tests.paths import TINY

PEOPLE = [{"number": "41", "name": "Ada Lovelace", "id": "s1"}, {"number": "42", "name": "Bob Boole", "id": "s2"}]
FILES = {
    "Ada Lovelace_41_assignsubmission_file_/abgabe.pdf": b"%PDF",
    "Bob Boole_42_assignsubmission_file_/a.py": SOLUTION,
    "Bob Boole_42_assignsubmission_file_/b.py": SOLUTION,
}


@pytest.fixture(params=["results", "my results"])
def out(request, tmp_path, monkeypatch):
    """The folder of a gradebook that has graded the only file that can be graded, so that no worker starts."""
    monkeypatch.setenv("GRADE_COURSE", str(TINY))
    monkeypatch.chdir(tmp_path)
    made = Made(tmp_path / request.param / "gradebook.sqlite")
    made.hand_in("s3", golden("right"), source=SOLUTION)
    made.book.close()
    for name, text in (("sheet.csv", worksheet(PEOPLE)), ("times.csv", "id,time\ns2,2026-11-20T22:15:00Z\n")):
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "rules.toml").write_text("[due]\nsection1 = 2026-11-20T23:59:00Z\n[late]\npenalty_per_day = 0.1\n")
    (tmp_path / "class.csv").write_text("id,name,team\ns1,Ada Lovelace,\ns2,Bob Boole,\n")
    return request.param


def printed(text: str, before: str) -> str:
    """The command behind these words."""
    (command,) = re.findall(rf"{before} *(grade [^;\n]*)", text)
    return command


def test_each_printed_command_works_as_it_is_printed(out, lay_out, tmp_path):
    lay_out(FILES)
    where = "" if out == "results" else f" --out '{out}'"
    asked = "grade class submissions --section section1"
    command = f"{asked} --roster class.csv --like sheet.csv --policy rules.toml --unsafe{where}"
    code, said = typed(command)
    assert code == 1, said
    code, said = typed(printed(said, "To settle each: "))
    assert code == 1, said
    code, said = typed(printed(said, "b.py: ").replace("/FILE", "/a.py"))
    assert (code, printed(said, "Next: ")) == (0, command)
    code, said = typed(f"{asked}{where}")
    assert code == 2, "without the table, the numbers would be those of other students"
    assert printed(said, "Name it again:") == f"{asked} --roster class.csv --like sheet.csv{where}"

    waiting = Made(tmp_path / out / "gradebook.sqlite")
    waiting.hand_in("s2", None)
    code, said = typed(f"grade export csv --policy rules.toml{where}")
    assert (code, printed(said, "To grade:")) == (1, command)
    waiting.hand_in("s4", golden("right"))  # grades what waits
    waiting.book.close()
    with_times = printed(said, "To give times:").replace("FILE", "times.csv")
    code, said = typed(with_times)
    assert (code, "FILE" in with_times) == (1, False), said
    (tmp_path / "other.csv").write_text(worksheet([*PEOPLE, {"number": "43", "name": "Cem Can", "id": "s5"}]))
    code, said = typed(f"grade export moodle --section section1 --like other.csv{where}")
    taken_in = printed(said, "To add them:")
    assert taken_in == with_times.replace("sheet.csv", "other.csv")
    assert typed(taken_in)[0] == 1, "the PDF"
    assert "To take" not in typed(f"grade export moodle --section section1 --like other.csv{where}")[1]


def test_of_several_folders_each_has_its_own_command(out, lay_out, tmp_path):
    lay_out(FILES)
    (tmp_path / "submissions").rename(tmp_path / "first")
    lay_out({"bob/a.py": SOLUTION, "bob/b.py": SOLUTION})
    where = "" if out == "results" else f" --out '{out}'"
    first, second = f"grade class first --section section1{where}", f"grade class submissions{where}"
    assert [typed(command)[0] for command in (first, second)] == [1, 1]
    for file, student, command in (
        ("first/Bob Boole_42_assignsubmission_file_/a.py", "42", first),
        ("submissions/bob/a.py", "bob", second),
    ):
        code, said = typed(f"grade assign '{file}' {student} --section section1{where}")
        assert (code, printed(said, "Next: ")) == (0, command)
