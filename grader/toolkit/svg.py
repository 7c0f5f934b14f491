"""Make the SVG files of matplotlib, which have one `<style>`, small, for a page that holds all of its pictures."""

import re
from urllib.parse import quote

_COMMENT = re.compile(rb"(<!--.*?-->)", re.DOTALL)  # may hold any number of quotes
_NUMBER = re.compile(rb"-?\d+\.\d{3,}")
_PLACES = re.compile(rb' (?:d|x|y|points)="[^"]*"|translate\([^)]*\)')
_PATH = re.compile(rb' d="([^"]*)"')
_BLANKS = re.compile(rb" (?:d|style|transform)='[^']*'")  # in the output of `compact`
_BETWEEN_NUMBERS = re.compile(rb"(?<=\d) (?=-?\d)")
_SPARE = re.compile(rb"(?<=[:;]) | (?=')")
_VALUE = re.compile(rb'="([^"\']*)"')
_STYLE = re.compile(rb" style='([^']*)'")
_METADATA = re.compile(rb"<metadata>.*?</metadata>", re.DOTALL)
_GROUP_NAME = re.compile(rb"(?<=<g) id='[^']*'(?=>)")  # nothing refers to a group
_GLYPH = re.compile(rb"(<use [^>]*)transform='translate\(([^ )]+) ([^)]+)\)'")
_SAFE = "!$'()*+,-./:;=?@_~[]{}|^`"  # an address may hold these between double quotes of HTML


def compact(svg: bytes) -> bytes:
    """The same picture in about half of the bytes: places to a hundredth of a point, each style once, fewer blanks and names."""
    classes: dict[bytes, bytes] = {}
    parts = _COMMENT.split(svg)  # every second part is a comment
    parts[::2] = [_compact_tags(part, classes) for part in parts[::2]]
    rules = b"".join(b".%b{%b}" % (name, style) for style, name in classes.items())
    return b"".join(parts).replace(b"</style>", rules + b"</style>", 1)


def _compact_tags(svg: bytes, classes: dict[bytes, bytes]) -> bytes:
    svg = _PLACES.sub(lambda place: _NUMBER.sub(lambda number: b"%.2f" % float(number[0]), place[0]), svg)
    svg = re.sub(rb"\s*\n\s*", b" ", svg.strip()).replace(b"> <", b"><")
    svg = _PATH.sub(lambda path: b' d="' + re.sub(rb" ?([A-Za-z]) ?", rb"\1", path[1]) + b'"', svg)
    svg = svg.replace(b"DejaVuSans-", b"G")  # each use of a glyph names it
    svg = _METADATA.sub(b"", _VALUE.sub(rb"='\1'", svg)).replace(b"xlink:href=", b"href=")
    svg = _GLYPH.sub(rb"\1x='\2' y='\3'", svg).replace(b" y='0'", b"")
    svg = _STYLE.sub(lambda style: b" class='%b'" % classes.setdefault(style[1], b"s%d" % len(classes)), svg)
    return _GROUP_NAME.sub(b"", svg)


def address_of(svg: bytes) -> str:
    """A picture as a data address, for double quotes. As an image, it can run no script.

    A blank is three characters there: commas part the numbers of a path, and styles do without any. Comments, which repeat the
    words of the picture, are left out.
    """
    svg = b"".join(_COMMENT.split(svg)[::2])
    svg = _BLANKS.sub(lambda value: _BETWEEN_NUMBERS.sub(b",", _SPARE.sub(b"", value[0])), svg)
    return f"data:image/svg+xml,{quote(svg, safe=_SAFE)}"
