"""What remains a worker's word, with its points, from the section's checks: for the table in docs/security.md."""

from grader.course import Course, Section, unchanged_id

# Checks, or a part of them, besides those that `UNCHANGED` lists: check, and what of it is the worker's word.
BESIDES = {
    "section2": {
        "mlp_has_its_parameters": "a part: the number of parameters; that each gets its gradient is asked elsewhere, too",
        "empirical_risk_takes_batch_size_at_a_time": "all of it: how many examples the model is given at a time",
    },
    "section5": {
        "surface_restores_when_the_loss_raises": "a part: that the exception of the loss comes out",
        "surface_of_parameters_that_train": "a part: that the surface does not require grad itself",
    },
    "section6": {
        "gradient_leaves_the_model_alone": "a part: that a `.grad` that was None still is",
        "gradient_respects_its_arguments": "a part: that the gradients do not require grad themselves",
        "sgd_draws_from_its_generator": "a part: that the `sgd` that is called for the random state is the honest one",
    },
}


def rows(section: Section) -> list[str]:
    """One line for the inputs of all exercises of a section, and one for each other check."""
    outline = {check.id: check for check in section.outline}
    unchanged = [outline[unchanged_id(exercise)] for exercise in section.unchanged]
    listed = ", ".join(f"`{check.exercise}` {check.points:g}" for check in unchanged)
    total = sum(check.points for check in unchanged)
    found = [f"| {section.id} | {total:g} | inputs are left as they were: {listed} |"] if unchanged else []
    for name, what in BESIDES.get(section.id, {}).items():
        check = outline[name]
        found.append(f'| {section.id} | {check.points:g} | `{check.exercise}`, "{check.title}": {what} |')
    return found


def word_table(course: Course) -> str:
    """The table of all sections, as Markdown."""
    lines = [row for section in course.sections for row in rows(section)]
    return "\n".join(["| section | points | what |", "| --- | --- | --- |", *lines])
