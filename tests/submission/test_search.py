"""Which file of a section is meant, where stubs that were handed out lie beside it."""

import io
import warnings
import zipfile

import pytest

from grader.course import UsageError
from grader.submission.locate import read_section
from tests.batch.hand_ins import SOLUTION, STUB, WRONG
from tests.submission.formats import notebook_of, zip_of

DEAD = STUB.replace(b"    raise NotImplementedError", b"    return x\n    raise NotImplementedError")  # the raise stays
FILE, BOOK = "section1_tiny.py", "section1_tiny.ipynb"
KIT = {f"notebooks/{BOOK}": notebook_of(STUB), f"grader/kit/exercises/{FILE}": STUB, f"grader/figures/{FILE}": WRONG}


@pytest.mark.parametrize(
    ("files", "name", "source"),
    [
        ({FILE: SOLUTION, BOOK: notebook_of(STUB)}, FILE, SOLUTION),
        ({FILE: STUB, BOOK: notebook_of(WRONG)}, BOOK, WRONG),
        ({f"exercises/{FILE}": SOLUTION, **KIT}, FILE, SOLUTION),
        ({f"exercises/{FILE}": STUB, **KIT, f"notebooks/{BOOK}": notebook_of(WRONG)}, BOOK, WRONG),
        ({f"exercises/{FILE}": STUB, **KIT}, FILE, STUB),
        ({f"exercises/{FILE}": STUB, f"notebooks/{BOOK}": notebook_of(DEAD)}, BOOK, DEAD),
        ({f"exercises/{FILE}": DEAD, f"notebooks/{BOOK}": notebook_of(STUB)}, FILE, DEAD),
        ({f"grader/exercises/{FILE}": SOLUTION}, FILE, SOLUTION),
    ],
)
@pytest.mark.parametrize("packed", [False, True], ids=["folder", "zip"])
def test_stubs_are_not_meant_where_something_is_written(files, name, source, packed, lay_out, tiny_course):
    if packed:
        files = {"kit.zip": zip_of({f"kit/{place}": content for place, content in files.items()})}
    folder = lay_out({f"ada/{place}": content for place, content in files.items()})
    submission = read_section(folder / "ada", tiny_course.sections[0])
    assert submission.filename == name
    assert source.split(b"def ")[1] in submission.source
    assert submission.remark == ""


def test_very_many_files_are_not_read_to_be_told_apart(lay_out, tiny_course):
    files = {f"ada/{number}/{FILE}": STUB for number in range(20)}
    folder = lay_out({**files, f"ada/mine/{FILE}": SOLUTION})
    with pytest.raises(UsageError, match="any of these"):
        read_section(folder / "ada", tiny_course.sections[0])


def test_one_name_twice_in_an_archive_is_refused_whatever_is_in_it(lay_out, tiny_course):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for content in (SOLUTION, STUB):
            archive.writestr(FILE, content)
    folder = lay_out({"ada/work.zip": packed.getvalue()})
    with pytest.raises(UsageError, match="more than once"):
        read_section(folder / "ada", tiny_course.sections[0])


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({f"exercises/{FILE}": SOLUTION, f"notebooks/{BOOK}": notebook_of(WRONG)}, "any of these"),
        ({place: content for place, content in KIT.items() if place.startswith("grader/")}, "no file named"),
    ],
)
def test_between_two_works_the_grader_does_not_choose_and_its_own_files_do_not_count(files, said, lay_out, tiny_course):
    folder = lay_out({f"ada/{place}": content for place, content in files.items()})
    with pytest.raises(UsageError, match=said):
        read_section(folder / "ada", tiny_course.sections[0])
