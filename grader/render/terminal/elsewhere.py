"""What a student's copy of the course cannot check, in words."""

from grader.course import Section
from grader.render.terminal.layout import points


def said_of_points(section: Section) -> str:
    """How many of a section's points can be checked here; "" if all can."""
    missing = sum(section.elsewhere.values())
    if not missing:
        return ""
    here = sum(check.points for check in section.outline)
    names = ", ".join(section.elsewhere)
    return (
        f"{points(here)} of {points(here + missing)} points of {section.id} can be checked here. "
        f"Your instructors check the others, of {names}."
    )
