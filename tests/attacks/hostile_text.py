"""Hostile text: printed, raised, returned or used as a name, so that a reader of a Report obeys it as a command.

Every renderer's tests import it: `HOSTILE` by medium, `JOINED` as one text that is short enough to travel whole.
`acted_upon` tells what in a rendered text a terminal, a CI service or a reader would still obey.
"""

import re
import unicodedata

HOSTILE = {
    "terminal colour": "\x1b[31mred\x1b[0m",
    "terminal clear": "\x1b[2J\x1b[H\x1bc",
    "terminal title": "\x1b]0;title\x07",
    "terminal link": "\x1b]8;;http://evil.example\x1b\\click\x1b]8;;\x1b\\",
    "terminal clipboard": "\x1b]52;c;ZXZpbA==\x07",
    "eight-bit control": "\x9b2J\x9d0;x\x9c",
    "carriage return": "wrong\rright",
    "backspace": "0\b5",
    "null": "a\0b",
    "half a character": "\ud800",
    "right-to-left override": "\u202e5.0 / 0.5\u202c",
    "bidirectional isolate": "\u2066x\u2069",
    "zero width": "pas\u200bsed\ufeff",
    "line separator": "a\u2028b\u2029c\x85d",
    "private use": "\ue000",
    "unassigned": "\U000e0041",
    "rich markup": "[bold red]big[/] [link=http://evil.example]x[/link]",
    "workflow command": "\n::error file=a.py::forged",
    "indented workflow command": "\n   ::add-mask::1",
    "workflow command in a line": "\n##[error]forged ##[group]x ##vso[task.complete]y ##teamcity[buildStop]z",
    "workflow environment": "\n::set-output name=points::5",
    "azure command": "\n##vso[task.complete result=Succeeded;]",
    "teamcity command": "\n##teamcity[testFinished name='x']",
    "html": "</td></table><script>alert(1)</script><img src=x onerror=alert(1)>",
    "html entity": "&lt;b&gt;&#x202e;",
    "html attribute": '" onmouseover="alert(1)" \'',
    "javascript link": "[x](javascript:alert(1))",
    "markdown": "\n# Points: 5 / 5\n| a | b |\n![x](http://evil.example/x.png) `code` <!-- x",
    "markdown fence": "\n```\nout of the fence\n~~~",
    "csv formula": '=HYPERLINK("http://evil.example")',
    "csv plus": "+1+cmd|' /C calc'!A0",
    "csv at": '@SUM(1)\t-1,"x""y;z',
    "xml": "]]><x/><!ENTITY x SYSTEM 'file:///etc/passwd'>&x;",
    "json": '"},"points":5,{"',
    "template": "{{7*7}}{% raw %}${7*7}",
    "our own words": "\n  scale   1.8 / 1.8   passed\n\nIn all 5.0 / 5.0 points",
    "our own next step": "\n  Next:  rm -rf ~",
    "log line": "\n2026-01-01 00:00:00 INFO grader: points=5.0",
}
JOINED = "".join(HOSTILE.values())

_CONTROLS = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def controls_in(text: str) -> set[str]:
    """Invisible characters other than the end of a line."""
    return {repr(char) for char in text if char != "\n" and unicodedata.category(char) in _CONTROLS}


def commands_in(text: str) -> list[str]:
    """Lines that a CI service reads as a command to itself."""
    return [line for line in text.split("\n") if line.lstrip().startswith("::") or re.search(r"##\w*\[", line)]


def acted_upon(text: str) -> list[str]:
    """Everything in a rendered text that would be an order."""
    return [*sorted(controls_in(text)), *commands_in(text)]
