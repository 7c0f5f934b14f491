"""Make the SVG files of matplotlib, which have one `<style>`, small, for a page that holds all of its pictures."""

import re
from urllib.parse import quote

_COMMENT = re.compile(rb"(<!--.*?-->)", re.DOTALL)  # may hold any number of quotes
_NUMBER = re.compile(rb"-?\d+\.\d{3,}")
_PLACES = re.compile(rb' (?:d|x|y|points)="[^"]*"|translate\([^)]*\)')
_PATH = re.compile(rb' d="([^"]*)"')
_SEGMENT = re.compile(rb"([A-Za-z])([^A-Za-z]*)")
_PAIRS = {b"M": 1, b"L": 1, b"Q": 2, b"C": 3, b"z": 0}  # of coordinates, by the letter of a segment
_BLANKS = re.compile(rb" (?:d|style|transform)='[^']*'")  # in the output of `compact`
_BETWEEN_NUMBERS = re.compile(rb"(?<=\d) (?=-?\d)")
_GROUP = re.compile(rb"<!--.*?-->|<g(?: [^>]*)?>|</g>", re.DOTALL)
_SPARE = re.compile(rb"(?<=[:;]) | (?=')")
_VALUE = re.compile(rb'="([^"\']*)"')
_STYLE = re.compile(rb" style='([^']*)'")
_METADATA = re.compile(rb"<metadata>.*?</metadata>", re.DOTALL)
_GROUP_NAME = re.compile(rb"(?<=<g) id='[^']*'(?=>)")  # nothing refers to a group
_GLYPH = re.compile(rb"(<use [^>]*)transform='translate\(([^ )]+) ([^)]+)\)'")
_SAFE = "!$'()*+,-./:;=?@_~[]{}|^`"  # an address may hold these between double quotes of HTML


def compact(svg: bytes) -> bytes:
    """The same picture in about half of the bytes: places to a hundredth of a point, each style once, short paths."""
    classes: dict[bytes, bytes] = {}
    parts = _COMMENT.split(svg)  # every second part is a comment
    parts[::2] = [_compact_tags(part, classes) for part in parts[::2]]
    rules = b"".join(b".%b{%b}" % (name, style) for style, name in classes.items())
    return _ungrouped(b"".join(parts).replace(b"</style>", rules + b"</style>", 1))


def _compact_tags(svg: bytes, classes: dict[bytes, bytes]) -> bytes:
    svg = _PLACES.sub(lambda place: _NUMBER.sub(lambda number: b"%.2f" % float(number[0]), place[0]), svg)
    svg = re.sub(rb"\s*\n\s*", b" ", svg.strip()).replace(b"> <", b"><")
    svg = _PATH.sub(lambda path: b' d="%b"' % _relative(path[1]), svg)
    svg = svg.replace(b"DejaVuSans-", b"G")  # each use of a glyph names it
    svg = _METADATA.sub(b"", _VALUE.sub(rb"='\1'", svg)).replace(b"xlink:href=", b"href=")
    svg = _GLYPH.sub(rb"\1x='\2' y='\3'", svg).replace(b" y='0'", b"")
    svg = _STYLE.sub(lambda style: b" class='%b'" % classes.setdefault(style[1], b"s%d" % len(classes)), svg)
    return _GROUP_NAME.sub(b"", svg)


def _ungrouped(svg: bytes) -> bytes:
    """The same picture without groups that say nothing of their members."""
    kept: list[bool] = []

    def shown(tag: re.Match[bytes]) -> bytes:
        if tag[0].startswith(b"<!--") or tag[0].endswith(b"/>"):
            return tag[0]
        if tag[0].startswith(b"<g"):
            kept.append(tag[0] != b"<g>")
            return tag[0] if kept[-1] else b""
        return tag[0] if kept.pop() else b""

    return _GROUP.sub(shown, svg)


def _relative(path: bytes) -> bytes:
    """The same path with each point relative to the end of the segment before it, which needs fewer digits."""
    segments = _SEGMENT.findall(path)
    if not {letter for letter, _ in segments} <= _PAIRS.keys():
        return path
    parts: list[bytes] = []
    last, start = (0, 0), (0, 0)  # in hundredths
    for letter, text in segments:
        numbers = [round(100 * float(number)) for number in text.split()]
        points = list(zip(numbers[::2], numbers[1::2], strict=True))
        if len(points) != _PAIRS[letter]:
            return path
        moved = b" ".join(b"%b %b" % (_hundredths(x - last[0]), _hundredths(y - last[1])) for x, y in points)
        parts.append(letter.lower() + moved.replace(b" -", b"-"))
        last = points[-1] if points else start
        start = last if letter == b"M" else start
    return b"".join(parts)


def _hundredths(number: int) -> bytes:
    return f"{number / 100:.2f}".rstrip("0").rstrip(".").encode()


def address_of(svg: bytes) -> str:
    """A picture as a data address, for double quotes. As an image, it can run no script.

    A blank is three characters there: commas part the numbers of a path, and styles do without any. Comments, which repeat the
    words of the picture, are left out.
    """
    svg = b"".join(_COMMENT.split(svg)[::2])
    svg = _BLANKS.sub(lambda value: _BETWEEN_NUMBERS.sub(b",", _SPARE.sub(b"", value[0])), svg)
    return f"data:image/svg+xml,{quote(svg, safe=_SAFE)}"
