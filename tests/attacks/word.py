"""The checks that believe a worker, with their points: for the table in docs/security.md."""

from grader.course import Course, Section, unchanged_id

SECRET = "in part: the check compares with a secret, which a replaced program can read"
MEMORY = "in part: a replaced program may copy before it overwrites"
# By section and check, besides those that `UNCHANGED` lists: the part that a submission could claim by replacing our programs.
BESIDES = {
    "section2": {
        "mlp_has_its_parameters": "in part: the number of parameters; another check asks for their gradients",
        "mlp_starts_with_different_units": "the starting values of a network",
        "empirical_risk_takes_batch_size_at_a_time": "all of it: the number of examples in each call of the model",
        "empirical_risk_restores_the_mode": SECRET,
        "empirical_risk_only_looks": SECRET,
    },
    "section3": {
        "direction_comes_from_the_generator": SECRET,
        "search_step_draws_from_the_generator": SECRET,
        "search_draws_from_the_generator": SECRET,
        "gradient_leaves_no_trace": SECRET,
    },
    "section5": {
        "mlp_is_made_for_mnist": "all of it: the shapes of a network",
        "interpolate_shares_nothing": MEMORY,
        "direction_comes_from_the_generator": SECRET,
        "surface_restores_bit_for_bit": "the values of the parameters afterwards",
        "surface_restores_when_the_loss_raises": "the values of the parameters afterwards, and the exception of the loss",
        "surface_of_parameters_that_train": "in part: the parameters afterwards, and that the surface carries no graph",
        "training_is_determined_by_the_seed": SECRET,
        "training_gives_each_network_its_own_memory": SECRET,
    },
    "section6": {
        "sample_is_a_copy": MEMORY,
        "sample_draws_from_its_generator": SECRET,
        "minibatches_draw_from_their_generator": SECRET,
        "gradient_leaves_the_model_alone": SECRET,
        "gradient_respects_its_arguments": "in part: that the gradients do not require grad",
        "noise_draws_from_its_generator": SECRET,
        "sgd_draws_from_its_generator": SECRET,
    },
    "section9": {
        "evaluate_in_eval_mode": SECRET,
        "evaluate_changes_nothing": SECRET,
        "search_draws_from_its_generator": SECRET,
        "classifier_judges_each_image_by_itself": "in part: a replaced program may repeat its first answers",
        "classifier_training_changes_nothing_else": SECRET,
    },
}


def rows(section: Section) -> list[str]:
    """One line for the inputs of all exercises of a section, and one for each other check."""
    outline = {check.id: check for check in section.outline}
    unchanged = [outline[unchanged_id(exercise)] for exercise in section.unchanged]
    listed = ", ".join(f"`{check.exercise}` {check.points:g}" for check in unchanged)
    total = sum(check.points for check in unchanged)
    found = [f"| {section.id} | {total:g} | inputs stay unchanged: {listed} |"] if unchanged else []
    for name, what in BESIDES.get(section.id, {}).items():
        check = outline[name]
        found.append(f'| {section.id} | {check.points:g} | `{check.exercise}`, "{check.title}": {what} |')
    return found


def word_table(course: Course) -> str:
    """The table of all sections, as Markdown."""
    lines = [row for section in course.sections for row in rows(section)]
    return "\n".join(["| section | points | what |", "| --- | --- | --- |", *lines])
