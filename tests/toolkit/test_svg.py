"""A smaller SVG is the same picture, and its address stays within the quotes that it stands in."""

import io
import re
from urllib.parse import quote, unquote_to_bytes
from xml.etree import ElementTree

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure

from grader.toolkit.svg import _SAFE, address_of, compact

NUMBER = r"-?\d+(\.\d+)?"
PATH = re.compile(rf"([mlqcz]({NUMBER}(,?{NUMBER})*)?)*")  # what SVG reads: commas between numbers only


@pytest.fixture(scope="module")
def drawn():
    with mpl.rc_context({"svg.fonttype": "path", "svg.hashsalt": "the same"}):
        figure, file = Figure(), io.BytesIO()
        axes = figure.subplots()
        axes.plot(np.linspace(0, 1, 50), np.sin(np.linspace(0, 7, 50)), marker="o")
        axes.set_title('it\'s "a" <title> & more -- 0.123456', parse_math=False)
        figure.savefig(file, format="svg")
    return file.getvalue()


def shapes_in(svg):
    """The elements that are drawn, and the groups that say something of theirs."""
    own = "{http://www.w3.org/2000/svg}"
    found = [
        one for one in ElementTree.fromstring(svg).iter() if one.tag.startswith(own) and one.tag != f"{own}metadata"
    ]
    return [one for one in found if one.tag != f"{own}g" or one.attrib.keys() - {"id"}]


def points_of(path):
    """The points of a path with absolute or relative segments."""
    last, start, found = np.zeros(2), np.zeros(2), []
    for letter, text in re.findall(r"([A-Za-z])([^A-Za-z]*)", path):
        numbers = np.array([float(number) for number in re.findall(r"-?[\d.]+", text)]).reshape(-1, 2)
        points = numbers + last if letter.islower() else numbers
        found += points.tolist()
        last = points[-1] if len(points) else start
        start = last if letter in "mM" else start
    return found


def test_nothing_is_moved_by_more_than_a_hundredth_of_a_point(drawn):
    small = compact(drawn)
    assert len(small) < 0.7 * len(drawn)
    for one, other in zip(shapes_in(drawn), shapes_in(small), strict=True):
        if one.tag.endswith("use"):
            continue
        np.testing.assert_allclose(points_of(other.get("d", "")), points_of(one.get("d", "")), rtol=0, atol=0.0051)
        for attribute in ("x", "y", "transform"):
            before, after = (re.findall(r"-?[\d.]+", shape.get(attribute, "")) for shape in (one, other))
            np.testing.assert_allclose([*map(float, after)], [*map(float, before)], rtol=0, atol=0.0051)


def test_glyphs_and_markers_stay_where_they_are(drawn):
    for one, other in zip(shapes_in(drawn), shapes_in(compact(drawn)), strict=True):
        if one.tag.endswith("use"):
            moved = re.findall(r"-?[\d.]+", one.get("transform", "")) or [one.get("x", 0), one.get("y", 0)]
            place = [other.get("x", 0), other.get("y", 0)]
            np.testing.assert_allclose([*map(float, place)], [*map(float, moved)], rtol=0, atol=0.0051)


def test_every_element_is_still_there_and_looks_the_same(drawn):
    before, after = shapes_in(drawn), shapes_in(compact(drawn))
    assert [one.tag for one in after] == [one.tag for one in before]
    (rules,) = [one.text for one in after if one.tag.endswith("style")]
    style_of = dict(re.findall(r"\.(s\d+)\{([^}]*)\}", rules)) | {None: None}
    assert [style_of[one.get("class")] for one in after] == [one.get("style") for one in before]
    identifiers = {one.get("id") for one in after}
    named = {value[1:] for one in after for key, value in one.items() if key.endswith("href")}
    assert named
    assert named <= identifiers


def test_words_in_it_stay_as_they_are(drawn):
    assert b'it\'s "a" &lt;title&gt; &amp; more' in compact(drawn)
    assert b"0.123456" in compact(drawn)


def test_a_quote_that_nothing_closes_is_no_part_of_the_picture():
    words = 'mode="train d="M 1.23456 L 2'
    svg = f"""<svg xmlns="http://www.w3.org/2000/svg">\n <!-- {words} -->\n <path id="text_1"/>\n  <path id="2"/>\n</svg>"""
    small = compact(svg.encode())
    assert [one.get("id") for one in ElementTree.fromstring(small).iter()] == [None, "text_1", "2"]
    assert words.encode() in small


def test_values_that_hold_an_apostrophe_keep_their_quotes():
    svg = b"""<svg xmlns="http://www.w3.org/2000/svg"><path id="it's"/><path id="other"/></svg>"""
    assert [one.get("id") for one in ElementTree.fromstring(compact(svg))] == ["it's", "other"]


def test_an_address_ends_where_it_should(drawn):
    for svg in (drawn, compact(drawn), b"<svg>\"'&#%\x1b\xc3\xa9</svg>"):
        address = address_of(svg)
        assert re.fullmatch(r"data:image/svg\+xml,[^\s\"<>&#]+", address)
        if svg not in (drawn, compact(drawn)):
            assert unquote_to_bytes(address.partition(",")[2]) == svg


def test_an_address_has_no_comments_few_blanks_and_is_that_of_the_same_picture(drawn):
    """Each blank would be three characters."""
    svg = compact(drawn)
    address = address_of(svg)
    sent = unquote_to_bytes(address.partition(",")[2])
    before, after = (list(ElementTree.fromstring(one).iter()) for one in (svg, sent))
    for one, other in zip(before, after, strict=True):
        assert (one.tag, one.text, one.tail) == (other.tag, other.text, other.tail)
        assert [(name, plain(value)) for name, value in one.items()] == [
            (name, plain(value)) for name, value in other.items()
        ]
        assert PATH.fullmatch(other.get("d", ""))
    assert len(address) < 0.93 * len(quote(svg, safe=_SAFE))


def plain(value):
    """A value with a blank wherever SVG and CSS may have a comma, or need nothing."""
    return re.sub(r"[ ,]+", " ", re.sub(r"(?<=[:;]) ", "", value)).strip()
