"""What `train_classifier` earns by other ways than reading digits: nothing, on the real checks of section 9."""

import re
import zlib
from pathlib import Path

import pytest

from grader.course import Course
from grader.grading.request import Selection
from grader.sandbox.process.launch import Sandbox
from grader.service.session import grade
from grader.submission.submission import Submission
from tests.course_parts import course_module
from tests.paths import ROOT

mnist = course_module("shared.mnist")


COURSE = Course(ROOT, b"the key of these tests")
SECTION = COURSE.find("section9")

# `model(logits)` makes a module that answers with these logits, or with what they return for the images.
MODEL = """
import torch
from torch import nn

class Answers(nn.Module):
    def __init__(self, answer):
        super().__init__()
        self.answer = answer
        self.unused = nn.Parameter(torch.zeros(1))

    def forward(self, X):
        return self.answer(X)

def one_hot(digits):
    return nn.functional.one_hot(digits, 10).float()

def train_classifier(X_train, y_train, generator):
    return Answers(answer)
"""
PUBLIC_ORDER = """
TABLE = torch.tensor({labels})
place = 0

def answer(X):
    global place
    rows = torch.arange(place, place + len(X)) % 10_000
    place += len(X)
    return one_hot(TABLE[rows])
"""
# Which of the public images has these bytes.
PUBLIC_BYTES = """
import zlib
TABLE = {table}

def answer(X):
    pixels = ((X * 0.3081 + 0.1307) * 255).round().to(torch.uint8).numpy()
    return one_hot(torch.tensor([TABLE.get(zlib.crc32(row.tobytes()) & 0xffffff, 0) for row in pixels]))
"""
SHAPES = """
class Shaped:
    def __init__(self, *shape):
        self.shape = shape

class Answers(nn.Module):
    def forward(self, X):
        return torch.zeros(len(X), 10)

    def parameters(self, recurse=True):
        return iter([{shapes}])

def train_classifier(X_train, y_train, generator):
    return Answers()
"""
NEVER_NAN = "def answer(X):\n    return torch.full((len(X), 10), {value})\n"
TRAINS_LATER = """
def answer(X):
    for _ in iter(int, 1):
        torch.zeros(100, 100) @ torch.zeros(100, 100)
"""
FORMS = {
    "not a number": (NEVER_NAN.format(value="float('nan')"), "infinite or NaN"),
    "infinite": (NEVER_NAN.format(value="float('inf')"), "infinite or NaN"),
    "fewer rows": ("def answer(X):\n    return torch.zeros(len(X) - 1, 10)\n", r"shape \(999, 10\)"),
    "digits": ("def answer(X):\n    return torch.zeros(len(X), 10, dtype=torch.int64)\n", "floats of shape"),
    "other scores": ("def answer(X):\n    return torch.zeros(len(X), 11)\n", r"shape \(1000, 11\)"),
    "a negative number of parameters": (SHAPES.format(shapes="Shaped(-1_000_000)"), "not possible for a model"),
    "more numbers than an integer holds": (SHAPES.format(shapes="Shaped(2**40, 2**40)"), "are allowed"),
    "no number at all": (SHAPES.format(shapes=""), "lists no parameters and no buffers"),
    "training that has moved": (TRAINS_LATER, "more than 15 seconds of computing to classify"),
}


@pytest.fixture(scope="module")
def graded():
    with Sandbox.open(COURSE, preload=SECTION.preload) as sandbox:

        def run(source, course=COURSE):
            submission = Submission("section9_training.py", Path("section9_training.py"), source.encode())
            return grade(course, SECTION, submission, sandbox, Selection(exercises=("train_classifier",), alone=True))

        yield run


def first(report):
    """The message of the first check, once nothing was earned at all."""
    assert (report.points, report.max_points) == (0.0, 4.0)
    assert not any(check.status.value == "grader_error" for check in report.checks)
    return report.checks[0].message


def test_outputs_that_are_probabilities_are_told(graded):
    assert "as after a softmax" in first(graded(MODEL + NEVER_NAN.format(value="0.1")))
    assert "as after a softmax" not in first(graded(MODEL + NEVER_NAN.format(value="0.2")))


@pytest.mark.parametrize(("answer", "is_told"), [("X @ W", True), ("(X @ W).relu()", False)])
def test_a_model_without_a_nonlinear_layer_is_told(graded, answer, is_told):
    source = MODEL + f"W = torch.linspace(-1, 1, 7840).view(784, 10)\ndef answer(X):\n    return {answer}\n"
    assert ("linear function of the pixels" in first(graded(source))) is is_told


@pytest.mark.slow
def test_a_table_of_the_public_order_earns_nothing(graded):
    labels = mnist.test().labels.tolist()
    assert "points start above" in first(graded(MODEL + PUBLIC_ORDER.format(labels=labels)))


@pytest.mark.slow
def test_a_table_of_the_public_images_earns_nothing(graded):
    known = mnist.test()
    table = {
        zlib.crc32(image.tobytes()) & 0xFFFFFF: int(label)
        for image, label in zip(known.images, known.labels, strict=True)
    }
    assert "points start above" in first(graded(MODEL + PUBLIC_BYTES.format(table=table)))


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
def test_what_has_another_form_than_logits_earns_nothing(graded, form):
    source, said = FORMS[form]
    assert re.search(said, first(graded(MODEL + source)))


@pytest.mark.slow
def test_the_same_code_gets_the_same_grade_and_another_key_another(graded):
    """A linear model that is trained for a moment: its accuracy is that of the very test set."""
    source = """
import torch
from torch import nn

def train_classifier(X_train, y_train, generator):
    model = nn.Linear(784, 10)
    nn.init.zeros_(model.weight)
    nn.init.zeros_(model.bias)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    for X, y in zip(X_train[:2000].split(100), y_train[:2000].split(100)):
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(X), y).backward()
        optimizer.step()
    return model
"""
    commented = source.replace("model = nn", "# begin\n    model = nn")
    reports = graded(source), graded(commented), graded(source, Course(COURSE.root, b"another key"))
    first, again, other = (report.checks[0].message.partition(",")[0] for report in reports)
    assert first.endswith("% test accuracy")
    assert first == again != other
