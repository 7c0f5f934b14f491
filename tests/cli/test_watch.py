"""`grade SECTION --watch` under a person's hands: saves as editors do them, keys in a terminal, and Ctrl-C."""

import fcntl
import os
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

from grader.kit.new_parts import new_course
from tests.cli.commands import SEQUENCE, below, environment, grade, processes
from tests.paths import ROOT, TINY

RIGHT = (TINY / "solutions" / "section1_tiny.py").read_text(encoding="utf-8")
WRONG_SCALE = RIGHT.replace("return x * factor", "return x + factor")
WRONG_MEAN = RIGHT.replace("return float(x.sum()) / x.numel()", "return 0.0")
PATIENCE_SECONDS = 60
pytestmark = pytest.mark.slow  # each is a watch of its own, which begins with an import of torch


class Watch:
    """A running `grade tiny --watch`, in a terminal or with its output in a pipe."""

    def __init__(self, course: Path, *arguments: str, terminal: bool, section: str = "tiny", **variables: str) -> None:
        self.file = course / "exercises" / "section1_tiny.py"
        self.terminal = terminal
        if terminal:
            self.screen, theirs = pty.openpty()
            fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 80, 0, 0))
            self.modes = termios.tcgetattr(theirs)
            self.theirs = theirs
            streams = {"stdin": theirs, "stdout": theirs, "stderr": theirs}
            variables = {"TERM": "xterm-256color"} | variables
        else:
            self.screen, theirs = os.pipe()
            streams = {"stdin": subprocess.DEVNULL, "stdout": theirs, "stderr": theirs}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "grader", section, *arguments, "--watch"],
            env=environment(course, **variables),
            preexec_fn=lambda: _own_terminal(theirs) if terminal else signal.signal(signal.SIGINT, signal.SIG_DFL),
            start_new_session=True,
            **streams,
        )
        if not terminal:
            os.close(theirs)
        self.text = ""
        self._read = 0

    def until(self, pattern: str) -> str:
        """Wait for words that were not read before; return all up to and with them."""
        begun = time.monotonic()
        while (found := re.compile(pattern).search(self.text, self._read)) is None:
            if not self._receive(PATIENCE_SECONDS) or time.monotonic() - begun > PATIENCE_SECONDS:
                pytest.fail(f"no {pattern!r} in:\n{self.text[self._read :]}")
        before, self._read = self._read, found.end()
        return self.text[before : found.end()]

    def _receive(self, seconds: float) -> bool:
        if not select.select([self.screen], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self.screen, 1 << 16)
        except OSError:
            return False
        self.text += SEQUENCE.sub("", data.decode("utf-8", "replace"))
        return bool(data)

    def graded(self) -> str:
        """Wait until a grading, or a hint, is shown to its end; return that, without the progress above it."""
        shown = self.until(r"Keys: .*to quit\." if self.terminal else "Ctrl-C ends it")
        return shown[max(0, shown.rfind("Section 1 ·")) :]

    def save(self, source: str) -> None:
        self.file.write_text(source, encoding="utf-8")

    def press(self, key: str) -> None:
        os.write(self.screen, key.encode())

    def end(self) -> int:
        """Wait for the end; return the exit code. Nothing is left: no process, no mode of the terminal."""
        begun = time.monotonic()
        while self._receive(0.2) or self.process.poll() is None:
            if time.monotonic() - begun > PATIENCE_SECONDS:
                pytest.fail(f"it does not end; last:\n{self.text[-2000:]}")
        code = self.process.wait()
        if self.terminal:
            assert termios.tcgetattr(self.theirs) == self.modes
            os.close(self.theirs)
        return code


