"""What `grade doctor` says of the layers is what a worker of this machine reports."""

import platform

import pytest

from grader.sandbox.confinement import landlock
from grader.service.self_test import sandbox_findings
from tests.attacks.configurations import COURSE


def test_the_layers_are_named_with_the_kernel_s_version_and_what_they_do():
    found = {finding.name: finding for finding in sandbox_findings(COURSE)}
    assert platform.release() in found["kernel"].text
    assert f"ABI {landlock.abi()}" in found["files"].text or not landlock.abi()
    assert "every kind of socket" in found["network"].text
    assert "2048 MiB of memory" in found["limits"].text
    assert any(
        words in found["scratch"].text for words in ("as much as it asks for", "Landlock ABI", "cannot be made here")
    )
    assert [name for name, finding in found.items() if finding.ok is False] == []


@pytest.mark.slow
def test_a_plain_worker_is_said_to_be_confined_by_nothing():
    found = {finding.name: finding for finding in sandbox_findings(COURSE, "plain")}
    assert {name for name, finding in found.items() if finding.ok is False} == {
        "files",
        "network",
        "system calls",
        "privileges",
    }
    assert "memory" not in found["limits"].text
