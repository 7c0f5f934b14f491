import os
import socket
from pathlib import Path

import pytest

from grader.course import UsageError
from grader.sandbox.submission import SIZE_LIMIT, read_submission

STEM = "section4_momentum"
NAME = f"{STEM}.py"
COMMAND = "grade section4"
SOURCE = b"def f():\n    return '\xff'\n"


def refusal(path: Path) -> str:
    """The message of a refusal, after a look at what every such message holds."""
    with pytest.raises(UsageError) as caught:
        read_submission(path, STEM, COMMAND)
    message = str(caught.value)
    assert f"{COMMAND} --submission " in message or "grade --help" in message
    assert message.isprintable() or "\n" in message
    return message


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "handed_in").mkdir()
    return tmp_path / "handed_in"


def test_a_file_is_read_byte_by_byte_from_its_folder_or_by_its_name(folder: Path) -> None:
    (folder / NAME).write_bytes(SOURCE)
    (folder / "notes.py").write_bytes(b"pass")
    for path in (folder, folder / NAME):
        submission = read_submission(path, STEM, COMMAND)
        assert (submission.filename, submission.path, submission.source) == (NAME, folder / NAME, SOURCE)


def test_a_file_may_have_any_name_if_it_is_named(folder: Path) -> None:
    (folder / "mine final (2).py").write_bytes(SOURCE)
    assert read_submission(folder / "mine final (2).py", STEM, COMMAND).filename == "mine final (2).py"


def test_a_file_of_exactly_the_limit_is_read_and_one_byte_more_is_not(folder: Path) -> None:
    path = folder / NAME
    path.write_bytes(b"#" * SIZE_LIMIT)
    assert len(read_submission(folder, STEM, COMMAND).source) == SIZE_LIMIT
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
    read_submission(folder / "a.py", STEM, COMMAND)


@pytest.mark.parametrize("name", ["README", f"{NAME}.txt", "answers.docx", "py"])
def test_a_file_of_another_kind_is_told_what_is_expected(folder: Path, name: str) -> None:
    (folder / name).touch()
    message = refusal(folder / name)
    assert name in message
    assert f"Expected {NAME}" in message


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
    message = refusal(folder)
    assert message.encode()
    assert all(character.isprintable() or character == "\n" for character in message)
    submission = read_submission(path, STEM, COMMAND)
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
    read_submission(folder, STEM, COMMAND)
    assert sorted(os.listdir(folder)) == [NAME]
