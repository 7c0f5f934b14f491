"""Mistakes in normalize_images."""

from grader.toolkit.mistakes import mistake


def _expect_std(std):
    if not std > 0:
        raise ValueError("std must be greater than 0")


@mistake(
    "normalize_images",
    hints=(
        "What does a white pixel, 255, become? Work it out by hand, then ask your function.",
        "On which scale is the mean 0.1307 the mean grey value: from 0 to 255, or from 0 to 1?",
        "Divide the pixels by 255 first, before the mean comes into it.",
    ),
)
def bytes_not_scaled(images, mean=0.1307, std=0.3081):
    """Your pixels are still on the scale from 0 to 255 when the mean is subtracted, and they stay on it. Mean and standard
    deviation belong to the scale where white is 1; so white comes out above 800 instead of near 2.8, and the first layer
    gets inputs that are 255 times too far apart. Look at what the formula does to a pixel before anything else."""
    _expect_std(std)
    return ((images.float() - mean) / std).flatten(1)


@mistake(
    "normalize_images",
    hints=(
        "What does your function make of a pixel that is exactly as grey as the mean? It should be 0.",
        "Which of the two comes first in the formula, and what does the fraction bar reach over?",
        "Subtract the mean from the scaled pixel, and divide that difference by the standard deviation.",
    ),
)
def std_before_mean(images, mean=0.1307, std=0.3081):
    """You divide by the standard deviation before you subtract the mean. Then the mean, which was measured before that
    division, no longer fits: the pixels keep a mean other than 0. Compare the order of the two with the formula."""
    _expect_std(std)
    return (images.float() / 255 / std - mean).flatten(1)


@mistake(
    "normalize_images",
    hints=(
        "What does your function make of a black image? And what of one in which each pixel equals the mean?",
        "The mean is a number between 0 and 1, so what it is subtracted from should be, too.",
        "Scale first: divide by 255, and only then subtract the mean.",
    ),
)
def mean_taken_from_bytes(images, mean=0.1307, std=0.3081):
    """You subtract the mean while the pixels still run from 0 to 255, and divide by 255 after that. Next to a byte, 0.1307
    is next to nothing: the images stay off centre. Look at the order of the steps in the formula."""
    _expect_std(std)
    return ((images.float() - mean) / 255 / std).flatten(1)


@mistake(
    "normalize_images",
    hints=(
        "Work out by hand what a white pixel becomes with mean 0 and std 1.",
        "The largest byte is 255: what do you divide it by, and what should it become?",
        "There are 256 grey values, but the largest of them is 255, and that is the one which becomes 1.",
    ),
)
def divided_by_256(images, mean=0.1307, std=0.3081):
    """You divide the pixels by 256. There are 256 grey values, but they run from 0 to 255, and white, 255, is to become
    exactly 1. Look at the denominator."""
    _expect_std(std)
    return ((images.float() / 256 - mean) / std).flatten(1)


@mistake(
    "normalize_images",
    hints=(
        "Call your function twice, with std=0.5 and with std=0.25. How should the results differ?",
        "Which names does your function use in its formula: those of its arguments?",
        "Use the arguments mean and std in the formula; the numbers of MNIST are only what they are by default.",
    ),
)
def arguments_ignored(images, mean=0.1307, std=0.3081):
    """Your function normalises with 0.1307 and 0.3081 whatever mean and standard deviation it is given. Those are the values
    for MNIST, and only the defaults; other images have others. Look at which numbers enter your formula."""
    _expect_std(std)
    return ((images.float() / 255 - 0.1307) / 0.3081).flatten(1)


@mistake(
    "normalize_images",
    hints=(
        "Normalise an image alone, and then together with a second one. Should its pixels come out differently?",
        "Where do your mean and your standard deviation come from: from the arguments, or from these images?",
        "Subtract the argument mean and divide by the argument std; measure nothing.",
    ),
)
def measured_statistics(images, mean=0.1307, std=0.3081):
    """You measure mean and standard deviation on the images of this call. Then what a pixel becomes depends on which other
    images happen to be there, and training and test images are no longer on one scale. Both numbers are arguments."""
    _expect_std(std)
    pixels = images.float() / 255
    return ((pixels - pixels.mean()) / pixels.std()).flatten(1)


@mistake(
    "normalize_images",
    hints=(
        "Print the shape of what you return for 3 images. What does the docstring promise?",
        "A linear layer wants a row of numbers per image. How many numbers has one?",
        "Make one row of the 28 lines of each image, and keep the first axis as it is.",
    ),
)
def images_not_flattened(images, mean=0.1307, std=0.3081):
    """You return the images as squares, (n, 28, 28). The result is to have one row of 784 numbers per image. Compare the
    shape that you return with the docstring's."""
    _expect_std(std)
    return (images.float() / 255 - mean) / std


@mistake(
    "normalize_images",
    hints=(
        "Print the shape of what you return for 3 images. How can one tell where the second begins?",
        "Which axes are to become one, and which is to stay?",
        "Flatten from the second axis on; the first one counts the images.",
    ),
)
def all_images_in_one_row(images, mean=0.1307, std=0.3081):
    """You flatten all axes, so that the pixels of all images are in one long row. The first axis counts the images and is to
    stay: (n, 784). Look at which axes your flattening joins."""
    _expect_std(std)
    return ((images.float() / 255 - mean) / std).flatten()


@mistake(
    "normalize_images",
    hints=(
        "Print the dtype of what you return. What does the docstring promise?",
        "Bytes have to become floating-point numbers somewhere. To which kind do you convert them?",
        "Convert to float32, before you calculate or at the end.",
    ),
)
def float64_images(images, mean=0.1307, std=0.3081):
    """Your result is in float64. The weights of a network are float32 unless one says otherwise, and torch refuses to
    multiply the two. Look at the dtype that the docstring promises, and at where yours is decided."""
    _expect_std(std)
    return ((images.double() / 255 - mean) / std).flatten(1)


@mistake(
    "normalize_images",
    hints=(
        "Call your function with std=-0.5 and with std=0. What comes back?",
        "The docstring lists what must be refused, and with which exception.",
        "Before you calculate, raise a ValueError that names std if it is not greater than 0.",
    ),
)
def std_not_checked(images, mean=0.1307, std=0.3081):
    """Your function takes any standard deviation, even a negative one, which turns black into white, and then gives numbers
    that look like images and are none. What the docstring lists under Raises must be refused before you calculate."""
    return ((images.float() / 255 - mean) / std).flatten(1)


@mistake(
    "normalize_images",
    hints=(
        "Call your function with std=0. What comes back?",
        "May one divide by the smallest standard deviation that you accept?",
        "Zero must be refused like a negative number.",
    ),
)
def zero_std_accepted(images, mean=0.1307, std=0.3081):
    """You refuse a negative standard deviation, but not zero, and one cannot divide by zero: the result is full of infinite
    numbers, and training fails much later. Look at the edge of your condition."""
    if std < 0:
        raise ValueError("std must be greater than 0")
    return ((images.float() / 255 - mean) / std).flatten(1)
