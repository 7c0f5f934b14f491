"""The numbers of section 9's pictures, against torch and plain counting; what they say of a stub and of wrong answers."""

import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy

from grader.figures.digits import digits
from grader.figures.gallery import UNDRAWN
from grader.figures.section9_training import (
    EXAMPLES,
    HELD_OUT,
    Curves,
    Race,
    ScoreAgainstRate,
    batches_of,
    classifier,
    score_of,
)
from grader.figures.style import DARK
from tests.figures.conftest import source_of, with_body

pytestmark = pytest.mark.slow

STEM = "section9_training"
SOLVED, STUB = source_of(STEM), source_of(STEM, "exercises")
QUICK = """
    rows = X_train[:, ::4].double()
    weight = torch.linalg.lstsq(rows, torch.nn.functional.one_hot(y_train, 10).double(), driver="gelsd").solution
    layer = nn.Linear(784, 10, bias=False)
    with torch.no_grad():
        layer.weight.zero_()
        layer.weight[:, ::4] = 10 * weight.T.float()
    return layer
"""


@pytest.fixture(scope="module")
def pictures(draw_of):
    return draw_of(STEM, SOLVED)


def trained(make, epochs):
    """The pictures' network after each epoch with an optimizer of torch.optim: held-out loss, its accuracy, training loss."""
    X, y = digits(*HELD_OUT, torch.float32)
    module = classifier().build()
    optimizer, found = make(module.parameters()), []
    for _ in range(epochs):
        total = 0.0
        for X_batch, y_batch in batches_of(0, EXAMPLES):
            optimizer.zero_grad()
            loss = cross_entropy(module(X_batch), y_batch)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(y_batch)
        with torch.no_grad():
            logits = module(X)
        found.append(
            (cross_entropy(logits, y).item(), float((logits.argmax(1) == y).double().mean()), total / EXAMPLES)
        )
    return np.array(found).T


def test_right_answers_miss_nothing(pictures):
    assert list(pictures) == ["curves", "confusion", "worst-mistakes", "score-against-rate", "race"]
    for picture in pictures.values():
        assert not picture.missing
        assert picture.title != UNDRAWN
        assert len(picture.title) <= 78
        assert len(picture.alt) > 80


def test_the_curves_are_those_of_torch(pictures):
    arrays = pictures["curves"].arrays
    expected = trained(lambda params: torch.optim.SGD(params, lr=Curves.lr, momentum=Curves.momentum), Curves.epochs)
    for name, values in zip(("validation_loss", "validation_accuracy", "training_loss"), expected, strict=True):
        np.testing.assert_allclose(arrays[name], values, rtol=2e-3)
    assert "weights" not in arrays  # megabytes that nobody looks at


def test_the_race_is_run_by_torch(pictures):
    losses = trained(lambda params: torch.optim.Adam(params, lr=Race.rates["adam"]), max(Race.after))[0]
    np.testing.assert_allclose(pictures["race"].arrays["adam"], losses[[epoch - 1 for epoch in Race.after]], rtol=1e-3)
    assert pictures["race"].title.startswith("Held-out loss after 10 epochs: momentum lowest, 0.49;")


def test_the_confusion_is_a_count(pictures):
    picture, labels = pictures["confusion"], digits(*HELD_OUT)[1].numpy()
    scores = picture.arrays["logits"]
    counts = picture.figure.counts(scores)
    assert counts.sum() == len(labels)
    assert counts[4, 9] == sum(label == 4 and row.argmax() == 9 for label, row in zip(labels, scores, strict=True))
    assert counts.trace() / counts.sum() > 0.8
    assert picture.title.startswith(f"{100 * counts.trace() / counts.sum():.1f} % of new digits are read; most often ")


def test_the_worst_mistakes_are_mistakes_and_none_is_worse(pictures):
    picture, labels = pictures["worst-mistakes"], digits(*HELD_OUT)[1].numpy()
    scores = picture.arrays["logits"].astype(float)
    losses = np.log(np.exp(scores).sum(1)) - scores[np.arange(len(labels)), labels]
    wrong = np.flatnonzero(scores.argmax(1) != labels)
    worst = picture.figure.worst(picture.arrays["logits"])
    assert list(worst) == sorted(wrong, key=lambda number: -losses[number])[:10]


def test_both_pictures_of_a_classifier_are_of_one_training(pictures):
    assert pictures["confusion"].arrays["logits"] is pictures["worst-mistakes"].arrays["logits"]


