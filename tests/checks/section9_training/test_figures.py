"""The numbers of section 9's pictures, against torch and plain counting; what they say of a stub and of wrong answers."""

import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy

from tests.course_parts import from_course
from tests.figures.fixtures import source_of, with_body

digits = from_course("shared.digits", "digits")
ScoreAgainstRate, score_of = from_course("section9_training.figures", "ScoreAgainstRate", "score_of")
EXAMPLES, HELD_OUT, Curves, Race, batches_of, classifier = from_course(
    "section9_training.training_runs", "EXAMPLES", "HELD_OUT", "Curves", "Race", "batches_of", "classifier"
)

pytestmark = pytest.mark.slow

STEM = "section9_training"
SOLVED = source_of(STEM)
QUICK = """
    rows = X_train[:, ::4].double()
    weight = torch.linalg.lstsq(rows, torch.nn.functional.one_hot(y_train, 10).double(), driver="gelsd").solution
    layer = nn.Linear(784, 10, bias=False)
    with torch.no_grad():
        layer.weight.zero_()
        layer.weight[:, ::4] = 10 * weight.T.float()
    return layer
"""


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


def test_the_curves_are_those_of_torch(pictures):
    arrays = pictures["curves"].arrays
    expected = trained(lambda params: torch.optim.SGD(params, lr=Curves.lr, momentum=Curves.momentum), Curves.epochs)
    for name, values in zip(("validation_loss", "validation_accuracy", "training_loss"), expected, strict=True):
        np.testing.assert_allclose(arrays[name], values, rtol=2e-3)
    assert "weights" not in arrays  # megabytes that nobody looks at


def test_the_race_is_run_by_torch(pictures):
    losses = trained(lambda params: torch.optim.Adam(params, lr=Race.rates["adam"]), max(Race.after))[0]
    np.testing.assert_allclose(pictures["race"].arrays["adam"], losses[[epoch - 1 for epoch in Race.after]], rtol=1e-3)
    assert pictures["race"].title.startswith("Held-out loss after 4 epochs: momentum lowest, 0.57;")


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


def test_evaluate_is_drawn_where_train_epoch_is_not_written(draw_of):
    source = with_body("train_epoch", "    raise NotImplementedError", SOLVED)
    picture = draw_of(STEM, source, "evaluate")["curves"]
    assert picture.missing == ("train_epoch is not written yet.",)
    assert picture.title == "At the end, validation loss 0.5, lowest at epoch 9: 0.49"


def test_wrong_answers_are_drawn_and_called_wrong(draw_of):
    source = SOLVED.replace("low * (high / low) ** u", "low + (high - low) * u")
    source = source.replace("        optimizer.zero_grad()\n        loss =", "        loss =")
    source = source.replace("lr=lr, momentum=0.9)", "lr=lr, momentum=0.5)")
    pictures = draw_of(STEM, source, "search_hyperparameters", "train_epoch", "make_optimizer")
    assert pictures["score-against-rate"].missing == ("No trial is below 0.032: is the logarithm drawn uniformly?",)
    assert pictures["curves"].missing == ("train_epoch does not agree with the reference.",)
    assert pictures["race"].missing == ("make_optimizer does not agree with the reference.",)
    assert pictures["race"].title.startswith("Held-out loss after 4 epochs: adam lowest")


def test_any_classifier_will_do(draw_of):
    pictures = draw_of(STEM, with_body("train_classifier", QUICK, SOLVED), "train_classifier")
    assert list(pictures) == ["confusion", "worst-mistakes"]
    for picture in pictures.values():
        assert not picture.missing
    assert 60 < float(pictures["confusion"].title.partition(" %")[0]) < 90


@pytest.mark.slow
def test_a_training_that_takes_long_is_not_called_endless(draw_of):
    picture = draw_of(STEM, with_body("train_classifier", "    while True:\n        pass", SOLVED), "train_classifier")[
        "confusion"
    ]
    assert picture.missing == (
        "Even for 2,000 images train_classifier takes more than 4 seconds of computing: no picture.",
    )


@pytest.mark.slow
def test_what_a_training_says_of_itself_is_not_taken_for_a_limit(draw_of):
    body = "    raise ValueError('the loader did not finish')"
    picture = draw_of(STEM, with_body("train_classifier", body, SOLVED), "train_classifier")["confusion"]
    assert picture.missing == ("train_classifier raised ValueError: the loader did not finish",)
