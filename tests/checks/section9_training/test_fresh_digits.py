"""Test sets that are made at grading: the same for the same seed on every machine, and in no table of the public images."""

import hashlib

import numpy as np
import pytest
import torch

from tests.course_parts import course_module, from_course

mnist = course_module("shared.mnist")
fresh_digits, moved = from_course("section9_training.fresh_digits", "fresh_digits", "moved")


ZEROS = np.zeros(20, np.int32)


@pytest.fixture(scope="module")
def fresh():
    return fresh_digits(b"a seed")


def test_the_same_seed_gives_the_same_bytes_on_every_machine(fresh):
    assert (
        hashlib.sha256(fresh.images.tobytes() + fresh.labels.tobytes()).hexdigest()
        == "7282592cc2f2d67d765a68d6a0fe7ae16352636d39115e84effc7bf94b7367b2"
    )


def test_another_seed_gives_another_order_and_other_images(fresh):
    other = fresh_digits(b"another seed")
    assert np.mean(other.labels == fresh.labels) < 0.15
    assert not (other.images == fresh.images).all(axis=(1, 2)).any()


def test_every_example_is_there_once_with_its_label(fresh):
    known = mnist.test()
    assert np.array_equal(np.bincount(fresh.labels), np.bincount(known.labels))
    ink = {label: known.images[known.labels == label].sum(dtype=np.int64) for label in range(10)}
    for label, before in ink.items():  # turning and shifting leave nearly all of it
        assert fresh.images[fresh.labels == label].sum(dtype=np.int64) == pytest.approx(before, rel=0.005)


def test_neither_the_public_order_nor_a_table_of_the_public_images_helps(fresh):
    known = mnist.test()
    assert np.mean(fresh.labels == known.labels) < 0.15
    table = {image.tobytes() for image in known.images}
    assert sum(image.tobytes() in table for image in fresh.images) < 5


def test_whole_pixels_are_shifted_exactly():
    images = mnist.test().images[:20]
    assert np.array_equal(moved(images, ZEROS, ZEROS, ZEROS), images)
    expected = np.zeros_like(images)
    expected[:, :-1, 2:] = images[:, 1:, :-2]
    assert np.array_equal(moved(images, ZEROS, ZEROS + 512, ZEROS - 256), expected)


@pytest.mark.parametrize(("degrees", "right", "down"), [(10, 0, 0), (-10, 0, 0), (0, 0.5, -1.25), (7.5, 2, -2)])
def test_turning_and_shifting_agree_with_torch(degrees, right, down):
    images = mnist.test().images[:20]
    angle = torch.deg2rad(torch.tensor(degrees, dtype=torch.float64))
    turn = torch.stack([angle.cos(), -angle.sin(), angle.sin(), angle.cos()]).reshape(2, 2)
    shift = -turn @ torch.tensor([right, down], dtype=torch.float64) / 14  # in halves of the image
    theta = torch.cat([turn, shift[:, None]], 1).expand(20, 2, 3)
    grid = torch.nn.functional.affine_grid(theta, [20, 1, 28, 28], align_corners=False)
    there = torch.from_numpy(images.copy()).double()[:, None]
    expected = torch.nn.functional.grid_sample(there, grid, align_corners=False)[:, 0]
    found = moved(images, ZEROS + round(100 * degrees), ZEROS + round(256 * right), ZEROS + round(256 * down))
    # Places are rounded to 1 / 256 pixel, over which a pixel changes by at most one level each way.
    assert (torch.from_numpy(found).double() - expected).abs().max() <= 2
