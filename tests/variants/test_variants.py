"""Right answers in other styles than ours: to a probe each is what the reference is. That none loses a point, `grade audit` sees.

Each file is a hand-in of its section, untidy as hand-ins are.
"""

from pathlib import Path

import pytest
import torch

from grader.diagnosis.behaviour import behaviour_of, probe_of
from grader.find_course import find_course
from grader.sandbox.calls.local_calls import load_module

FILES = sorted(Path(__file__).parent.glob("section*/*.py"))
LEAST = 4  # of every section


def test_every_section_has_variants():
    found = [path.parent.name for path in FILES]
    assert all(found.count(section.stem) >= LEAST for section in find_course().sections)


@pytest.fixture(autouse=True)
def torchs_own_settings():
    """Hand-ins set what they like, here in this very process."""
    dtype, threads = torch.get_default_dtype(), torch.get_num_threads()
    yield
    torch.set_default_dtype(dtype)
    torch.set_num_threads(threads)


@pytest.mark.slow
@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_a_probe_finds_in_a_variant_what_it_finds_in_the_reference(file):
    section = find_course().find(file.parent.name)
    solution = load_module(section.solution, f"reference_{section.stem}")
    variant = load_module(file, f"variant_{file.stem}")
    for exercise in section.functions:
        probe = probe_of(section, exercise)
        if probe is not None:
            assert list(behaviour_of(probe, variant)) == list(behaviour_of(probe, solution)), exercise
