"""Mistakes in normalize_images."""

from grader.toolkit.mistakes import mistake


def _expect_std(std):
    if not std > 0:
        raise ValueError("std must be greater than 0")


@mistake(
    "normalize_images",
    hints=(
        "What does a white pixel, 255, become? Compute it by hand, then with your function.",
        "The mean grey value is 0.1307. On which scale: from 0 to 255, or from 0 to 1?",
        "Divide the pixels by 255 first, before you subtract the mean.",
    ),
)
def bytes_not_scaled(images, mean=0.1307, std=0.3081):
    """You subtract the mean from pixels on the scale from 0 to 255. Mean and standard deviation belong to the scale
    where white is 1, so white becomes a number above 800 instead of about 2.8, and the inputs of the first layer are
    255 times too far apart. Look at the first operation in the formula."""
    _expect_std(std)
    return ((images.float() - mean) / std).flatten(1)


@mistake(
    "normalize_images",
    hints=(
        "What does a pixel that equals the mean become? It should be 0.",
        "Which operation comes first in the formula, and what does the fraction bar cover?",
        "Subtract the mean from the scaled pixel, and divide that difference by the standard deviation.",
    ),
)
def std_before_mean(images, mean=0.1307, std=0.3081):
    """You divide by the standard deviation before you subtract the mean. The mean was measured before that division, so
    it no longer fits, and the mean of the pixels is not 0. Compare the order with the formula."""
    _expect_std(std)
    return (images.float() / 255 / std - mean).flatten(1)


@mistake(
    "normalize_images",
    hints=(
        "What does your function return for a black image? And for an image in which each pixel equals the mean?",
        "The mean is between 0 and 1, so the pixels must be between 0 and 1 when you subtract it.",
        "Scale first: divide by 255, and only then subtract the mean.",
    ),
)
def mean_taken_from_bytes(images, mean=0.1307, std=0.3081):
    """You subtract the mean from pixels between 0 and 255, and divide by 255 afterwards. Compared with 255, 0.1307 is
    almost 0: the images are not centred. Look at the order of the steps in the formula."""
    _expect_std(std)
    return ((images.float() - mean) / 255 / std).flatten(1)


@mistake(
    "normalize_images",
    hints=(
        "Compute by hand what a white pixel becomes with mean 0 and std 1.",
        "The largest byte is 255. By what do you divide it, and what should it become?",
        "There are 256 grey values, but the largest is 255, and 255 must become 1.",
    ),
)
def divided_by_256(images, mean=0.1307, std=0.3081):
    """You divide the pixels by 256. There are 256 grey values, but they run from 0 to 255, and white, 255, must become
    exactly 1. Look at the denominator."""
    _expect_std(std)
    return ((images.float() / 256 - mean) / std).flatten(1)


@mistake(
    "normalize_images",
    hints=(
        "Call your function twice, with std=0.5 and with std=0.25. How should the results differ?",
        "Does your formula use the names of the arguments?",
        "Use the arguments mean and std in the formula; the numbers of MNIST are only the defaults.",
    ),
)
def arguments_ignored(images, mean=0.1307, std=0.3081):
    """Your function always uses 0.1307 and 0.3081 and ignores the arguments mean and std. These numbers belong to MNIST
    and are only the defaults; other images need others. Look at which numbers your formula uses."""
    _expect_std(std)
    return ((images.float() / 255 - 0.1307) / 0.3081).flatten(1)


@mistake(
    "normalize_images",
    hints=(
        "Normalise an image alone, then together with a second image. Should its pixels differ?",
        "Where do your mean and standard deviation come from: from the arguments, or from these images?",
        "Subtract the argument mean and divide by the argument std; measure nothing.",
    ),
)
def measured_statistics(images, mean=0.1307, std=0.3081):
    """You measure mean and standard deviation on the images of this call. Then a pixel's result depends on the other
    images, and training and test images have different scales. Use the arguments mean and std."""
    _expect_std(std)
    pixels = images.float() / 255
    return ((pixels - pixels.mean()) / pixels.std()).flatten(1)


@mistake(
    "normalize_images",
    hints=(
        "Print the shape of your result for 3 images. What does the docstring promise?",
        "A linear layer needs a row of numbers per image. How many numbers?",
        "Join the 28 lines of each image to one row, and keep the first axis.",
    ),
)
def images_not_flattened(images, mean=0.1307, std=0.3081):
    """You return square images, (n, 28, 28). The result must have a row of 784 numbers per image. Compare the shape of
    your result with the docstring."""
    _expect_std(std)
    return (images.float() / 255 - mean) / std


@mistake(
    "normalize_images",
    hints=(
        "Print the shape of your result for 3 images. Where does the second image start?",
        "Which axes should become one, and which should stay?",
        "Flatten from the second axis on; the first axis counts the images.",
    ),
)
def all_images_in_one_row(images, mean=0.1307, std=0.3081):
    """You flatten all axes, so the pixels of all images form one long row. The first axis counts the images and must
    stay: (n, 784). Look at which axes you flatten."""
    _expect_std(std)
    return ((images.float() / 255 - mean) / std).flatten()


