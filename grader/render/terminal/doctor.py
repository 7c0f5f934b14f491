"""`grade doctor`: what this machine has, a line for each thing, and what to do where something is missing."""

import platform
from importlib.metadata import PackageNotFoundError, version

from rich.console import Console
from rich.text import Text

from grader import __version__
from grader.course import Course
from grader.course_modules import module_of
from grader.sandbox.process.health import HealthFinding
from grader.service.self_test import sandbox_findings

_PACKAGES = ("torch", "numpy", "pytest", "hypothesis", "msgspec", "click", "rich")
_MARKS = {True: ("ok", "green"), False: ("missing", "bold red"), None: ("", "")}


def examine(course: Course, console: Console) -> int:
    """Print all findings. Returns exit code 0, or 3 if grading cannot work here."""
    data, sandbox = _data_findings(course), sandbox_findings(course)
    groups = {"Versions": _version_findings(course), "Data": data, "Sandbox": sandbox}
    for title, findings in groups.items():
        console.print(Text(f"\n{title}", "bold"))
        for finding in findings:
            word, style = _MARKS[finding.ok]
            console.print(Text.assemble(f"  {finding.name:26} ", (f"{word:8}", style), finding.text), soft_wrap=True)
    console.print()
    works = sandbox[0].ok and all(finding.ok is not False for finding in data)
    console.print(Text.assemble(("  Next:  ", "bold"), _advice(bool(works), sandbox)), soft_wrap=True)
    return 0 if works else 3


def _advice(works: bool, sandbox: list[HealthFinding]) -> Text:
    if not works:
        return Text("fix what is missing above, then type:  grade doctor")
    if any(finding.ok is False for finding in sandbox):
        return Text(
            "grade your own files here; for other people's files use a machine with every layer (Linux 5.13 or newer)"
        )
    return Text.assemble(("grade", "bold cyan"))


def _version_findings(course: Course) -> list[HealthFinding]:
    findings = [
        HealthFinding("grader", None, f"{__version__}, course in {course.root}"),
        HealthFinding("python", None, f"{platform.python_version()} ({platform.python_implementation()})"),
    ]
    for name in (*_PACKAGES, *course.settings.packages):
        try:
            findings.append(HealthFinding(name, True, version(name)))
        except PackageNotFoundError:
            findings.append(HealthFinding(name, False, "not installed: pip install grade-descent"))
    return findings


def _data_findings(course: Course) -> list[HealthFinding]:
    """What the `findings` of the course's `checks/shared/data.py` say of its data, if it has any."""
    findings = getattr(module_of(course.root, "shared.data"), "findings", list)
    return [HealthFinding(*finding) for finding in findings()]
