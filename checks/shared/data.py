"""What `grade doctor` says of the course's data."""

from grader.toolkit.verdicts import DataError

from . import mnist

Finding = tuple[str, bool | None, str]  # what, whether it is right, and more of it


def findings() -> list[Finding]:
    """The four files of MNIST, checksums compared; an absent file is no fault, since it is downloaded when it is first needed."""
    try:
        checksums = mnist.checksums()
    except DataError as error:
        return [("MNIST", False, str(error))]
    found: list[Finding] = []
    for item in checksums:
        if item.found is None:
            found.append((item.name, None, "not here: downloaded when it is first needed"))
        else:
            right = item.found == item.expected
            text = f"MD5 {item.found}" if right else f"MD5 {item.found}, expected {item.expected}: git checkout -- data"
            found.append((item.name, right, text))
    return [*found, ("cache", None, str(mnist.cache_folder()))]
