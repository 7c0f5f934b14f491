"""Clones of repositories: the folder around them, the prefix of their names, and whose they are."""

from tests.batch.hand_ins import SOLUTION, WRONG, students


def test_clones_are_found_in_the_folder_that_holds_them_all(lay_out, take):
    files = {
        f"hw-submissions/hw-{name}/{file}": SOLUTION for name in ("ada", "bob") for file in (".git/HEAD", "tiny.py")
    }
    assert students(take(lay_out(files))[0]) == ["ada", "bob"]


def test_github_classroom_clones(lay_out, take):
    folder = lay_out({
        "section1-ada-l/section1_tiny.py": SOLUTION,
        "section1-bob/exercises/section1_tiny.py": WRONG,
    })  # fmt: skip
    assert students(take(folder)[0]) == ["ada-l", "bob"]


def test_clones_of_an_assignment_of_any_name(lay_out, take):
    folder = lay_out({
        "autumn-hw-ada-l/exercises/section1_tiny.py": SOLUTION,
        "autumn-hw-ada-l/.git/HEAD": b"",
        "autumn-hw-bob/exercises/section1_tiny.py": WRONG,
        "autumn-hw-bob/.git/HEAD": b"",
    })  # fmt: skip
    assert students(take(folder)[0]) == ["ada-l", "bob"]


def test_a_clone_whose_user_is_called_like_an_export_is_a_clone(lay_out, take):
    folder = lay_out(
        {"section1-eve-submissions/.git/config": b"", "section1-eve-submissions/bob/section1.py": SOLUTION}
    )
    found, _ = take(folder)
    assert students(found) == ["eve-submissions"]