@mistake(
    "normalize_images",
    hints=(
        "Print the dtype of your result. What does the docstring promise?",
        "Bytes must become floating-point numbers somewhere. To which dtype do you convert them?",
        "Convert to float32, before you calculate or at the end.",
    ),
)
def float64_images(images, mean=0.1307, std=0.3081):
    """Your result is float64. The weights of a network are float32 by default, and torch refuses to multiply the two.
    Look at the dtype in the docstring, and at the line that sets yours."""
    _expect_std(std)
    return ((images.double() / 255 - mean) / std).flatten(1)


@mistake(
    "normalize_images",
    hints=(
        "Call your function with std=-0.5 and with std=0. What does it return?",
        "The docstring lists which values raise an error, and which error.",
        "Before you calculate, raise a ValueError that names std if it is not greater than 0.",
    ),
)
def std_not_checked(images, mean=0.1307, std=0.3081):
    """Your function accepts any standard deviation, even a negative number, which turns black into white, and then
    returns meaningless pixels. Before you calculate, raise the error that the docstring lists under Raises."""
    return ((images.float() / 255 - mean) / std).flatten(1)


@mistake(
    "normalize_images",
    hints=(
        "Call your function with std=0. What does it return?",
        "What is the smallest standard deviation that you accept? Can you divide by it?",
        "Refuse zero in the same way as a negative number.",
    ),
)
def zero_std_accepted(images, mean=0.1307, std=0.3081):
    """You refuse a negative standard deviation, but accept zero. Division by zero fills the result with infinite
    numbers, and training fails much later. Look at the limit in your condition."""
    if std < 0:
        raise ValueError("std must be greater than 0")
    return ((images.float() / 255 - mean) / std).flatten(1)


@mistake(
    "normalize_images",
    hints=(
        "Put one white pixel into the first line of a black image, at place 3. At which place of your row is it?",
        "A row holds the 28 lines of an image one after the other. Does yours hold its columns?",
        "Flatten the images as they are, without exchanging two axes.",
    ),
)
def images_transposed(images, mean=0.1307, std=0.3081):
    """Your images are transposed: a row of your result holds the columns of an image one after the other, not its lines. A
    network trained on such rows reads no others. Look at where you exchange two axes."""
    _expect_std(std)
    return ((images.float() / 255 - mean) / std).mT.flatten(1)


@mistake(
    "normalize_images",
    hints=(
        "Make one black and one white image. Is the first row of your result black?",
        "A reshape goes through the numbers in their order. Which of them end up in one row?",
        "Give each image its own row: keep the first axis, and flatten the others.",
    ),
)
def images_mixed(images, mean=0.1307, std=0.3081):
    """The shape is right, but the pixels of different images are mixed: you reshape to (784, n) and transpose. A reshape
    does not move an axis: it keeps the order of the numbers, and only cuts them at other places. Keep the first axis, and
    flatten the others."""
    _expect_std(std)
    return ((images.float() / 255 - mean) / std).reshape(784, -1).T


@mistake(
    "normalize_images",
    hints=(
        "Print the shape of your result for 3 images. What does the docstring promise?",
        "Which of the two axes counts the images?",
        "Give each image a row, not a column.",
    ),
)
def images_in_columns(images, mean=0.1307, std=0.3081):
    """You return (784, n): each image is a column. The result must have a row per image, (n, 784). Look at which axis you keep
    first."""
    _expect_std(std)
    return ((images.float() / 255 - mean) / std).flatten(1).T


@mistake(
    "normalize_images",
    hints=(
        "Normalise a black image together with a grey one. Does the result of the grey one depend on its brightness?",
        "Which number is white in every image? Is it in the batch?",
        "Divide by 255, and not by the largest pixel that you find.",
    ),
)
def divided_by_the_brightest(images, mean=0.1307, std=0.3081):
    """You divide by the brightest pixel of the batch in place of 255. Then the same image becomes other inputs in another batch,
    and a dark batch looks bright. White is 255 in every image: check your first divisor."""
    _expect_std(std)
    pixels = images.float()
    return ((pixels / pixels.max() - mean) / std).flatten(1)


@mistake(
    "normalize_images",
    hints=(
        "Print the smallest and the largest number of your result. Which ones do the formula's pixels 0 and 255 give?",
        "Is there a limit in the formula after the division by std?",
        "Leave out the limit: normalised pixels may be negative, and larger than 1.",
    ),
)
def limited_to_zero_and_one(images, mean=0.1307, std=0.3081):
    """You cut off the normalised pixels at 0 and 1. Dark pixels are negative after the mean is subtracted, and lose their
    differences in this way. The formula has no limits."""
    _expect_std(std)
    return ((images.float() / 255 - mean) / std).flatten(1).clamp(0, 1)


