"""A page with hostile text in every field that a submission can reach: `python -m tests.render.web.hostile_page FILE`"""

import sys
from dataclasses import dataclass
from pathlib import Path

from grader.figures.demo import Axis, Control, Curve, Demo, DemoRun, Plane
from grader.grading.report import (
    CheckResult,
    Comparison,
    Counterexample,
    Diagnosis,
    Input,
    Line,
    Report,
    Status,
    total,
)
from grader.predictions import Prediction, Question
from grader.render.web.page import GradedSection, page
from tests.attacks.hostile_text import HOSTILE, JOINED
from tests.render.hostile_report import trajectory_named

# Ends every element and attribute that it may stand in, and would set `broken_into` wherever it ran.
BREAKOUT = (
    "</span></pre></code></td></table></style></title></script>--><script>window.broken_into=1</script>"
    "<img src=x onerror=window.broken_into=1><svg onload=window.broken_into=1><iframe srcdoc='<script>1</script>'>"
    "\"' onmouseover='window.broken_into=1' autofocus onfocus=window.broken_into=1 x=\"{{ 7 * 7 }}{% raw %}"
    "<a href='javascript:window.broken_into=1'>x</a><style>body{display:none}</style><base href=//evil.example>"
    "<meta http-equiv=refresh content='0;url=//evil.example'>"
)
EVIL = BREAKOUT + JOINED


@dataclass(frozen=True)
class Drawn:
    """A picture made by hand."""

    slug: str = "contour"
    exercises: tuple[str, ...] = ("step",)
    missing: tuple[str, ...] = ()
    title: str = "Momentum takes the shorter way"
    alt: str = "Two ways to the minimum of a long bowl: one goes to and fro, the other goes along."
    svg_light: bytes = (
        b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 10"><path d="M0 5L20 5" stroke="#000"/></svg>'
    )
    svg_dark: bytes = (
        b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 10"><path d="M0 5L20 5" stroke="#fff"/></svg>'
    )


CONTROLS = (Control("Method", ("a", "b"), True), Control("Learning rate", ("0.1", "0.2")))


def played(
    slug: str = "play-way",
    title: str = "Ways down",
    task: str = "Which way is shorter?",
    controls: tuple[Control, ...] = CONTROLS,
    missing: str = "c is left out.",
    axis: str = "steps",
) -> Demo:
    """A demo made by hand: two ways down a bowl for each of two methods, of which one diverges."""
    runs = (
        DemoRun((2.0, 0.5), False, path=(2, 0, 1, 0)),
        DemoRun((2.0, 0.02), False, path=(2, 0, 0.2, 0)),
        DemoRun((2.0, 0.08), False, path=(2, 0, 0, 0.4)),
        DemoRun((2.0,), True, path=(2, 0)),
    )
    x = Axis(axis, 0, 1, (0, 1))
    plane = Plane(Axis("first weight", -3, 3, (-2, 0, 2)), Axis(axis, -1, 1, (0,)), ((1, 1), (2, 2)), axis)
    curve = Curve(x, Axis("loss", -2, 1, (-2, 0)))
    return Demo(slug, title, task, controls, runs, f"loss after 1 {axis}", curve, plane, (missing,))


def check(status: Status = Status.FAILED, exercise: str = "step", **fields) -> CheckResult:
    given = {"id": "a", "title": "One step", "points": 0.0, "max_points": 2.0, "message": "Wrong: w"}
    return CheckResult(**{**given, "exercise": exercise, "status": status, **fields})


def hostile_check(status: Status = Status.FAILED, text: str = EVIL, **fields) -> CheckResult:
    given = {
        "title": text,
        "message": text,
        "diagnosis": Diagnosis(text, text),
        "counterexample": Counterexample(
            text, [Input(text, text)], [Comparison(text, text, text, True)], True, trajectory_named(text)
        ),
        "lines": [Line(2, text, text), Line(3, text, text)],
        "notes": [text],
        "stdout": text,
    }
    return check(status, **{**given, **fields})


QUESTION = Question("steps", "How many steps does `f` need?", tolerance=5.0)
PREDICTIONS = [
    Prediction(QUESTION),
    Prediction(QUESTION, 20.0, 25.0, "Because it is slow."),
    Prediction(QUESTION, 20.0, 26.0, "Because it is slow.", "f does not agree with the reference."),
    Prediction(QUESTION, 20.0, missing="f is not written yet."),
]


def graded(*checks: CheckResult, source: bytes = b"def step(): pass\n", **fields) -> GradedSection:
    given = {"section": "section4", "title": "Section 4: T", "submission": "section4_momentum.py", "status": "graded"}
    given |= {"sandbox": {"seccomp": True}, "versions": {"torch": "2.9"}, "lines": {"step": 1}}
    names = ("command", "words", "hints", "pictures", "demos", "predictions")
    beside = {name: fields.pop(name) for name in names if name in fields}
    points, maximum = total(one.points for one in checks), total(one.max_points for one in checks)
    report = Report(schema_version=2, points=points, max_points=maximum, checks=list(checks), **{**given, **fields})
    return GradedSection(report, source, **{"command": "grade section4", "words": "section4", **beside})


def hostile_graded(text: str = EVIL, **fields) -> GradedSection:
    """Hostile text wherever there is text at all."""
    checks = [hostile_check(status, text, exercise=f"e{n}") for n, status in enumerate(Status)]
    demo = played("p", text, text, (Control(text, (text, "b"), True), Control(text, (text, "1"))), text, text)
    picture = Drawn(
        "p", text, text, *[f"<svg xmlns='http://www.w3.org/2000/svg'>{text}".encode("utf-8", "replace")] * 2
    )
    given = {
        "source": f"{text}\n{text}\ndef step(): {text}\n".encode("utf-8", "surrogatepass"),
        "submission": text,
        "title": text,
        "notice": text,
        "sandbox": {text: text},
        "versions": {text: text},
        "command": text,
        "words": text,
        "hints": {"e1": text},
        "pictures": [picture],
        "demos": [demo],
        "predictions": [Prediction(Question(text, text, (text, "b")), text, "b", text, text)],
    }
    return graded(*checks, **{**given, **fields})


def pages() -> dict[str, bytes]:
    """The pages that the tests in a browser open."""
    wrong = hostile_check(Status.FAILED, "plain text of a check")
    right = check(Status.PASSED, "other", points=2.0)
    plain = graded(
        wrong,
        right,
        hints={"step": "Look at the sign."},
        pictures=[Drawn()],
        demos=[played()],
        predictions=PREDICTIONS,
        source=b"import os\n" * 50,
    )
    return {
        "plain": page([plain]),
        "several": page([plain, graded(right, section="section5", title="Section 5: U")]),
        "hostile": page([hostile_graded(), hostile_graded(section="section5")]),
        **{f"hostile {name}": page([hostile_graded(text)]) for name, text in HOSTILE.items() if "html" in name},
    }


if __name__ == "__main__":
    Path(sys.argv[1]).write_bytes(pages()["hostile"])
