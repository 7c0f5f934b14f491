"""`grade predict`, as it is typed: asked in a terminal, told in a pipe, and what it leaves in the student's file."""

import os
import pty
import re
import select
import signal
import subprocess
import sys
import time

import pytest

from tests import forked

SEQUENCE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
PATIENCE_SECONDS = 120
INTERRUPT = "\x03"


@pytest.fixture
def course(asking_course):
    return asking_course.root


@pytest.fixture
def mine(course):
    return course / "exercises" / "section1_tiny.py"


@pytest.fixture
def environment():
    kept = {name: value for name, value in os.environ.items() if name not in ("GRADE_COURSE", "FORCE_COLOR")}
    return kept | {"COLUMNS": "100"}


@pytest.fixture
def grade(course, environment):
    """Type a command without a terminal; what it prints."""

    def run(*words, code=0):
        done = forked.run([*forked.GRADE, *words], environment, course)
        assert done.returncode == code, done.stdout + done.stderr
        assert "Traceback" not in done.stdout + done.stderr
        return done.stdout + done.stderr

    return run


@pytest.fixture
def talk(course, environment):
    """Type a command in a terminal, and answer each text with a line; what is printed there."""

    def run(*words, said, code=0):
        ours, theirs = pty.openpty()
        process = subprocess.Popen(
            [sys.executable, "-m", "grader", *words],
            cwd=course,
            env=environment,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a shell may have us ignore it
        )
        os.close(theirs)
        waiting, text, seen, interrupted = list(said), "", 0, False
        end = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < end:
            if not select.select([ours], [], [], 1)[0]:
                if interrupted:  # the first came before the prompt waited for it
                    process.send_signal(signal.SIGINT)
                continue
            try:
                text += SEQUENCE.sub("", os.read(ours, 1 << 16).decode())
            except OSError:  # closed: this was all
                break
            if waiting and waiting[0][0] in text[seen:]:
                seen, typed = len(text), waiting.pop(0)[1]
                if typed == INTERRUPT:
                    interrupted = True
                else:
                    os.write(ours, f"{typed}\n".encode())
        os.close(ours)
        assert not waiting, text
        assert process.wait() == code, text
        assert "Traceback" not in text
        return text

    return run


def test_a_pipe_is_asked_nothing_and_told_what_to_type(grade, mine):
    before = mine.read_bytes()
    said = grade("predict", "section1")
    assert said.count('Not answered yet. Answer: "it stays", "it changes" or "there is none"') == 1
    assert "write your answers in place of None, in PREDICTIONS of exercises/section1_tiny.py" in said
    assert "What happens" not in said
    assert mine.read_bytes() == before


@pytest.mark.slow
def test_answers_are_asked_written_kept_and_compared(talk, grade, mine, course):
    stub = mine.read_text(encoding="utf-8")
    assert "first predict what will happen:  grade predict section1" in grade()
    said = talk(
        "predict",
        "section1",
        said=[
            ("(a number", "many"),
            ("This is not an answer", "1e1"),
            ("(1 to 3", "4"),
            ("This is not an answer", "it stays"),
        ],
    )
    answered = stub.replace('"mean_of_three": None', '"mean_of_three": 10').replace(
        '"sign": None', '"sign": "it stays"'
    )
    assert mine.read_text(encoding="utf-8") == answered
    assert "Your answers are in exercises/section1_tiny.py." in said
    assert "mean is not written yet." in said
    assert "write scale in exercises/section1_tiny.py" in grade()  # the prediction is kept as graded
    solution = (course / "solutions" / mine.name).read_text(encoding="utf-8")
    mine.write_text(solution.replace(": 3,", ": 10,").replace('"it changes",\n}', '"it stays",\n}'), encoding="utf-8")
    said = talk("predict", "section1", said=[])  # an answer that is given is not asked for again
    assert re.search(r"You predicted +10\r?\n +What happens +3 +not as you predicted", said)
    assert re.search(r"You predicted +it stays\r?\n +What happens +it changes +not as you predicted", said)
    assert "2 became -6." in said
    before = mine.read_bytes()
    said = talk("predict", "section1", "--again", said=[("(a number; Enter keeps 10)", ""), ("(1 to 3", "2")])
    assert mine.read_bytes() == before.replace(b'"it stays",\n}', b'"it changes",\n}')
    assert "What happens   it changes  as you predicted" in said