@mistake(
    "normalize_images",
    hints=(
        "Which mean do you subtract: the argument, or one of your images?",
        "Would a bright and a dark image be equal after your function?",
        "Subtract the argument `mean` from all pixels.",
    ),
)
def mean_of_each_image(images, mean=0.1307, std=0.3081):
    """You subtract the mean of each image, and not the argument `mean`. Then a bright image looks like a dark one."""
    _expect_std(std)
    pixels = images.float().flatten(1) / 255
    return (pixels - pixels.mean(dim=1, keepdim=True)) / std


@mistake(
    "normalize_images",
    hints=(
        "Which value of a pixel becomes 0 in your function?",
        "Which of the two arguments does the formula subtract?",
        "Subtract `mean` first, and divide by `std`.",
    ),
)
def mean_and_std_exchanged(images, mean=0.1307, std=0.3081):
    """You subtract `std` and divide by `mean`: the two are exchanged."""
    _expect_std(std)
    return ((images.float() / 255 - std) / mean).flatten(1)


@mistake(
    "normalize_images",
    hints=(
        "Which value of a pixel becomes 0 in your function? It should be that of the mean.",
        "Should the mean of the result be near 0, or twice as large as before?",
        "Subtract the mean.",
    ),
)
def mean_added(images, mean=0.1307, std=0.3081):
    """You add `mean` in place of subtracting it, so the inputs lie farther from 0 than before. Look at the sign."""
    _expect_std(std)
    return ((images.float() / 255 + mean) / std).flatten(1)


@mistake(
    "normalize_images",
    hints=(
        "The standard deviation of the inputs is 0.3. What is it after your function?",
        "Does the formula multiply by `std`, or divide?",
        "Divide the difference by `std`.",
    ),
)
def multiplied_by_std(images, mean=0.1307, std=0.3081):
    """You multiply by `std`. Then numbers with a small spread get a smaller one still. The formula divides, so that the spread
    becomes 1."""
    _expect_std(std)
    return ((images.float() / 255 - mean) * std).flatten(1)


@mistake(
    "normalize_images",
    hints=(
        "Normalise an image alone, and again together with another. Are the results equal?",
        "Over which axis do you take a mean?",
        "Subtract the argument `mean`, one number for all pixels.",
    ),
)
def mean_of_each_pixel(images, mean=0.1307, std=0.3081):
    """You subtract from each pixel its mean over the images of this call. Then the result for an image depends on the others. Use
    the argument `mean`, one number for all pixels."""
    _expect_std(std)
    rows = images.float().flatten(1) / 255
    return (rows - rows.mean(dim=0)) / std


@mistake(
    "normalize_images",
    hints=(
        "What is 100 // 255? And 100 / 255?",
        "How many different numbers does your result have?",
        "Convert to float32 before you divide, and divide with `/`.",
    ),
)
def divided_without_remainder(images, mean=0.1307, std=0.3081):
    """You divide the bytes by 255 without a remainder, so each pixel becomes 0, and only white becomes 1: all grey is lost.
    Convert to float before the division, or use `/`."""
    _expect_std(std)
    return (((images // 255).float() - mean) / std).flatten(1)


@mistake(
    "normalize_images",
    hints=(
        "What does a black pixel become before you subtract the mean? And a white one?",
        "The mean grey value of MNIST is 0.1307. On which scale can that be: from -1 to 1, or from 0 to 1?",
        "Divide by 255, and subtract nothing but the mean.",
    ),
)
def scaled_to_minus_one(images, mean=0.1307, std=0.3081):
    """You scale the pixels to [-1, 1] before you subtract the mean. `mean` and `std` belong to the scale from 0 to 1, so your
    inputs are too small and lie too far apart. Look at how you scale the bytes."""
    _expect_std(std)
    return ((images.float() / 127.5 - 1 - mean) / std).flatten(1)


@mistake(
    "normalize_images",
    hints=(
        "Normalise an image alone, then together with a second image. Should its pixels differ?",
        "Where do your mean and standard deviation come from: from the arguments, or from these images?",
        "Subtract the argument mean and divide by the argument std; measure nothing.",
    ),
)
def measured_statistics_and_a_small_number(images, mean=0.1307, std=0.3081):
    """You measure mean and standard deviation on the images of this call, and add a small number to the standard deviation.
    Then a pixel's result depends on the other images of the call. Use the arguments mean and std."""
    _expect_std(std)
    pixels = images.float() / 255
    return ((pixels - pixels.mean()) / (pixels.std(correction=0) + 1e-8)).flatten(1)


@mistake(
    "normalize_images",
    hints=(
        "Normalise an image alone, then together with a second image. Should its pixels differ?",
        "Where do your mean and standard deviation come from: from the arguments, or from these images?",
        "Subtract the argument mean and divide by the argument std; measure nothing.",
    ),
)
def measured_statistics_of_a_population(images, mean=0.1307, std=0.3081):
    """You measure mean and standard deviation on the images of this call, without Bessel's correction. Then a pixel's result
    depends on the other images of the call. Use the arguments mean and std."""
    _expect_std(std)
    pixels = images.float() / 255
    return ((pixels - pixels.mean()) / pixels.std(correction=0)).flatten(1)
