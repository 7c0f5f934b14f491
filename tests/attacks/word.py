"""What remains a worker's word, with its points, from the section's checks: for the table in docs/security.md."""

from grader.course import Course, Section, unchanged_id

# Checks, or a part of them, besides those that `UNCHANGED` lists: check, and what of it is the worker's word.
SECRET = "a part: what is left is compared with a secret, which a replaced program can answer from"
MEMORY = "a part: a replaced program may copy before it overwrites"
# By section and check: what of it a submission could claim that replaces our programs in the worker.
BESIDES = {
    "section2": {
        "mlp_has_its_parameters": "a part: the number of parameters; that each gets its gradient is asked elsewhere, too",
        "mlp_starts_with_different_units": "the numbers with which a network starts",
        "empirical_risk_takes_batch_size_at_a_time": "all of it: how many examples the model is given at a time",
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
        "surface_restores_bit_for_bit": "what the parameters hold afterwards",
        "surface_restores_when_the_loss_raises": "what the parameters hold, and that the exception of the loss comes out",
        "surface_of_parameters_that_train": "a part: what is left of the parameters, and that the surface carries no graph",
        "training_is_determined_by_the_seed": SECRET,
        "training_gives_each_network_its_own_memory": SECRET,
    },
    "section6": {
        "sample_is_a_copy": MEMORY,
        "sample_draws_from_its_generator": SECRET,
        "minibatches_draw_from_their_generator": SECRET,
        "gradient_leaves_the_model_alone": SECRET,
        "gradient_respects_its_arguments": "a part: that the gradients do not require grad themselves",
        "noise_draws_from_its_generator": SECRET,
        "sgd_draws_from_its_generator": SECRET,
    },
    "section9": {
        "evaluate_in_eval_mode": SECRET,
        "evaluate_changes_nothing": SECRET,
        "search_draws_from_its_generator": SECRET,
        "classifier_judges_each_image_by_itself": "a part: a replaced program may repeat its first answers",
        "classifier_training_changes_nothing_else": SECRET,
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
