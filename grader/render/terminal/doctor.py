"""`grade doctor`: a line for each feature of this machine, and the fix for each missing feature."""

import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import PurePath

from rich.console import Console
from rich.text import Text

from grader import __version__
from grader.course import Course
from grader.course_modules import module_of
from grader.sandbox.process.health import HealthFinding
from grader.service.self_test import sandbox_findings

_PACKAGES = ("numpy", "pytest", "hypothesis", "msgspec", "click", "rich")
_SYNCHRONISED = (
    "OneDrive",
    "Dropbox",
    "Google Drive",
    "GoogleDrive",
    "iCloud",
    "CloudStorage",
    "Mobile Documents",
    "Nextcloud",
)
_LONG_PATH = 150  # letters: the longest path in a course has some 100 more, and Windows may refuse 260
_MARKS = {True: ("ok", "green"), False: ("missing", "bold red"), None: ("", "")}


def examine(course: Course, console: Console) -> int:
    """Print all findings. Returns exit code 0, or 3 if grading cannot work here."""
    data, sandbox = _data_findings(course), sandbox_findings(course)
    places = place_findings(course.root, sys.platform == "win32", console.encoding)
    groups = {"Versions": _version_findings(course), "Places": places, "Data": data, "Sandbox": sandbox}
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
        HealthFinding("grader", None, __version__),
        HealthFinding("python", None, f"{platform.python_version()} ({platform.python_implementation()})"),
    ]
    for name in (*course.packages, *_PACKAGES):
        try:
            findings.append(HealthFinding(name, True, version(name)))
        except PackageNotFoundError:
            findings.append(HealthFinding(name, False, "not installed: pip install grade-descent"))
    return findings


def place_findings(root: PurePath, windows: bool, encoding: str) -> list[HealthFinding]:
    """Facts about the folder of the course and about the console that may cause trouble."""
    findings = [HealthFinding("course", None, str(root))]
    drives = [part for part in root.parts if part.startswith(_SYNCHRONISED)]
    if drives:
        trouble = "if a file cannot be read or written, move the course out of it"
        findings.append(HealthFinding("synchronised folder", None, f"{drives[0]}: {trouble}"))
    if windows and (letters := len(str(root))) > _LONG_PATH:
        trouble = f"the path of the course has {letters} letters, and Windows may refuse files in it"
        findings.append(HealthFinding("long path", False, f"{trouble}: move it nearer to the root of the drive"))
    if not encoding.lower().startswith("utf"):
        findings.append(HealthFinding("console", None, f"{encoding}: a letter that it lacks is shown as ?"))
    return findings


def _data_findings(course: Course) -> list[HealthFinding]:
    """The `findings` of the course's `checks/shared/data.py` about its data, if it has any."""
    findings = getattr(module_of(course.root, "shared.data"), "findings", list)
    return [HealthFinding(*finding) for finding in findings()]