def test_every_trial_lies_on_the_curve_of_scores(pictures):
    arrays = pictures["score-against-rate"].arrays
    lrs, scores = arrays["trials"].T
    np.testing.assert_array_equal(scores, [score_of(lr) for lr in lrs.tolist()])
    assert arrays["best"] == lrs[scores.argmax()]
    decades = np.histogram(np.log10(lrs), bins=[-4, -3, -2, -1, 0, 1])[0]
    assert decades.sum() == ScoreAgainstRate.trials
    assert decades.min() >= 1


def test_of_a_stub_every_picture_says_what_is_not_written(draw_of):
    for picture in draw_of(STEM, STUB).values():
        assert set(picture.missing) == {f"{exercise} is not written yet." for exercise in picture.figure.exercises}
        assert picture.title != UNDRAWN
        assert all(words in " ".join(picture.svg_light.decode().split()) for words in picture.missing)


def test_evaluate_is_drawn_where_train_epoch_is_not_written(draw_of):
    source = with_body("train_epoch", "    raise NotImplementedError", SOLVED)
    picture = draw_of(STEM, source, "evaluate")["curves"]
    assert picture.missing == ("train_epoch is not written yet.",)
    assert picture.title == "In the end, validation loss 0.5, lowest at epoch 9: 0.49"


def test_wrong_answers_are_drawn_and_called_wrong(draw_of):
    source = SOLVED.replace("low * (high / low) ** u", "low + (high - low) * u")
    source = source.replace("        optimizer.zero_grad()\n        loss =", "        loss =")
    source = source.replace("lr=lr, momentum=0.9)", "lr=lr, momentum=0.5)")
    pictures = draw_of(STEM, source, "search_hyperparameters", "train_epoch", "make_optimizer")
    assert pictures["score-against-rate"].missing == ("No trial is below 0.032: is the logarithm drawn uniformly?",)
    assert pictures["curves"].missing == ("train_epoch does not agree with the reference.",)
    assert pictures["race"].missing == ("make_optimizer does not agree with the reference.",)
    assert pictures["race"].title.startswith("Held-out loss after 10 epochs: adam lowest")


def test_any_classifier_will_do(draw_of):
    pictures = draw_of(STEM, with_body("train_classifier", QUICK, SOLVED), "train_classifier")
    assert list(pictures) == ["confusion", "worst-mistakes"]
    for picture in pictures.values():
        assert not picture.missing
    assert 60 < float(pictures["confusion"].title.partition(" %")[0]) < 90


HOSTILE = {
    "worst": ("search_hyperparameters", "    trials = [(low, train_and_score(low))] * num_trials\n    return high, trials",
              "score-against-rate", "highest score"),
    "none": ("search_hyperparameters", "    return None, [(low, 0.0)] * num_trials", "score-against-rate", "not finite"),
    "few": ("search_hyperparameters", "    return low, [(low, 0.0)]", "score-against-rate", "should give shape"),
    "below": ("search_hyperparameters", "    return -1.0, [(-1.0, -1e300)] * num_trials", "score-against-rate", ""),
    "kind": ("train_classifier", "    return '$^{ </svg>'", "confusion", "not str"),
    "logits": ("train_classifier", "    return nn.Identity()", "worst-mistakes", "should give shape"),
    "raises": ("train_classifier", "    raise KeyError('$^{ </svg> \\x1b[31m')", "worst-mistakes", "KeyError"),
    "reshaped": ("train_epoch", "    next(model.parameters()).data = torch.zeros(3)\n    return 1.0", "curves", "shapes"),
    "huge": ("evaluate", "    return 1e300, -1e300", "curves", "does not agree"),
    "other": ("make_optimizer", "    return None", "race", "make_optimizer"),
}  # fmt: skip


@pytest.mark.parametrize("kind", HOSTILE)
def test_of_hostile_answers_there_is_a_picture_that_says_so(draw_of, kind):
    exercise, body, slug, said = HOSTILE[kind]
    picture = draw_of(STEM, with_body(exercise, body, SOLVED), exercise)[slug]
    assert any(said in words for words in picture.missing) or not said
    assert picture.title != UNDRAWN
    assert len(picture.render(DARK, "png")) > 5000
    assert b"\x1b" not in picture.svg_light
    assert picture.svg_light.count(b"</svg>") == 1


@pytest.mark.slow
def test_a_training_that_takes_long_is_not_called_endless(draw_of):
    picture = draw_of(STEM, with_body("train_classifier", "    while True:\n        pass", SOLVED), "train_classifier")[
        "confusion"
    ]
    assert picture.missing == (
        "Even for 2,000 images train_classifier takes more than 4 seconds of computing: no picture.",
    )
