"""Markdown of a course: formulas are MathML, and nothing in a text acts or is loaded."""

import re

import pytest

from grader.course import Course
from grader.kit.py_percent import split
from grader.kit.reset import handed_out
from grader.render.web.markdown import formula, headed_texts_of, html_of
from tests.paths import ROOT
from tests.render.web.hostile_page import BREAKOUT
from tests.render.web.html_reader import Page

SECTIONS = Course(ROOT).sections
FORMULA = re.compile(r"\$\$(.+?)\$\$|\$([^$]+?)\$", re.DOTALL)


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.id)
def test_every_formula_of_the_course_is_converted(section):
    text = "\n\n".join(cell.text for cell in split(handed_out(section)) if cell.kind == "markdown")
    written = [block or inline for block, inline in FORMULA.findall(text)]
    assert len(written) > 5
    html = html_of(text)
    assert html.count("<math ") == len(written)
    assert "merror" not in html
    for shown in re.findall(r"<math .*?</math>", html, re.DOTALL):
        assert "\\" not in shown, shown  # a command that the converter does not know
    assert "$" not in Page(html.encode()).text


def test_a_formula_has_the_structure_that_its_text_says():
    assert formula(r"\frac{a}{b}", is_block=True) == (
        '<math xmlns="http://www.w3.org/1998/Math/MathML" display="block"><mrow><mfrac><mrow><mi>a</mi></mrow>'
        "<mrow><mi>b</mi></mrow></mfrac></mrow></math>"
    )


def test_a_formula_that_cannot_be_converted_is_shown_as_it_is_written():
    assert formula(r"\begin{cases} a < b", is_block=False) == r"<code>\begin{cases} a &lt; b</code>"


@pytest.mark.parametrize(
    "around", ["{}", "`{}`", "# {}", "| {} |\n| --- |\n| {} |", "```\n{}\n```", "$x {} y$", "$$\n{}\n$$"]
)
def test_html_stays_text(around):
    read = Page(
        "".join(one.html + one.title for one in headed_texts_of(around.replace("{}", BREAKOUT), set())).encode()
    )
    assert not read.tags & {"script", "img", "iframe", "svg", "style", "base", "meta", "a"}
    assert read.attributes <= {"class", "xmlns", "display", "stretchy", "fence", "form", "mathvariant", "width"}


def test_links_lead_to_pages_only_and_pictures_are_words():
    html = html_of("[a](https://example.org) [b](javascript:alert(1)) [c](data:text/html,x) ![words](http://x/y.png)")
    assert Page(html.encode()).links == {"https://example.org"}
    assert "words" in html
    assert "<img" not in html


def test_a_table_has_no_style_of_its_own():
    html = html_of("| a | b |\n| :-- | --: |\n| 1 | 2 |")
    assert "<td>1</td>" in html
    assert "<td class=number>2</td>" in html


def test_each_heading_has_an_id_of_its_own_and_its_words_for_a_search():
    taken = set()
    first = headed_texts_of("before\n\n# One `a` $b$\n\ntext\n\n## Two\n\n- item", taken)
    assert [(one.level, one.id, one.name, one.words) for one in first] == [
        (0, "", "", "before"),
        (1, "text-one-a-b", "One a b", "One a b text"),
        (2, "text-two", "Two", "Two item"),
    ]
    assert headed_texts_of("## Two", taken)[0].id not in {one.id for one in first}