@pytest.mark.slow
def test_an_interrupt_leaves_what_was_answered(talk, mine):
    stub = mine.read_text(encoding="utf-8")
    said = talk("predict", "section1", said=[("(a number", "3.25"), ("(1 to 3", INTERRUPT)], code=130)
    assert "Interrupted." in said
    assert mine.read_text(encoding="utf-8") == stub.replace('"mean_of_three": None', '"mean_of_three": 3.25')


@pytest.mark.slow
def test_a_notebook_is_answered_where_it_is_what_the_student_edits(talk, grade, mine, course):
    mine.write_text(
        mine.read_text(encoding="utf-8").replace("raise NotImplementedError", "return x * factor", 1), encoding="utf-8"
    )
    grade("notebook", "section1")
    book = mine.with_suffix(".ipynb")
    os.utime(book, (time.time() + 10, time.time() + 10))
    python, before = mine.read_bytes(), book.read_bytes()
    said = talk("predict", "section1", said=[("(a number", "3"), ("(1 to 3", "2")])
    assert "Your answers are in exercises/section1_tiny.ipynb." in said
    assert "reload it from disk" in said
    assert mine.read_bytes() == python
    changed = before.replace(rb"\"mean_of_three\": None", rb"\"mean_of_three\": 3")
    assert book.read_bytes() == changed.replace(rb"\"sign\": None", rb"\"sign\": \"it changes\"")
    assert "What happens   it changes  as you predicted" in said
    assert "You predicted  3" in grade("predict", "exercises/section1_tiny.ipynb")


@pytest.mark.slow
def test_what_cannot_be_asked_is_said(grade, talk, mine, course):
    text = mine.read_text(encoding="utf-8")
    mine.write_text(text.replace("PREDICTIONS", "GUESSES"), encoding="utf-8")
    said = talk("predict", "section1", said=[], code=2)
    assert "this file has no PREDICTIONS" in said
    assert "grade reset section1 predictions" in said
    mine.write_text(text.replace('"sign": None,', ""), encoding="utf-8")
    said = talk("predict", "section1", said=[("(a number", "3"), ("(1 to 3", "2")], code=2)
    assert "PREDICTIONS has no entry 'sign'" in said
    mine.write_text(text + "\ndef f(:\n", encoding="utf-8")
    said = talk("predict", "section1", said=[], code=2)
    assert f"section1_tiny.py:{text.count(chr(10)) + 2}: " in said
    assert "Fix it, then: grade predict section1" in said
    said = grade("predict", "section1")
    assert "Your file raised SyntaxError" in said
    checks = course / "solutions" / mine.name
    checks.write_text(checks.read_text(encoding="utf-8").replace("PREDICTIONS", "GUESSES"), encoding="utf-8")
    assert "section1 asks for no predictions. To grade it: grade section1" in grade("predict", "section1", code=2)
    assert "Did you mean section1 (tiny)" in grade("predict", "tinny", code=2)


@pytest.mark.slow
def test_the_page_of_html_compares_predictions_too(grade, mine, course, tmp_path):
    solution = (course / "solutions" / mine.name).read_text(encoding="utf-8")
    mine.write_text(solution.replace('"it changes",\n}', '"it stays",\n}'), encoding="utf-8")
    file = tmp_path / "page.html"
    grade("section1", "--html", str(file))
    text = file.read_text(encoding="utf-8")
    assert "What you predicted, and what your functions do" in text
    assert text.count("not as you predicted") == 1
    assert "2 became -6." in text
