"""What the runner of a GitHub workflow makes of what a step prints, by its documentation; and of a summary, by CommonMark."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

from markdown_it import MarkdownIt

_COMMAND = re.compile(r"^\s*::(?P<name>[\w-]+)(?: (?P<properties>[^:]*(?::(?!:)[^:]*)*))?::(?P<data>.*)$")
_OLD_COMMAND = re.compile(r"##\[(?P<name>[\w-]+)[^\]]*\](?P<data>.*)$")


@dataclass
class Command:
    name: str
    properties: dict[str, str]
    data: str


@dataclass
class Runner:
    """Reads lines; `obeyed` are the commands that it would carry out."""

    obeyed: list[Command] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    _resumes_at: str | None = None

    def read(self, text: str) -> "Runner":
        for line in text.split("\n"):
            match = _COMMAND.match(line) or _OLD_COMMAND.search(line)
            if self._resumes_at is not None:
                if match and match["name"] == self._resumes_at:
                    self._resumes_at = None
                else:
                    self.log.append(line)
            elif match is None:
                self.log.append(line)
            elif match["name"] == "stop-commands":
                self._resumes_at = match["data"]
            else:
                self.obeyed.append(_command(match))
        return self


def _command(match: re.Match[str]) -> Command:
    listed = match.groupdict().get("properties") or ""
    pairs = (pair.split("=", 1) for pair in listed.split(",") if "=" in pair)
    return Command(match["name"], {name: _unescaped(value, True) for name, value in pairs}, _unescaped(match["data"]))


def _unescaped(text: str, is_property: bool = False) -> str:
    for code, character in (("%3A", ":"), ("%2C", ",")) if is_property else ():
        text = text.replace(code, character)
    return text.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, tuple[str, ...]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, tuple(name for name, _ in attrs)))


def tags_of(markdown: str) -> list[tuple[str, tuple[str, ...]]]:
    """The elements, with the names of their attributes, that a page of Markdown becomes."""
    tags = _Tags()
    tags.feed(MarkdownIt("commonmark", {"html": True}).enable(["table"]).render(markdown))
    return tags.found
