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
PATH = re.compile(rf"([MLQCz]({NUMBER}(,{NUMBER})*)?)*")  # what SVG reads: commas between numbers only


@pytest.fixture(scope="module")
def drawn():
    with mpl.rc_context({"svg.fonttype": "path", "svg.hashsalt": "the same"}):
        figure, file = Figure(), io.BytesIO()
        axes = figure.subplots()
        axes.plot(np.linspace(0, 1, 50), np.sin(np.linspace(0, 7, 50)), marker="o")
        axes.set_title('it\'s "a" <title> & more -- 0.123456', parse_math=False)
        figure.savefig(file, format="svg")
    return file.getvalue()


def numbers_in(svg, attribute):
    return [float(number) for element in ElementTree.fromstring(svg).iter()
            for number in re.findall(r"-?[\d.]+", element.get(attribute, ""))]  # fmt: skip


def test_nothing_is_moved_by_more_than_a_hundredth_of_a_point(drawn):
    small = compact(drawn)
    assert len(small) < 0.8 * len(drawn)
    for attribute in ("d", "x", "y", "transform"):
        np.testing.assert_allclose(numbers_in(small, attribute), numbers_in(drawn, attribute), rtol=0, atol=0.0051)


def test_every_element_is_still_there_and_looks_the_same(drawn):
    before, after = (list(ElementTree.fromstring(svg).iter()) for svg in (drawn, compact(drawn)))
    assert [one.tag for one in after] == [one.tag for one in before]
    assert [one.get("style") for one in after] == [one.get("style") for one in before]
    identifiers = {one.get("id") for one in after}
    named = {value[1:] for one in after for key, value in one.items() if key.endswith("href")}
    assert named
    assert named <= identifiers


def test_words_in_it_stay_as_they_are(drawn):
    assert b'it\'s "a" &lt;title&gt; &amp; more' in compact(drawn)
    assert b"0.123456" in compact(drawn)


def test_a_quote_that_nothing_closes_is_no_part_of_the_picture():
    words = 'mode="train d="M 1.23456 L 2'
    svg = f"""<svg xmlns="http://www.w3.org/2000/svg">\n <!-- {words} -->\n <g id="text_1">\n  <g id="2"/>\n </g>\n</svg>"""
    small = compact(svg.encode())
    assert [one.get("id") for one in ElementTree.fromstring(small).iter()] == [None, "text_1", "2"]
    assert words.encode() in small


def test_values_that_hold_an_apostrophe_keep_their_quotes():
    svg = b"""<svg xmlns="http://www.w3.org/2000/svg"><g id="it's"/><g id="other"/></svg>"""
    assert [one.get("id") for one in ElementTree.fromstring(compact(svg))] == ["it's", "other"]


def test_an_address_ends_where_it_should(drawn):
    for svg in (drawn, compact(drawn), b"<svg>\"'&#%\x1b\xc3\xa9</svg>"):
        address = address_of(svg)
        assert re.fullmatch(r"data:image/svg\+xml,[^\s\"<>&#]+", address)
        if svg != compact(drawn):
            assert unquote_to_bytes(address.partition(",")[2]) == svg


def test_an_address_has_few_blanks_and_is_that_of_the_same_picture(drawn):
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
