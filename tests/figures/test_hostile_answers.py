"""For any response there is a picture that says what is wrong, and no response can act in it."""

import re

import pytest

from grader.figures.picture import UNDRAWN
from tests.figures.fixtures import source_of, with_body

pytestmark = pytest.mark.slow

# Exercise, the body that it has instead, the picture, and what that says of it. What all pictures refuse in the same way is tried
# on section 4's; on the others, numbers that are valid and that no axis may choke on, and answers of their own shapes.
ANSWERS = {
    "section2_erm": [
        ("accuracy", "    return 1e300", "gap", "does not agree"),
        ("accuracy", "    return '</svg>'", "gap", "accuracy"),
        ("empirical_risk", "    return -1e300", "gap", "does not agree"),
        ("log_softmax", "    return logits * 1e300", "model", "not finite"),
        ("normalize_images", "    return torch.full((len(images), 784), 1e38)", "digits", "does not agree"),
        ("normalize_images", "    raise KeyError('</svg>$^{')", "digits", "KeyError"),
    ],
    "section3_search": [
        (
            "gradient_descent",
            "    return torch.full((num_steps + 1, 2), 1e300, dtype=torch.float64)",
            "paths",
            "does not agree",
        ),
        ("gradient_descent", "    return [[10**400, 0]] * (num_steps + 1)", "paths", ""),
    ],
    "section4_momentum": [
        (
            "minimize_with_momentum",
            "    return torch.zeros(3, dtype=torch.float64)",
            "ravine",
            "should give shape (101, 2); yours has (3,).",
        ),
        (
            "minimize_with_momentum",
            "    return torch.zeros(num_steps + 1, len(w0))",
            "ravine",
            "should give dtype float64; yours has float32.",
        ),
        (
            "minimize_with_momentum",
            "    return torch.full((num_steps + 1, 2), torch.nan, dtype=torch.float64)",
            "ravine",
            "that are not finite.",
        ),
        ("minimize_with_momentum", "    return 'high'", "ravine", "returned a str"),
        ("minimize_with_momentum", "    while True:\n        pass", "ravine", "did not finish within 0.5 seconds"),
        (
            "minimize_with_momentum",
            "    return torch.zeros(3000, 3000, dtype=torch.float64)",
            "ravine",
            "is too large to send",
        ),
        ("minimize_with_momentum", "    import os\n    os._exit(3)", "ravine", "ended its whole process"),
        (
            "minimize_with_momentum",
            "    raise KeyError('$^{$ --> </svg> \\x1b[31m \\u202e')",
            "ravine",
            "raised KeyError: '$^{$ --> </svg>",
        ),
        (
            "minimize_with_momentum",
            "    return torch.full((num_steps + 1, 2), 1e300, dtype=torch.float64)",
            "ravine",
            "does not agree",
        ),
    ],
    "section5_overparameterization": [
        ("permute_hidden_units", "    return {n: t * torch.inf for n, t in state.items()}", "surface", "not finite"),
        ("interpolate", "    return {name: a + 1e300 for name, a in state_a.items()}", "line", "interpolate"),
        (
            "loss_surface",
            "    return torch.full((len(ys), len(xs)), 1e300, dtype=params[0].dtype)",
            "surface",
            "does not agree",
        ),
        ("loss_surface", "    return torch.zeros(2)", "around", "should give shape"),
    ],
    "section6_minibatch": [
        ("gradient_noise", "    return 0.0", "gradient-noise", "far from"),
        ("gradient_noise", "    return 1e308", "gradient-noise", "far from"),
        ("sgd", "    next(model.parameters()).data = torch.zeros(3)\n    return [1.0]", "examples-processed", "shapes"),
        ("sgd", "    return [-1e300] * (num_epochs * len(X) // batch_size)", "examples-processed", "does not agree"),
        ("minibatch_gradient", "    return ['$^{ </svg>']", "cost-of-gradient", ""),
    ],
    "section7_adaptive": [
        ("diagnose_learning_rates", "    return '$^{ </svg> \\x1b[31m'", "learning-rates", "returned a str"),
        (
            "diagnose_learning_rates",
            "    return dict.fromkeys(curves, '$^{ </svg> \\x1b[31m')",
            "learning-rates",
            "none of the four",
        ),
        ("bold_driver", "    return 1e300", "rates-that-adapt", "not finite"),
        ("adam_step", "    params[0].data = torch.zeros(3)", "first-layer", ""),
        ("adagrad_step", "    while True:\n        pass", "all-optimizers", "did not finish"),
    ],
    "section9_training": [
        (
            "search_hyperparameters",
            "    trials = [(low, train_and_score(low))] * num_trials\n    return high, trials",
            "score-against-rate",
            "highest score",
        ),
        ("search_hyperparameters", "    return None, [(low, 0.0)] * num_trials", "score-against-rate", "not finite"),
        ("search_hyperparameters", "    return -1.0, [(-1.0, -1e300)] * num_trials", "score-against-rate", ""),
        ("train_classifier", "    return '$^{ </svg>'", "confusion", "not str"),
        ("train_classifier", "    return nn.Identity()", "worst-mistakes", "should give shape"),
        ("train_epoch", "    next(model.parameters()).data = torch.zeros(3)\n    return 1.0", "curves", "RuntimeError"),
        ("evaluate", "    return 1e300, -1e300", "curves", "does not agree"),
        ("make_optimizer", "    return None", "race", "make_optimizer"),
    ],
}
CASES = [(stem, *case) for stem, cases in ANSWERS.items() for case in cases]


@pytest.mark.parametrize(("stem", "exercise", "body", "slug", "said"), CASES)
def test_of_hostile_answers_there_is_a_picture_that_says_so(draw_of, stem, exercise, body, slug, said):
    picture = draw_of(stem, with_body(exercise, body, source_of(stem)), exercise)[slug]
    assert any(said in words for words in picture.missing) or not said
    assert picture.title != UNDRAWN
    assert not re.search(r"\bnan\b|\binf\b|\d{40}", picture.title)
    assert b"\x1b" not in picture.svg_light
    assert picture.svg_light.count(b"</svg>") == 1
