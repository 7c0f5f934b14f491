"""Findings of `grade doctor` about the course's data."""

from grader.toolkit.verdicts import DataError

from . import mnist

Finding = tuple[str, bool | None, str]  # subject, whether it is right, details


def findings() -> list[Finding]:
    """Compare the checksums of the four MNIST files. A missing file is not an error: it is downloaded on first use."""
    try:
        checksums = mnist.checksums()
    except DataError as error:
        return [("MNIST", False, str(error))]
    found: list[Finding] = []
    for item in checksums:
        if item.found is None:
            found.append((item.name, None, "missing: downloaded on first use"))
        else:
            right = item.found == item.expected
            text = f"MD5 {item.found}" if right else f"MD5 {item.found}, expected {item.expected}: git checkout -- data"
            found.append((item.name, right, text))
    return [*found, ("cache", None, str(mnist.cache_folder()))]
