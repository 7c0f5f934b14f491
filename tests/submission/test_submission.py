import os
import socket
from pathlib import Path

import pytest

from grader.submission.formats import SIZE_LIMIT
from grader.submission.locate import read_section
from grader.submission.search import COUNT_LIMIT
from tests.submission.formats import COMMAND, NAME, SECTION, SOURCE, STEM, refusal, zip_of


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "handed_in").mkdir()
    return tmp_path / "handed_in"


def test_a_file_is_read_byte_by_byte_from_its_folder_or_by_its_name(folder: Path) -> None:
    (folder / NAME).write_bytes(SOURCE)
    (folder / "notes.py").write_bytes(b"pass")
    for path in (folder, folder / NAME):
        submission = read_section(path, SECTION)
        assert (submission.filename, submission.path, submission.source) == (NAME, folder / NAME, SOURCE)


def test_a_file_may_have_any_name_if_it_is_named(folder: Path) -> None:
    (folder / "mine final (2).py").write_bytes(SOURCE)
    assert read_section(folder / "mine final (2).py", SECTION).filename == "mine final (2).py"


def test_a_file_of_exactly_the_limit_is_read_and_one_byte_more_is_not(folder: Path) -> None:
    path = folder / NAME
    path.write_bytes(b"#" * SIZE_LIMIT)
    assert len(read_section(folder, SECTION).source) == SIZE_LIMIT
    path.write_bytes(b"#" * (SIZE_LIMIT + 1))
    message = refusal(folder)
    assert NAME in message
    assert "larger than 1 MiB" in message


def test_a_path_that_is_missing_is_named(folder: Path) -> None:
    message = refusal(folder / "nowhere" / NAME)
    assert f"nowhere/{NAME}: not found" in message


def test_an_empty_folder_is_told_which_file_was_expected(folder: Path) -> None:
    message = refusal(folder)
    assert f"no file named {NAME} or .ipynb inside" in message
    assert "no Python file and no notebook" in message


def test_a_folder_with_other_files_lists_them_with_a_command_that_works(folder: Path) -> None:
    for name in ("a.py", "b.py", "c.py", "d.py", "e.py", "f.py", "x.txt"):
        (folder / name).touch()
    message = refusal(folder)
    assert "a.py, b.py, c.py, d.py, e.py, …" in message
    assert "x.txt" not in message
    assert f"{COMMAND} --submission {folder / 'a.py'}" in message
    read_section(folder / "a.py", SECTION)


@pytest.mark.parametrize("name", ["README", f"{NAME}.txt", "answers.docx", "py"])
def test_a_file_of_another_kind_is_told_what_is_expected(folder: Path, name: str) -> None:
    (folder / name).touch()
    message = refusal(folder / name)
    assert name in message
    assert f"Expected {NAME}" in message


def put(path: Path, source: bytes = SOURCE) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(source)
    return path


def test_a_file_in_the_only_subfolder_that_has_one_is_found(folder: Path) -> None:
    file = put(folder / "Ann_123" / "homework" / NAME)
    put(folder / "Ann_123" / "notes.py")
    submission = read_section(folder, SECTION)
    assert (submission.filename, submission.path, submission.source) == (NAME, file, SOURCE)


def test_an_older_copy_below_does_not_count(folder: Path) -> None:
    file = put(folder / "homework" / NAME)
    put(folder / "homework" / "old" / NAME)
    assert read_section(folder, SECTION).path == file
    top = put(folder / NAME)
    put(folder / "other" / NAME)
    assert read_section(folder, SECTION).path == top


@pytest.mark.parametrize(
    "names",
    [
        (f"a/{NAME}", f"b/{NAME}"),
        (f"a/{NAME}", f"b/c/{NAME}"),
        (NAME, f"{STEM}.ipynb"),
        (f"a/{NAME}", f"a/{STEM}.ipynb"),
    ],
)
def test_two_files_of_the_name_are_both_named(folder: Path, names: tuple[str, ...]) -> None:
    for name in names:
        put(folder / name)
    message = refusal(folder)
    assert all(name in message.split("\n")[0] for name in names)
    assert any(f"{COMMAND} --submission {folder / name}" in message for name in names)


@pytest.mark.parametrize("hidden", [".git", ".ipynb_checkpoints", "__MACOSX", "__pycache__"])
def test_what_programs_keep_for_themselves_is_not_searched(folder: Path, hidden: str) -> None:
    put(folder / hidden / NAME)
    assert "no Python file" in refusal(folder)
    file = put(folder / "mine" / NAME)
    assert read_section(folder, SECTION).path == file


