"""Debian's Chromium, driven by Playwright. Where it is missing these tests are skipped, but never in CI."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.pages import SWITCHES

INSTALL = "apt-get install chromium && pip install -e '.[browser]'"


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """One browser for all tests."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        program = None
    if program is None:
        assert not os.environ.get("CI"), f"CI tests in a browser. Install it: {INSTALL}"
        pytest.skip(f"needs a browser and its driver: {INSTALL}")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=SWITCHES)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def file_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The page of a name, as a file: pages of a kind are made when the first of them is opened."""
    from tests.browser.class_pages import class_pages
    from tests.browser.play_page import play_page
    from tests.browser.reader_pages import section_pages, site_pages
    from tests.render.web import sample_pairs
    from tests.render.web.hostile_page import pages

    made: dict[str, Path] = {}
    makers = {
        "play": lambda: {"play": play_page()},
        "pairs": lambda: {"pairs": sample_pairs.plain_page(), "hostile pairs": sample_pairs.hostile_page()},
        "section": section_pages,
        "report": pages,
    }

    def kind_of(name: str) -> str:
        return next((kind for kind in ("play", "pairs", "section") if name.endswith(kind)), "report")

    def find(name: str) -> Path:
        if name not in made:
            folder = tmp_path_factory.mktemp("pages")
            if name.startswith("site "):
                made.update(site_pages(folder))
            elif name.partition(":")[0] in ("class", "one", "hostile class"):
                made.update(class_pages(folder))
            else:
                for one, data in makers[kind_of(name)]().items():
                    made[one] = folder / f"{one}.html"
                    made[one].write_bytes(data)
        return made[name]

    return find


@pytest.fixture
def visit(browser: Any, file_of: Callable[[str], Path]) -> Iterator[Callable[..., Any]]:
    """Open a page in a context of its own; at the end nothing may have been complained of, asked or fetched."""
    contexts, heard = [], []

    def open_page(name: str, **options: Any) -> Any:
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: heard.append(message.text))
        page.on("pageerror", lambda error: heard.append(str(error)))
        page.on("dialog", lambda dialog: heard.append(dialog.message))
        page.on("request", lambda request: heard.append(request.url) if request.url[:5] != "data:" else None)
        address = file_of(name).as_uri()
        page.goto(address)
        assert heard.pop(0) == address
        page.heard = heard
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert heard == []