def _own_terminal(descriptor: int) -> None:
    fcntl.ioctl(descriptor, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.fixture
def started():
    watches = []
    yield watches
    for watch in watches:
        watch.process.kill()
        watch.process.wait()
        os.close(watch.screen)


@pytest.fixture
def start(own_course, started):
    def run(*arguments: str, source: str = RIGHT, terminal: bool = False, **variables: str) -> Watch:
        own_course.sections[0].exercise.write_text(source, encoding="utf-8")
        started.append(Watch(own_course.root, *arguments, terminal=terminal, **variables))
        return started[-1]

    return run


def interrupt(watch: Watch) -> None:
    """Press Ctrl-C, or, without a terminal, send what it sends."""
    family = {pid for generation in below(watch.process.pid) for pid in generation}
    assert family
    if watch.terminal:
        watch.press("\x03")
    else:
        os.killpg(watch.process.pid, signal.SIGINT)
    assert watch.end() == 130
    assert watch.text.rstrip().endswith("Interrupted.")
    assert "Traceback" not in watch.text
    assert not family & set(processes())


def test_without_a_terminal_every_save_is_graded_and_kept_for_the_overview(start, own_course):
    watch = start(source=WRONG_SCALE)
    first = watch.graded()
    warm = below(watch.process.pid)[0].keys()
    assert "points" in first
    assert "Smallest example that shows it" in first
    assert "Graded: all" in first
    watch.save(RIGHT)
    second = watch.graded()
    assert "5.0 / 5.0 points" in second
    assert "Graded: scale (" in second
    led = [
        " ".join(line.split()) for line in second.splitlines()
    ]  # what has changed, what passes now, and where it leads
    changed, passed, command = (
        next((place for place, line in enumerate(led) if line.startswith(words)), -1)
        for words in ("+1.75 since the last grading: scale.", "scale: passed.", "grade pack")
    )
    assert 0 <= changed < passed < command, second
    assert below(watch.process.pid)[0].keys() == warm  # the zygote is kept
    begun = time.monotonic()
    while "5.0 of 5.0 points  all points" not in (seen := grade(course=own_course.root).stdout):
        assert time.monotonic() - begun < PATIENCE_SECONDS, seen
    interrupt(watch)


@pytest.mark.parametrize("terminal", [False, True])
def test_an_editor_is_told_the_lines_of_each_save(start, terminal):
    watch = start("--lines", source=WRONG_SCALE, terminal=terminal)
    said = {
        source: watch.until(r"Graded on a save:(.|\n)*Waiting for the next save")
        for source in (WRONG_SCALE, RIGHT, "def", WRONG_MEAN)
        if source == WRONG_SCALE or watch.save(source) is None
    }
    marked = {
        source: re.findall(r"^(.+\.py):(\d+): error: (\w+)", text.replace("\r", ""), re.MULTILINE)
        for source, text in said.items()
    }
    assert not marked[RIGHT]
    assert {name for *_, name in marked[WRONG_SCALE]} == {"scale"}
    assert {name for *_, name in marked[WRONG_MEAN]} == {"mean"}
    assert [(Path(file).name, line) for file, line, _ in marked["def"]] == [("section1_tiny.py", "1")]
    interrupt(watch)


def test_editors_replace_files_and_take_them_away(start, own_course):
    """A notebook lies beside the Python file, which is the one that is watched."""
    own_course.sections[0].exercise.with_suffix(".ipynb").write_text("{}", encoding="utf-8")
    watch = start()
    assert "All points" in watch.graded()
    other = watch.file.with_name(".section1_tiny.py.swp")
    other.write_text(WRONG_MEAN, encoding="utf-8")
    other.replace(watch.file)
    assert "Graded: mean, centre (" in watch.graded()
    watch.save(RIGHT.replace("return x * factor", "return x * ("))
    assert "fix section1_tiny.py, line" in watch.graded()
    watch.save("")
    said = watch.until(r"section1_tiny\.py is empty\.[^$]+Waiting for the next save")
    assert "grade reset section1. For the file that your last reset kept: grade reset section1 --undo" in " ".join(
        said.split()
    )
    watch.file.unlink()
    watch.until("Waiting for the next save")
    watch.save(WRONG_SCALE)
    assert "fix scale" in watch.graded()
    folder = watch.file.parent.rename(watch.file.parent.with_name("elsewhere"))
    watch.until("Waiting for the next save")
    folder.rename(watch.file.parent)
    watch.graded()
    watch.save(WRONG_MEAN)
    assert "fix mean" in watch.graded()
    interrupt(watch)


def test_what_comes_back_before_its_absence_was_told_is_graded(start):
    """Looked at for another reason while it is away: nothing then tells of its return, since nothing has seen it go."""
    watch = start(terminal=True)
    watch.graded()
    time.sleep(1.5)  # by then the file has been looked at as it is, which happens every second
    folder = watch.file.parent.rename(watch.file.parent.with_name("elsewhere"))
    watch.press("a")
    watch.until("Waiting for the next save")
    folder.rename(watch.file.parent)
    assert "no exercise has changed" in watch.graded()
    watch.press("q")
    assert watch.end() == 0


def test_of_saves_in_quick_succession_the_last_is_graded(start):
    watch = start()
    watch.graded()
    for number in range(30):
        watch.save(WRONG_SCALE.replace("return x + factor", f"return x + factor + {number}"))
        time.sleep(0.02)
    watch.save(RIGHT.replace("return x * factor", "return 'the last'"))
    watch.until("returned a str")
    watch.graded()
    watch.save(RIGHT)
    watch.until(r"All points")
    interrupt(watch)


def test_a_save_during_a_grading_ends_it(start):
    """Here the first would take two seconds of computing for each of three exercises."""
    endless = RIGHT.replace("return x * factor", "while True: pass").replace(
        "for w in params:", "while True: pass\n    for w in params:"
    )
    watch = start()
    watch.graded()
    watch.save(endless)
    time.sleep(0.5)
    watch.save(WRONG_MEAN)
    seen = watch.until("fix mean")
    assert "shift_in_place — " not in seen
    interrupt(watch)


def test_what_has_changed_is_shown_before_what_builds_on_it(start):
    watch = start(terminal=True)
    watch.graded()
    watch.save(WRONG_MEAN)
    early = watch.until(r"Graded: mean \([\d.]+ s\)\. Now what builds on it: centre\.")
    assert re.search(r"mean +0\.0 / ", early)
    assert "mean — " in early
    assert "blocked by" not in early
    assert re.search(r"centre .* blocked by mean", watch.graded())
    interrupt(watch)


def test_keys(start):
    watch = start(source=WRONG_SCALE, terminal=True)
    shown = watch.graded()
    assert "Keys: h for a hint, a to grade all again, p for pictures, q to quit." in shown
    watch.press("x")  # means nothing
    watch.press("h")
    watch.until("What does your function make of a zero")
    watch.graded()
    watch.press("a")
    assert "Graded: all" in watch.graded()
    watch.press("p")
    watch.until("section1 has no pictures")
    watch.graded()
    watch.save(RIGHT)  # and on it goes
    watch.until("All points")
    watch.press("q")
    assert watch.end() == 0
    assert "h\n" not in watch.text  # nothing that is typed is shown


def test_pictures_are_drawn_beside_the_grading(started, tmp_path):
    for name in ("checks", "solutions", "data"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / "exercises").mkdir()
    shutil.copy(ROOT / "solutions" / "section4_momentum.py", tmp_path / "exercises")
    started.append(Watch(tmp_path, "optimal_heavy_ball", terminal=True, section="section4"))
    watch = started[0]
    watch.graded()
    watch.press("p")
    assert "figures/section4/plane.png" in watch.until(r"A step leaves 67 % of the distance")
    watch.graded()
    assert (tmp_path / "figures" / "section4" / "plane.png").read_bytes().startswith(b"\x89PNG")
    watch.press("q")
    assert watch.end() == 0


def test_only_the_first_failing_exercise_is_shown_in_full_unless_all_are_asked_for(start):
    both = WRONG_SCALE.replace("return float(x.sum()) / x.numel()", "return 0.0")
    watch = start(source=both, terminal=True)
    shown = watch.graded()
    assert "scale — Every entry is multiplied" in shown
    assert "mean — " not in shown
    watch.press("a")
    assert "mean — The mean of 1, 2 and 6 is 3" in watch.graded()
    watch.save(both.replace("return 0.0", "return 1.0"))
    shown = watch.graded()
    assert "mean — The mean of 1, 2 and 6 is 3" in shown  # what one is at work on comes first
    assert "Next:  fix mean (" in shown
    watch.press("q")
    assert watch.end() == 1


def test_ctrl_c_during_a_grading(start):
    watch = start(source=RIGHT.replace("return x * factor", "while True: pass"), terminal=True)
    watch.until("check 1 of 8")
    interrupt(watch)


@pytest.mark.parametrize("variables", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_lines_fit_and_say_all_without_colour(start, variables):
    watch = start(source=WRONG_SCALE, terminal=True, **variables)
    shown = watch.graded()
    assert max(map(len, shown.splitlines())) <= 80
    assert "fix scale" in shown
    assert "not passed" in shown or "checks passed" in shown
    watch.press("q")
    assert watch.end() == 1


def test_modules_of_some_platforms_are_not_imported_on_others():
    program = (
        "import sys\n"
        "for name in ('termios', 'tty', 'fcntl', 'pty', 'msvcrt'): sys.modules[name] = None\n"
        "import grader.cli.watch\n"
        "from grader.cli.keyboard import listening\n"
        "with listening(print) as heard: print(heard)\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    assert (result.stdout, result.stderr) == ("False\n", "")


REFUSED = {
    ("all", "--watch"): "Name the section to watch: grade section1 --watch",
    (
        "tiny",
        "--watch",
        "-x",
    ): "--watch goes with names of exercises, --submission, --lines and --unsafe. Leave the other options out.",
    ("tiny", "--watch", "--in-process"): (
        "--watch goes with names of exercises, --submission, --lines and --unsafe. Leave the other options out."
    ),
    ("tiny", "--watch", "--submission", "none"): "none: not found. Expected a file or a folder; see: grade --help",
}


@pytest.mark.parametrize("words", REFUSED)
def test_what_cannot_be_watched(words):
    result = grade(*words)
    assert (result.returncode, result.stdout, result.stderr) == (2, "", f"{REFUSED[words]}\n")


def test_a_course_without_torch_is_watched(tmp_path, started):
    """A save is graded, and no process of the watch imports torch."""
    root = tmp_path / "course"
    new_course(root, "In numpy", with_torch=False, section="tiny")
    watch = Watch(root, terminal=False)
    started.append(watch)
    assert "– / 1.5" in watch.graded()
    mine = [watch.process.pid, *(pid for generation in below(watch.process.pid) for pid in generation)]
    mapped = [Path("/proc", str(pid), "maps") for pid in mine]
    assert not [path for path in mapped if path.exists() and "libtorch" in path.read_text()]
    watch.save((root / "solutions" / "section1_tiny.py").read_text(encoding="utf-8"))
    assert "1.5 / 1.5" in watch.graded()
    watch.process.send_signal(signal.SIGINT)
    assert watch.end() == 130
