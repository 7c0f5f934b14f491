"""The numbers of section 5's pictures, by other means; what they say of a stub and of wrong answers."""

import numpy as np
import pytest
import torch
from torch import nn

from tests.course_parts import from_course
from tests.figures.fixtures import source_of, with_body

small_images = from_course("shared.digits", "small_images")
HIDDEN, LR, STEPS, descent, flat, images, parts, plane_of_path = from_course(
    "section5_overparameterization.landscape",
    "HIDDEN",
    "LR",
    "STEPS",
    "descent",
    "flat",
    "images",
    "parts",
    "plane_of_path",
)
Curves, Line, Seeds, Surface = from_course(
    "section5_overparameterization.figures", "Curves", "Line", "Seeds", "Surface"
)
TEACHER, teacher_examples = from_course("section5_overparameterization.convergence", "TEACHER", "teacher_examples")

pytestmark = pytest.mark.slow

STEM = "section5_overparameterization"
SOLVED = source_of(STEM)


def network(params):
    """A network of torch's own layers with these weights and biases."""
    model = nn.Sequential(nn.Linear(196, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, 10)).double()
    model.load_state_dict(dict(zip(model.state_dict(), params, strict=True)))
    return model


def loss_of(params):
    X, y = images()
    return float(nn.functional.cross_entropy(network(params)(X), y).detach())


def test_the_path_is_that_of_sgd():
    X, y = images()
    model = network(descent(0)[0])
    optimizer = torch.optim.SGD(model.parameters(), lr=LR)
    for _ in range(STEPS):
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(X), y).backward()
        optimizer.step()
    np.testing.assert_allclose(flat(descent(0)[-1]), flat([p.detach() for p in model.parameters()]), atol=1e-9)


def test_the_plane_holds_nearly_all_of_the_path():
    axes, projected = plane_of_path()
    torch.testing.assert_close(axes @ axes.T, torch.eye(2, dtype=torch.float64))
    path = torch.stack([flat(params) for params in descent(0)])
    offsets = path - path[-1]
    kept = torch.from_numpy(projected) @ axes
    assert float((kept - offsets).norm() / offsets.norm()) < 0.15
    assert (projected[0] > 0).all()


def test_the_surface_is_the_loss_at_each_point(pictures):
    arrays, end = pictures["surface"].arrays, flat(descent(0)[-1])
    axes, directions = plane_of_path()[0], torch.from_numpy(arrays["directions"])
    for j, i in ((0, 0), (3, 20), (24, 7)):
        point = end + float(arrays["x"][i]) * axes[0] + float(arrays["y"][j]) * axes[1]
        np.testing.assert_allclose(arrays["plane"][j, i], loss_of(parts(point)), rtol=1e-9)
    for j, i in ((0, 0), (2, 19), (10, 10)):
        point = end + Surface.around[i] * directions[0] + Surface.around[j] * directions[1]
        np.testing.assert_allclose(arrays["surface"][j, i], loss_of(parts(point)), rtol=1e-9)


def test_the_line_has_solutions_at_its_ends(pictures):
    arrays, (a, b) = pictures["line"].arrays, (descent(seed)[-1] for seed in (0, 1))
    start, half, end = (int(np.abs(Line.alphas - alpha).argmin()) for alpha in (0.0, 0.5, 1.0))
    np.testing.assert_allclose(arrays["other"][[start, end]], [loss_of(a), loss_of(b)], rtol=1e-9)
    np.testing.assert_allclose(
        arrays["other"][half], loss_of([(p + q) / 2 for p, q in zip(a, b, strict=True)]), rtol=1e-9
    )
    np.testing.assert_allclose(arrays["copy"][[start, end]], loss_of(a), rtol=1e-9)  # the same function
    np.testing.assert_allclose(arrays["copy"], arrays["copy"][::-1], rtol=1e-6)  # the line back is the same line
    assert arrays["copy"][half] > 10 * loss_of(a)


