"""The checks that believe a worker, with their points: for the table in docs/security.md."""

from grader.check_files.check_outline import Origin
from grader.course import Course
from grader.section import Section

SECRET = "in part: the check compares with a secret, which a replaced program can read"
MEMORY = "in part: a replaced program may copy before it overwrites"
GRADIENT = "in part: that the result is connected to its input, which a replaced program can rebuild"
GRADS = "in part: a replaced program may leave the gradients as they are"
SITUATION = "in part: a replaced program may spare the function"
# By section and check, besides those that `UNCHANGED` lists: the part that a submission could claim by replacing our programs.
BESIDES = {
    "section2": {
        "mlp_has_its_parameters": "in part: the number of parameters; another check asks for their gradients",
        "mlp_starts_with_different_units": "the starting values of a network",
        "empirical_risk_takes_batch_size_at_a_time": "all of it: the number of examples in each call of the model",
        "empirical_risk_restores_the_mode": SECRET,
        "empirical_risk_only_looks": SECRET,
        "mlp_by_definition": f"{SITUATION} one of the two modes",
        "log_softmax_has_its_gradient": GRADIENT,
        "cross_entropy_has_its_gradient": GRADIENT,
        "empirical_risk_rejects": SECRET,
    },
    "section3": {
        "direction_comes_from_the_generator": SECRET,
        "search_step_draws_from_the_generator": SECRET,
        "search_draws_from_the_generator": SECRET,
        "gradient_leaves_no_trace": SECRET,
        "gradient_forgets_the_last_call": f"{SITUATION} the earlier calls",
    },
    "section4": {
        "momentum_respects_its_arguments": GRADS,
        "nesterov_respects_its_arguments": GRADS,
        "sharpness_changes_nothing": SECRET,
    },
    "section5": {
        "mlp_is_made_for_mnist": "all of it: the shapes of a network",
        "interpolate_shares_nothing": MEMORY,
        "twin_shares_nothing": MEMORY,
        "direction_comes_from_the_generator": SECRET,
        "surface_restores_bit_for_bit": "the values of the parameters afterwards",
        "surface_restores_when_the_loss_raises": "the values of the parameters afterwards, and the exception of the loss",
        "surface_of_parameters_that_train": "in part: the parameters afterwards, and that the surface carries no graph",
        "training_is_determined_by_the_seed": SECRET,
        "training_gives_each_network_its_own_memory": SECRET,
        "mlp_has_the_right_layers": "in part: the starting values of a network",
    },
    "section6": {
        "sample_is_a_copy": MEMORY,
        "sample_draws_from_its_generator": SECRET,
        "minibatches_draw_from_their_generator": SECRET,
        "gradient_leaves_the_model_alone": SECRET,
        "gradient_respects_its_arguments": "in part: that the gradients do not require grad",
        "noise_draws_from_its_generator": SECRET,
        "sgd_draws_from_its_generator": SECRET,
        "batch_gradients_average_to_the_full_gradient": f"{SITUATION} the earlier calls",
        "sgd_respects_its_arguments": f"{SITUATION} an older .grad",
    },
    "section7": {
        "adam_respects_its_arguments": GRADS,
    },
    "section9": {
        "evaluate_in_eval_mode": SECRET,
        "evaluate_changes_nothing": SECRET,
        "search_draws_from_its_generator": SECRET,
        "own_adam_leaves_gradients_alone": f"{GRADS}; and spare the class the iterator",
        "own_adam_calls_its_closure": "in part: a replaced program may call the closure itself",
        "classifier_judges_each_image_by_itself": "in part: a replaced program may repeat its first answers",
        "classifier_training_changes_nothing_else": SECRET,
        "optimizers_take_an_iterator": f"{SITUATION} the iterator",
        "an_epoch_trains_in_train_mode": f"{SITUATION} the mode in which the model comes",
        "an_epoch_takes_any_iterable": f"{SITUATION} the iterator",
    },
}

# Checks that run a program, and judge numbers alone: a replaced program gains nothing that the function itself would not.
NUMBERS_ALONE = {
    "section2": ("mlp_flattens", "mlp_in_float64", "cross_entropy_trains_mnist"),
    "section3": ("direction_prefers_no_angle", "direction_prefers_no_corner", "direction_on_a_line"),
    "section4": (
        "sharpness_of_a_bowl",
        "sharpness_of_a_network",
        "sharpness_starts_from_the_generator",
        "sharpness_of_many_weights",
        "sharpness_rejects",
    ),
    "section5": (
        "mlp_computes_what_its_weights_say",
        "count_of_linear_layers",
        "count_leaves_out_frozen_parameters",
        "count_takes_shared_parameters_once",
        "count_leaves_out_buffers",
        "surface_of_a_quadratic",
        "units_are_in_the_new_order",
        "twin_computes_the_same_function",
        "twin_rejects",
    ),
    "section6": (
        "sample_is_uniform",
        "an_epoch_has_every_example_once",
        "epochs_are_shuffled_uniformly",
        "drop_last_leaves_out_the_smaller_batch",
        "drop_last_leaves_out_any_example",
        "minibatches_respect_their_arguments",
        "minibatches_reject",
        "gradient_of_a_linear_model",
        "gradient_follows_autograd",
        "one_draw_is_one_batch",
        "draws_are_independent",
        "sgd_with_full_batches_is_gradient_descent",
        "sgd_takes_a_step_per_batch",
        "sgd_shuffles_every_epoch",
        "sgd_rejects",
        "sgd_trains_mnist",
    ),
    "section9": (
        "plain_and_momentum_follow_their_rules",
        "adaptive_optimizers_follow_their_rules",
        "make_optimizer_rejects",
        "an_epoch_steps_after_every_batch",
        "an_epoch_returns_the_mean_loss_per_example",
        "evaluate_gives_the_mean_loss",
        "evaluate_gives_the_accuracy",
        "evaluate_of_any_logits",
        "own_adam_follows_adam",
        "own_adam_reads_its_groups",
        "own_adam_follows_a_schedule",
        "own_adam_counts_each_parameter",
        "own_adam_continues_from_a_state_dict",
        "own_adam_rejects",
        "classifier_is_trained",
        "classifier_reads_new_digits",
    ),
}


def rows(section: Section) -> list[str]:
    """One line for the inputs of all exercises of a section, and one for each other check."""
    outline = {check.id: check for check in section.check_list}
    generated = {check.exercise: check for check in section.check_list if check.origin is Origin.UNCHANGED}
    unchanged = [generated[exercise] for exercise in section.unchanged]
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
