"""A virtual environment for each peer, by name and version: `python tests/benchmarks/peers/prepare.py [PEER ...]`.

They lie in this user's cache folder, or in the one that PEERS_CACHE names. Everybody has the same torch and numpy as this Python,
so that nobody is quicker by a library.
"""

import os
import subprocess
import sys
import venv
from importlib.metadata import version
from pathlib import Path

import platformdirs

ROOT = Path(__file__).resolve().parents[3]
CACHE = Path(os.environ.get("PEERS_CACHE") or platformdirs.user_cache_path("grade-descent") / "peers")

PACKAGES = {
    "otter": ("otter-grader==7.0.0", "ipykernel==7.4.0"),
    "nbgrader": ("nbgrader==0.9.6", "ipykernel==7.4.0"),
    "check50": ("check50==3.5.0",),
    "gradescope": ("gradescope-utils==0.5.0",),
    "xdist": ("pytest==9.2.0", "pytest-xdist==3.8.0", "pytest-timeout==2.4.0"),
}


def python_of(peer: str) -> Path:
    """The interpreter of a peer's environment, there or not."""
    return CACHE / peer / "bin" / "python"


def environment_of(peer: str) -> dict[str, str]:
    """The variables of a peer's processes: its environment active, and one thread, as two are worth nothing side by side."""
    one = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    return {**os.environ, **one, "PATH": f"{python_of(peer).parent}{os.pathsep}{os.environ['PATH']}"}


def prepare(peer: str) -> None:
    """Make an environment, or bring it to the versions above. What pip says when it fails is kept beside it."""
    folder, log = CACHE / peer, CACHE / f"{peer}.log"
    venv.create(folder, with_pip=True)
    same = [f"{name}=={version(name).partition('+')[0]}" for name in ("torch", "numpy")]
    with log.open("w", encoding="utf-8") as output:
        command = [python_of(peer), "-m", "pip", "install", *same, *PACKAGES[peer]]
        done = subprocess.run(command, stdout=output, stderr=subprocess.STDOUT, check=False)
    state = "ready" if done.returncode == 0 else f"pip failed, see {log}"
    print(f"{peer}: {state}", flush=True)


if __name__ == "__main__":
    for name in sys.argv[1:] or PACKAGES:
        prepare(name)