def test_training_curves_are_those_of_torch(pictures):
    X, y = small_images(200)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        model = nn.Sequential(nn.Linear(196, 10), nn.ReLU(), nn.Linear(10, 10))
    optimizer, curve = torch.optim.SGD(model.parameters(), lr=LR), []
    for _ in range(Curves.steps + 1):
        loss = nn.functional.cross_entropy(model(X), y)
        curve.append(float(loss.detach()))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    np.testing.assert_allclose(pictures["curves"].arrays["loss_10"][3], curve, rtol=5e-2, atol=1e-2)


def test_runs_end_where_torch_ends(pictures):
    X, y = teacher_examples()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        model = nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 1)).double()
    optimizer = torch.optim.SGD(model.parameters(), lr=TEACHER.lr)
    for _ in range(Seeds.steps):
        optimizer.zero_grad()
        nn.functional.mse_loss(model(X).squeeze(1), y).backward()
        optimizer.step()
    loss = float(nn.functional.mse_loss(model(X).squeeze(1), y).detach())
    np.testing.assert_allclose(pictures["seeds"].arrays["final_loss_6"][3], loss, rtol=1e-6)


def test_width_makes_runs_better(pictures):
    arrays = pictures["seeds"].arrays
    assert arrays["final_loss_24"].max() < arrays["final_loss_2"].min()
    np.testing.assert_array_equal(arrays["weights"], [6 * units + 1 for units in Seeds.widths])


def test_the_titles_say_what_the_numbers_are(pictures):
    assert pictures["line"].title == "Loss 0.045 at a solution; half way to another 0.42, to its own copy 1.5"
    top = pictures["surface"].arrays["surface"].max()
    assert (
        pictures["surface"].title == f"The path ends at a loss of 0.045; a random plane through it rises to {top:.2g}"
    )
    rows = [pictures["seeds"].arrays[f"final_loss_{width}"] for width in (2, 24)]
    numbers = [f"{number:.2g}" for row in rows for number in (row.min(), row.max())]
    assert pictures["seeds"].title == "Losses with 2 units: {} to {}, with 24: {} to {}".format(*numbers)


def test_the_plane_of_the_path_needs_no_direction_of_the_student(draw_of):
    source = with_body("filter_normalized_direction", "    raise NotImplementedError", SOLVED)
    picture = draw_of(STEM, source, "loss_surface")["surface"]
    assert picture.missing == ("filter_normalized_direction is not written yet.",)
    assert "plane" in picture.arrays
    plane = picture.arrays["plane"]
    assert picture.title == f"In the plane of the path the loss lies between {plane.min():.2g} and {plane.max():.2g}"


def test_wrong_answers_are_drawn_and_called_wrong(draw_of):
    source = SOLVED.replace("w + x * dx + y * dy", "w + y * dx + x * dy").replace(
        "(1 - alpha) * a + alpha * state_b[name]", "a + alpha * state_b[name]"
    )
    pictures = draw_of(STEM, source, "loss_surface", "interpolate")
    assert pictures["surface"].missing == ("loss_surface does not agree with the reference.",)
    assert pictures["line"].missing == ("interpolate does not agree with the reference.",)
    assert pictures["line"].title.startswith("Loss 0.045 at a solution; half way to another ")
    other = pictures["line"].arrays["other"]
    assert f"another {other[np.abs(Line.alphas - 0.5).argmin()]:.2g}," in pictures["line"].title


def test_directions_of_whole_tensors_are_told_by_their_rows(draw_of):
    source = SOLVED.replace(
        "weights.flatten(1).norm(dim=1) / rows.norm(dim=1)", "(weights.norm() / rows.norm()).expand(len(rows))"
    )
    picture = draw_of(STEM, source, "filter_normalized_direction")["surface"]
    assert picture.missing == ("filter_normalized_direction does not agree with the reference.",)
    assert "surface" in picture.arrays
