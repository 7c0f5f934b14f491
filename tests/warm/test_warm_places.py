"""The warm process where a folder, a console, a limit or a name is odd: it helps, or the grading runs without it."""

import sys

import pytest

from tests.warm.shell import GRADE, GRADE_WITHOUT_TORCH, SECONDS

if sys.platform != "linux":
    pytest.skip("there is a warm process on Linux only", allow_module_level=True)

NOWHERE = "HOME=/dev/null/none XDG_CACHE_HOME=/dev/null/none XDG_CONFIG_HOME=/dev/null/none PYTHONPYCACHEPREFIX=/dev/null/none"
LATIN = "PYTHONUTF8=0 PYTHONCOERCECLOCALE=0 PYTHONIOENCODING=cp1252"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("shell", "setting"),
    [
        ("course", f"export {NOWHERE}"),
        ("course", f"export {LATIN}"),
        ("course", "ulimit -v 3000000"),  # too little: the limit is told, by each
        ("OneDrive - Zoë Rös/課程", "export USER=Zoë"),
        ("/".join(["a-folder-with-a-long-name"] * 12), "true"),
    ],
    ids=[
        "nothing can be cached",
        "a console without UTF-8",
        "a shell with a limit",
        "a name with accents",
        "a long path",
    ],
    indirect=["shell"],
)
def test_in_odd_places_the_next_grading_says_the_same(shell, setting):
    text = shell.right.replace("return", "print('\u2207 caf\u00e9 \u65e5'); return 2 *", 1)
    shell.file.write_text(text, encoding="utf-8")
    assert shell.types(setting) == (0, "")
    shell.types(f"{GRADE} section1 --cold")  # so that no later one has gained points since
    first = shell.types(f"{GRADE} section1")
    if first[0] == 1:
        shell.waits_until_warm()
    second = shell.types(f"{GRADE_WITHOUT_TORCH} section1")
    assert (second[0], SECONDS.sub("", second[1])) == (first[0], SECONDS.sub("", first[1]))
    assert ("caf\u00e9" in first[1] or "caf\ufffd" in first[1]) if first[0] == 1 else "ulimit -v" in first[1]
