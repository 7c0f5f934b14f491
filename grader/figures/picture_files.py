"""Write pictures as files, with their numbers, or as one page."""

import errno
import io
import os
from collections.abc import Iterable, Iterator
from html import escape
from pathlib import Path

import numpy as np

from grader.course import UsageError
from grader.figures.picture import Picture
from grader.figures.style import DARK, LIGHT, THEMES, Format
from grader.toolkit.svg import address_of
from grader.toolkit.text import clean

PAGE = "index.html"
_HEAD = f"""\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<meta name="color-scheme" content="light dark">
<title>TITLE</title>
<style>
body {{ font-family: system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem;
       background: {LIGHT.page}; color: {LIGHT.ink}; }}
img {{ width: 100%; height: auto; }}
figure {{ margin: 2rem 0; }}
@media (prefers-color-scheme: dark) {{ body {{ background: {DARK.page}; color: {DARK.ink}; }} }}
</style>
</head>
<body>
<main>
<h1>TITLE</h1>
"""


def write_files(
    pictures: Iterable[Picture], folder: Path, kind: Format, numbers: bool = True
) -> Iterator[tuple[Picture, Path]]:
    """Write each picture for light and dark pages, and its numbers; yield it with the path of its light file."""
    for picture in pictures:
        for theme in THEMES:
            suffix = "" if theme is LIGHT else f"-{theme.name}"
            _write(folder / f"{picture.slug}{suffix}.{kind}", picture.render(theme, kind))
        if numbers:
            write_numbers(picture, folder)
        yield picture, folder / f"{picture.slug}.{kind}"


def write_page(pictures: Iterable[Picture], folder: Path, title: str) -> Iterator[tuple[Picture, Path]]:
    """Write one self-contained page with all pictures, and their numbers; yield each picture with its place on the page."""
    parts, shown = [_HEAD.replace("TITLE", escape(title))], []
    for picture in pictures:
        parts.append(_shown(picture))
        write_numbers(picture, folder)
        shown.append(picture)
    _write(folder / PAGE, "".join([*parts, "</main>\n</body>\n</html>\n"]).encode())
    yield from ((picture, folder / PAGE) for picture in shown)


def write_numbers(picture: Picture, folder: Path) -> None:
    """Write a picture's arrays."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **dict(picture.arrays))  # type: ignore[arg-type]
    _write(folder / f"{picture.slug}.npz", buffer.getvalue())


def _shown(picture: Picture) -> str:
    """The HTML of a picture, as an image, in which no script can run."""
    light, dark = address_of(picture.svg_light), address_of(picture.svg_dark)
    width, height = (round(96 * inches) for inches in picture.figure.size)
    alt = escape(clean(f"{picture.title}. {picture.alt}"))
    return f"""\
<figure id="{escape(picture.slug)}">
<picture>
<source media="(prefers-color-scheme: dark)" srcset="{dark}">
<img src="{light}" width="{width}" height="{height}" alt="{alt}">
</picture>
</figure>
"""


def _write(path: Path, data: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    except OSError as error:
        reason = os.strerror(error.errno or errno.EIO)
        raise UsageError(f"{path}: cannot be written: {reason}. Name another folder: --out FOLDER") from None
