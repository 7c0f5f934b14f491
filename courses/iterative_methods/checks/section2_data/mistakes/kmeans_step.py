"""Mistakes in kmeans_step."""

import numpy as np

from grader.toolkit.mistakes import mistake


def _expect_centres(X, centres):
    if centres.ndim != 2 or len(centres) == 0 or centres.shape[1] != X.shape[1]:
        raise ValueError("centres must have as many columns as X")


def _nearest(X, centres):
    return ((X[:, None, :] - centres) ** 2).sum(axis=2).argmin(axis=1)


def _move(X, labels, centres, middle=lambda points: points.mean(axis=0)):
    return np.array([middle(X[labels == j]) if (labels == j).any() else c for j, c in enumerate(centres)])


@mistake(
    "kmeans_step",
    hints=(
        "Take the points 0, 1 and 5 in one cluster. Where is your centre?",
        "k-means lowers the sum of squares. Which number lowers it: the median or the mean?",
        "Use the mean of each coordinate.",
    ),
)
def median_of_the_points(X, centres):
    """Your centres are medians: this is k-medians. The mean makes the sum of squared distances smallest."""
    _expect_centres(X, centres)
    labels = _nearest(X, centres)
    return labels, _move(X, labels, centres, lambda points: np.median(points, axis=0))


@mistake(
    "kmeans_step",
    hints=(
        "Give a centre no point. What do you return for it?",
        "The mean of no points is 0 / 0.",
        "Keep the old centre if its cluster is empty.",
    ),
)
def empty_cluster_is_nan(X, centres):
    """A centre without points becomes NaN, the mean of nothing. It should stay where it is. Check your line for an empty
    cluster."""
    _expect_centres(X, centres)
    labels = _nearest(X, centres)
    with np.errstate(all="ignore"):
        return labels, np.array([X[labels == j].sum(axis=0) / (labels == j).sum() for j in range(len(centres))])


@mistake(
    "kmeans_step",
    hints=(
        "Give a centre no point. Where does it go?",
        "It should not jump to the origin.",
        "Start from a copy of the old centres, and move only those with points.",
    ),
)
def empty_cluster_to_zero(X, centres):
    """A centre without points jumps to the origin. It should stay where it is. Look at the array that you fill."""
    _expect_centres(X, centres)
    labels = _nearest(X, centres)
    return labels, _move(X, labels, np.zeros_like(centres))


@mistake(
    "kmeans_step",
    hints=(
        "Take the points -4, 3, 4 and the centres 0, 7.5. Which centre is nearest to 3 before the step, and which after it?",
        "The labels are those that the means were taken of.",
        "Return the labels that you computed first.",
    ),
)
def labels_of_the_new_centres(X, centres):
    """Your labels belong to the new centres. The step labels the points first, by the old centres, and then moves the
    centres. Look at which centres your labels use."""
    _expect_centres(X, centres)
    moved = _move(X, _nearest(X, centres), centres)
    return _nearest(X, moved), moved


@mistake(
    "kmeans_step",
    hints=(
        "Take the point (0, 0) and the centres (3, 3) and (0, 5). Which is nearer?",
        "The distance is Euclidean: squares, not absolute values.",
        "Sum the squared differences.",
    ),
)
def absolute_differences(X, centres):
    """You measure distance by absolute differences, so that a point may choose another centre than the nearest. Sum
    squares of the differences."""
    _expect_centres(X, centres)
    labels = np.abs(X[:, None, :] - centres).sum(axis=2).argmin(axis=1)
    return labels, _move(X, labels, centres)


@mistake(
    "kmeans_step",
    hints=(
        "Add 1e8 to all points and centres. Do the labels change? Should they?",
        "Near 1e8, the squares are near 1e16, and float64 has 16 digits.",
        "Subtract first, then square.",
    ),
)
def expanded_square(X, centres):
    """You expand the square, |x|^2 - 2 x . c + |c|^2. Far from the origin the large terms cancel, and with them all
    digits of the distance. Subtract before you square."""
    _expect_centres(X, centres)
    distances = (X**2).sum(axis=1)[:, None] - 2 * X @ centres.T + (centres**2).sum(axis=1)
    labels = distances.argmin(axis=1)
    return labels, _move(X, labels, centres)


@mistake(
    "kmeans_step",
    hints=(
        "Take the point 1 and the centres 0 and 2. Which label do you give?",
        "With `<=`, a later centre wins a tie.",
        "`argmin` takes the first of equal entries.",
    ),
)
def last_of_equal_centres(X, centres):
    """A point between two centres takes the last of them; it should take the first. Look at how you compare
    distances."""
    _expect_centres(X, centres)
    labels = len(centres) - 1 - _nearest(X, centres[::-1])
    return labels, _move(X, labels, centres)


@mistake(
    "kmeans_step",
    hints=(
        "Print the centres before and after a call.",
        "An assignment to `centres[j]` changes the array of the caller.",
        "Write the means into a copy.",
    ),
)
def centres_changed(X, centres):
    """Your result is right, but you write the means into the caller's `centres`. Make a copy first."""
    _expect_centres(X, centres)
    labels = _nearest(X, centres)
    centres[:] = _move(X, labels, centres)
    return labels, centres.copy()


@mistake(
    "kmeans_step",
    hints=(
        "Call it with centres of another number of columns, and with no centres.",
        "Numpy stretches an array with one column over all columns.",
        "Compare the shapes, and raise a ValueError that names `centres`.",
    ),
)
def nothing_refused(X, centres):
    """You accept centres that do not fit the points. With one column, numpy stretches them without an error. The docstring
    lists the arguments that must raise a ValueError."""
    labels = (
        _nearest(X, centres[:, : X.shape[1]] if centres.shape[1] > 1 else centres) if len(centres) else np.zeros(len(X))
    )
    return labels, centres.copy() if centres.shape[1] != X.shape[1] else _move(X, labels, centres)
