"""Honest code that writes a file, plots, or starts something is told that this cannot be here, and what to do instead."""

import pytest

from grader.sandbox.calls.remedies import FILES, OTHERS
from grader.sandbox.calls.student import Contract
from grader.toolkit.verdicts import StudentError

BODIES = {
    "open to write": ('open("/tmp/x", "w")', FILES),
    "open to write beside it": ('open("losses.txt", "w")', FILES),
    "read what lies beside it": ('open("data.csv")', FILES),
    "read what is there": ('open("/etc/passwd")', FILES),
    "pathlib": ('from pathlib import Path; Path("/tmp/x").write_text("x")', FILES),
    "a folder": ('import os; os.makedirs("/tmp/x/y")', FILES),
    "torch.save": ('import torch; torch.save(torch.ones(1), "/tmp/x.pt")', FILES),
    "torch.load": ('import torch; torch.load("/tmp/x.pt")', FILES),
    "numpy.save": ('import numpy; numpy.save("/tmp/x.npy", numpy.ones(1))', FILES),
    "tempfile": ("import tempfile; tempfile.tempdir = None; tempfile.mkdtemp()", FILES),
    "raised from it": (
        'try: open("/tmp/x", "w")\n    except OSError as error: raise ValueError("no") from error',
        FILES,
    ),
    "subprocess": ('import subprocess; subprocess.run(["ls"])', OTHERS),
    "a loader with workers": (
        "import torch; list(torch.utils.data.DataLoader([1, 2], num_workers=1))",
        OTHERS,
    ),
    "a thread": ("import threading; threading.Thread(target=print).start()", OTHERS),
    "a socket": ("import socket; socket.socket()", OTHERS),
    "a download": ('import urllib.request; urllib.request.urlopen("http://127.0.0.1")', OTHERS),
    "a name that nobody can look up": (
        'import urllib.error; raise urllib.error.URLError("[Errno -3] Temporary failure in name resolution")',
        OTHERS,
    ),
    "its own mistake": ('raise ValueError("no")', ""),
    "a key that is not there": ('{}["x"]', ""),
}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("import torch; torch.nn.cross_entropy", "Did you mean: torch.nn.functional.cross_entropy?"),
        ("lr, learning_rates = 1, 2; learning_rate", "Did you mean: 'lr'?"),
        ("import torch; one_hot(1)", "Did you mean: torch.nn.functional.one_hot?"),
        ("import torch; torch.Linear", "Did you mean: torch.nn.Linear?"),
        ("import torch; torch.linalg.eigvalh", "Did you mean: 'eigvalsh'?"),
        (
            "import torch\n    class A(torch.optim.Optimizer):\n        def __init__(self): self.param_groups\n    A()",
            "Is this line missing in __init__:  super().__init__(params, defaults)",
        ),
    ],
)
def test_a_name_that_is_elsewhere_is_told(submit, body, words):
    with submit(f"def f():\n    {body}").trial(Contract(pytest)) as met, pytest.raises(StudentError) as caught:
        met.student.f()
    assert caught.value.message.endswith(words)


@pytest.mark.parametrize(("body", "words"), BODIES.values(), ids=BODIES.keys())
def test_what_is_refused_is_explained(submit, body, words):
    with submit(f"def f():\n    {body}").trial(Contract(pytest)) as met, pytest.raises(StudentError) as caught:
        met.student.f()
    assert [said for said in (FILES, OTHERS) if said in caught.value.message] == ([words] if words else [])
