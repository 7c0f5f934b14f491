"""A shell for each test of the warm process, which ends with it."""

import shutil
import tempfile
from pathlib import Path

import pytest

from tests.warm.shell import Shell


@pytest.fixture
def shell(request):
    folder = Path(tempfile.mkdtemp())  # with a short name: the path of a socket has at most 107 characters
    opened = Shell(folder, getattr(request, "param", "course"))
    yield opened
    opened.close()
    opened.waits_until_gone()  # it ends with its shell
    shutil.rmtree(folder)