def test_folders_are_searched_to_a_depth_and_no_link_leads_on(folder: Path, tmp_path: Path) -> None:
    put(folder.joinpath(*"abcdefghi") / NAME)
    put(tmp_path / "elsewhere" / NAME)
    (folder / "link").symlink_to(tmp_path / "elsewhere")
    (folder / "loop").symlink_to(folder)
    assert "no Python file" in refusal(folder)
    file = put(folder.joinpath(*"abcdefgh") / NAME)
    assert read_section(folder, SECTION).path == file


def test_a_folder_with_very_many_files_is_not_searched_through(folder: Path) -> None:
    (folder / "data").mkdir()
    for number in range(COUNT_LIMIT):
        (folder / "data" / str(number)).touch()
    assert "more than 10000 files" in refusal(folder)
    put(folder / NAME)
    assert read_section(folder, SECTION).filename == NAME


def test_a_folder_with_an_archive_only_is_that_archive_and_of_several_one_is_to_be_graded(folder: Path) -> None:
    put(folder / "hw 4.zip", zip_of({NAME: SOURCE}))
    assert read_section(folder, SECTION).source == SOURCE
    put(folder / "old.zip")
    message = refusal(folder)
    assert "It holds: hw 4.zip, old.zip" in message
    assert f"{COMMAND} --submission '{folder}/hw 4.zip'" in message


@pytest.mark.parametrize("name", ["hw.tar.gz", "hw.rar", "hw.7z"])
def test_an_archive_of_another_kind_is_to_be_unpacked(folder: Path, name: str) -> None:
    message = refusal(put(folder / name))
    assert f"{name}: of archives, only .zip files are read. Unpack it" in message


def test_a_notebook_that_was_renamed_is_to_be_renamed_back(folder: Path) -> None:
    message = refusal(put(folder / NAME, b'{"cells": [], "nbformat": 4}'))
    assert f"Rename it to {STEM}.ipynb" in message


@pytest.mark.parametrize("path", ["a\0b", "\ud800", "x" * 5000])
def test_a_path_that_no_file_can_have_is_refused(path: str) -> None:
    assert "--help" in refusal(Path(path))


@pytest.mark.skipif(os.getuid() == 0, reason="root may read everything")
def test_a_folder_below_that_may_not_be_read_is_named(folder: Path) -> None:
    (folder / "closed").mkdir(mode=0)
    assert "could not be read: closed" in refusal(folder)


@pytest.mark.parametrize("target", ["real.py", "missing.py", NAME, "/etc/passwd", "/dev/zero"])
def test_a_link_is_not_followed(folder: Path, target: str) -> None:
    (folder / "real.py").write_bytes(SOURCE)
    (folder / NAME).symlink_to(target)
    for path in (folder, folder / NAME):
        message = refusal(path)
        assert NAME in message
        assert "links in a submission are not followed" in message


def test_a_pipe_is_refused_without_waiting_for_its_writer(folder: Path) -> None:
    os.mkfifo(folder / NAME)
    for path in (folder, folder / NAME):
        message = refusal(path)
        assert f"{NAME}: not a regular file" in message


def test_a_folder_in_the_place_of_the_file_is_refused(folder: Path) -> None:
    (folder / NAME).mkdir()
    assert f"{NAME}: not a regular file" in refusal(folder)


def test_a_socket_in_the_place_of_the_file_is_refused(folder: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(folder / NAME))
        assert NAME in refusal(folder)


def test_a_device_in_the_place_of_the_file_is_refused() -> None:
    assert "/dev/null" in refusal(Path("/dev/null"))


@pytest.mark.parametrize("name", [b"\xff\xfe.py", b"\x1b[2Jcls.py", b"two\nlines.py", "\u202eyp.exe.py".encode()])
def test_a_name_that_is_no_text_or_gives_orders_is_written_out(folder: Path, name: bytes) -> None:
    path = Path(os.fsdecode(os.fsencode(folder) + b"/" + name))
    path.write_bytes(SOURCE)
    (folder / "other.py").touch()
    message = refusal(folder)
    assert message.encode()
    assert all(character.isprintable() or character == "\n" for character in message)
    submission = read_section(path, SECTION)
    assert submission.source == SOURCE
    assert submission.filename.encode()
    assert submission.filename.isprintable()
    path.rename(path.with_suffix(".txt"))
    assert refusal(path.with_suffix(".txt")).encode()


def test_a_name_that_is_very_long_does_not_flood_the_message(folder: Path) -> None:
    for letter in "abcdefgh":
        (folder / f"{letter * 240}.py").touch()
    assert len(refusal(folder)) < 1500


def test_a_submission_is_only_read(folder: Path) -> None:
    """A file that would leave a mark when it is executed leaves none."""
    (folder / NAME).write_text(f"open({str(folder / 'mark')!r}, 'w')\n")
    read_section(folder, SECTION)
    assert sorted(os.listdir(folder)) == [NAME]
