"""Downloads of Canvas and Moodle: attachments, resubmissions, and what was typed into the system."""

from tests.batch.hand_ins import SOLUTION, STUB, WRONG, students
from tests.submission.formats import zip_of


def test_a_canvas_download(lay_out, take):
    folder = lay_out({
        "lovelaceada_12345_67890_section1.py": STUB,
        "lovelaceada_LATE_12345_67999_section1_tiny-2.py": SOLUTION,
        "boole_777_67891_hw.zip": zip_of({"section1_tiny.py": WRONG}),
    })  # fmt: skip
    found, troubles = take(folder)
    assert [(one.student, one.name, one.late) for one in found] == [
        ("777", "boole", False),
        ("12345", "lovelaceada", False),
        ("12345", "lovelaceada", True),
    ]
    assert found[1].sequence < found[2].sequence
    assert not troubles


def test_a_moodle_download_in_folders_and_without(lay_out, take):
    folder = lay_out({
        "Ada Lovelace_12345_assignsubmission_file_/section1_tiny.py": SOLUTION,
        "Bob Boole_777_assignsubmission_file_section1.py": WRONG,
        "Cem Can_778_assignsubmission_onlinetext_/onlinetext.html": b"<p>I forgot</p>",
    })  # fmt: skip
    found, troubles = take(folder)
    assert [(one.student, one.name) for one in found] == [("12345", "Ada Lovelace"), ("777", "Bob Boole")]
    assert [(one.kind, one.student, one.name) for one in troubles] == [("unreadable", "778", "Cem Can")]


def test_a_page_that_moodle_adds_for_everybody_is_no_hand_in_and_one_with_words_is(lay_out, take):
    """assignsubmission_onlinetext: a page for each student who has saved the form, with or without words."""
    files = {}
    for number, name, page in ((1, "Ada", b"<p></p>"), (2, "Bob", b"<p>see my file</p>"), (3, "Cem", b"<p>&nbsp;</p>")):
        files[f"{name}_{number}_assignsubmission_onlinetext_/onlinetext.html"] = page
        if name != "Cem":
            files[f"{name}_{number}_assignsubmission_file_/section1_tiny.py"] = SOLUTION
    found, troubles = take(lay_out(files), named=True)
    assert students(found) == ["1", "2"]
    assert [(one.kind, one.student) for one in troubles] == [("duplicate", "2"), ("empty", "3")]


def test_a_page_of_a_million_tags_without_an_end_takes_no_longer_than_another(lay_out, take):
    name = "Ada_1_assignsubmission_onlinetext_/onlinetext.html"
    _, troubles = take(lay_out({name: b"<" * (1 << 20)}), named=True)
    assert [(one.kind, one.student) for one in troubles] == [("unreadable", "1")]


def test_texts_and_addresses_that_were_typed_into_canvas_are_their_students(lay_out, take):
    """lib/content_zipper.rb: add_text_or_url gives their pages no number of an attachment."""
    folder = lay_out({
        "lovelaceada_30010_text.html": b"<p>def f()", "boolebob_LATE_30011_link.html": b"<a>", "anon_x7Yz_text.html": b"words",
        "canc_30012_70005_text.html": b"a file of this name",
    })  # fmt: skip
    found, troubles = take(folder, named=True)
    assert not found
    assert {(one.student, one.name, one.kind, one.section) for one in troubles} == {
        ("30010", "lovelaceada", "unreadable", "section1"),
        ("30011", "boolebob", "empty", "section1"),
        ("x7Yz", "", "unreadable", "section1"),
        ("30012", "canc", "unreadable", "section1"),
    }


def test_a_second_attachment_of_a_hand_in_is_no_second_attempt(lay_out, take):
    """Canvas and Moodle number or list the attachments of one hand-in one by one."""
    helper = b"def factor(): return 2\n"
    archive = zip_of({"section1_tiny.py": WRONG})
    folder = lay_out({
        "ada_30001_70005_section1_tiny.py": SOLUTION, "ada_30001_70006_helper.py": helper,
        "bob_30002_70007_section1.py": SOLUTION, "bob_30002_70008_section1_helpers.py": helper,
        "cem_30003_70009_section1.py": WRONG, "cem_30003_70010_section1-1.py": SOLUTION,
        "dan_30004_70011_my_section1.py": SOLUTION, "dan_30004_70012_section1_helpers.py": helper,
        "eve_30005_70013_section1.py": SOLUTION, "eve_30005_70014_older.zip": archive,
        "Fay_30006_assignsubmission_file_section1_tiny.py": SOLUTION, "Fay_30006_assignsubmission_file_section1.py": WRONG,
    })  # fmt: skip
    found, troubles = take(folder, named=True)
    assert [(one.student, one.submission.source) for one in found] == [
        ("30006", SOLUTION), ("30001", SOLUTION), ("30002", SOLUTION), ("30003", WRONG), ("30003", SOLUTION), ("30005", SOLUTION),
    ]  # fmt: skip
    assert [(one.student, one.kind) for one in troubles] == [
        ("30006", "duplicate"), ("30001", "duplicate"), ("30002", "duplicate"), ("30004", "unreadable"), ("30004", "unreadable"),
        ("30005", "duplicate"),
    ]  # fmt: skip
