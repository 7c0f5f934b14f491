"""The numbers of section 9's pictures, against torch and plain counting; what they say of a stub and of wrong answers."""

from functools import partial

import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy

from tests.course_parts import from_course
from tests.figures.fixtures import source_of, with_body, words_in

digits = from_course("shared.digits", "digits")
fresh_network = from_course("shared.digits", "fresh_network")
ScoreAgainstRate, score_of = from_course("section9_training.figures", "ScoreAgainstRate", "score_of")
EPOCHS, EXAMPLES, HELD_OUT, HIDDEN, MOMENTUM, RATE = from_course(
    "section9_training.training_runs", "EPOCHS", "EXAMPLES", "HELD_OUT", "HIDDEN", "MOMENTUM", "RATE"
)
Overfitting, Race, SmallClassifier, batches_of = from_course(
    "section9_training.training_runs", "Overfitting", "Race", "SmallClassifier", "batches_of"
)
STARTS = range(6)  # seeds of networks; the pictures have the first
MAKERS = {
    "sgd": torch.optim.SGD,
    "momentum": partial(torch.optim.SGD, momentum=0.9),
    "adagrad": torch.optim.Adagrad,
    "rmsprop": torch.optim.RMSprop,
    "adam": torch.optim.Adam,
}

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


def trained(make, epochs, seed=0):
    """The pictures' network after each epoch with an optimizer of torch.optim: held-out loss, its accuracy, training loss."""
    X, y = digits(*HELD_OUT, torch.float32)
    module = SmallClassifier(fresh_network(HIDDEN, dtype=torch.float32, seed=seed)).build()
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
    expected = trained(partial(torch.optim.SGD, lr=RATE, momentum=MOMENTUM), EPOCHS)
    for name, values in zip(("validation_loss", "validation_accuracy", "training_loss"), expected, strict=True):
        np.testing.assert_allclose(arrays[name], values, rtol=2e-3, atol=1e-3)
    assert "weights" not in arrays  # megabytes that no picture shows
    assert pictures["curves"].title == "After epoch 9, validation loss rises by 18 %; digits read: −0.3 points"


@pytest.mark.parametrize("seed", STARTS)
def test_from_any_start_the_validation_loss_is_lower_at_first_and_rises_at_the_end_and_the_accuracy_stays(seed):
    losses, accuracies, training = trained(partial(torch.optim.SGD, lr=RATE, momentum=MOMENTUM), EPOCHS, seed)
    assert training[0] > 1.5 * losses[0]
    found = Overfitting.of(losses, accuracies)
    assert 5 <= found.epoch <= 15
    assert found.rise > 8
    assert abs(found.points) < 2


def test_a_gradient_of_zero_is_not_a_missing_gradient(pictures):
    picture = pictures["coasting"]
    weight = torch.nn.Parameter(torch.zeros(1, dtype=torch.float64))
    optimizer, places = torch.optim.Adam([weight], lr=1.0), []
    for step in range(100):
        weight.grad = torch.tensor([1.0 if step < 10 else 0.0], dtype=torch.float64)
        optimizer.step()
        places.append(-weight.item())
    np.testing.assert_allclose(picture.arrays["zero"], np.array(places) - places[9], rtol=1e-6)
    np.testing.assert_allclose(picture.arrays["none"][9:], 0, atol=1e-12)
    assert picture.title == "With gradient 0 the weight moves on by 9.6 η; without gradient it stays"


def test_the_race_is_run_by_torch(pictures):
    losses = trained(partial(torch.optim.Adam, lr=Race.rates["adam"]), max(Race.after))[0]
    np.testing.assert_allclose(pictures["race"].arrays["adam"], losses[[epoch - 1 for epoch in Race.after]], rtol=1e-3)
    ends = [pictures["race"].arrays[name][-1] for name in Race.rates]  # another processor rounds otherwise
    assert pictures["race"].title == (
        f"At tuned rates, the five optimizers end at a loss of {min(ends):.2f} to {max(ends):.2f}"
    )


@pytest.mark.parametrize("seed", STARTS)
def test_from_any_start_tuned_optimizers_end_close_together(seed):
    ends = [trained(partial(MAKERS[name], lr=rate), max(Race.after), seed)[0][-1] for name, rate in Race.rates.items()]
    assert max(ends) < 1.3 * min(ends)


@pytest.mark.parametrize("name", MAKERS)
def test_no_rate_is_a_tenth_better_than_the_tuned_one(name):
    def end(lr):
        return np.mean([trained(partial(MAKERS[name], lr=lr), max(Race.after), seed)[0][-1] for seed in range(3)])

    tuned = end(Race.rates[name])
    assert all(tuned < 1.1 * end(factor * Race.rates[name]) for factor in (0.3, 0.6, 1.7, 3))


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
    assert picture.title.startswith("After epoch 9, validation loss rises by 18 %")


def test_wrong_answers_are_drawn_and_called_wrong(draw_of):
    source = SOLVED.replace("low * (high / low) ** u", "low + (high - low) * u")
    source = source.replace("        optimizer.zero_grad()\n        loss =", "        loss =")
    source = source.replace("lr=lr, momentum=0.9)", "lr=lr, momentum=0.5)")
    pictures = draw_of(STEM, source, "search_hyperparameters", "train_epoch", "make_optimizer")
    assert pictures["score-against-rate"].missing == ("No trial is below 0.032: is the logarithm drawn uniformly?",)
    assert pictures["curves"].missing == ("train_epoch does not agree with the reference.",)
    assert pictures["race"].missing == ("make_optimizer does not agree with the reference.",)


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


def test_predictions_are_drawn(draw_of):
    source = SOLVED.replace('"moves_without_a_slope": 9.6', '"moves_without_a_slope": 3')
    pictures = draw_of(STEM, source, "OwnAdam", "evaluate")
    assert "your prediction" in words_in(pictures["coasting"])
    assert "You predicted the training loss." in words_in(pictures["curves"])
