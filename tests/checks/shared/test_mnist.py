"""MNIST: verified, extracted once, then mapped; real files and real processes."""

import gzip
import http.server
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from tests.course_parts import course_module
from tests.paths import ROOT

mnist = course_module("shared.mnist")


DATA = ROOT / "data"

# Each child says "ready", waits for its standard input to close, then loads: so all of them load at the same time.
LOAD = """
import json, sys, zlib
{before}
from checks.shared import mnist
print("ready", flush=True)
sys.stdin.read()
train, test = mnist.train(), mnist.test()
arrays = [train.images, train.labels, test.images, test.labels]
print(json.dumps({{
    "shapes": [list(array.shape) for array in arrays],
    "sums": [zlib.crc32(array) for array in arrays],
    "torchvision": "torchvision" in sys.modules,
    "torch": "torch" in sys.modules,
}}))
"""
WITHOUT_LOCK = """
if sys.platform != "win32":
    import fcntl
    fcntl.flock = lambda *_: None
"""


def load_in_processes(count: int, cache: Path, source: Path = DATA, before: str = "") -> list[dict[str, object]]:
    """Start `count` processes that load MNIST at the same time; what each of them saw."""
    environment = os.environ | {"GRADE_CACHE": str(cache), "GRADE_DATA": str(source), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", LOAD.format(before=before)]
    processes = [
        subprocess.Popen(
            command, env=environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        for _ in range(count)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.close()
        process.stdin = None  # else `communicate` would flush it
    outputs = [process.communicate() for process in processes]
    assert [process.returncode for process in processes] == [0] * count, outputs
    return [json.loads(output) for output, _ in outputs]


def snapshot(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Every file and folder below: its time of change, and its bytes."""
    return {
        str(path.relative_to(folder)): (path.stat().st_mtime_ns, path.read_bytes() if path.is_file() else b"")
        for path in (folder, *folder.rglob("*"))
    }


@dataclass(frozen=True)
class FirstUse:
    """Ten processes that started on an empty cache: what they saw, the cache, and the data before and after."""

    seen: list[dict[str, object]]
    cache: Path
    before: dict[str, tuple[int, bytes]]
    after: dict[str, tuple[int, bytes]]


@pytest.fixture(scope="module")
def first_use(tmp_path_factory: pytest.TempPathFactory) -> FirstUse:
    folder = tmp_path_factory.mktemp("first-use")
    source = Path(shutil.copytree(DATA, folder / "checkout" / "data"))
    before = snapshot(folder / "checkout")
    seen = load_in_processes(10, folder / "cache", source)
    return FirstUse(seen, folder / "cache", before, snapshot(folder / "checkout"))


@pytest.fixture
def prepared(first_use: FirstUse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of arrays in a prepared cache of the test's own."""
    monkeypatch.setenv("GRADE_CACHE", str(tmp_path / "prepared"))
    shutil.copytree(first_use.cache, tmp_path / "prepared")
    return mnist.cache_folder()


@pytest.fixture
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A GRADE_CACHE where nothing has been prepared."""
    monkeypatch.setenv("GRADE_CACHE", str(tmp_path / "empty"))
    return tmp_path / "empty"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A copy of the data that a test may damage."""
    return Path(shutil.copytree(DATA, tmp_path / "course" / "data"))


@pytest.fixture
def mirror(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """torchvision's mirror is a server on this machine that holds the four files."""
    from torchvision.datasets import MNIST

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    handler = partial(Quiet, directory=str(DATA / "MNIST" / "raw"))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        monkeypatch.setenv("no_proxy", "*")
        monkeypatch.setattr(MNIST, "mirrors", [f"http://127.0.0.1:{server.server_port}/"])
        yield
        server.shutdown()
        thread.join()


def original(name: str, header: int) -> np.ndarray:
    """The bytes behind the IDX header, read without torchvision."""
    return np.frombuffer(gzip.decompress((DATA / "MNIST" / "raw" / name).read_bytes()), np.uint8, offset=header)


def test_our_checksums_are_those_of_torchvision() -> None:
    from torchvision.datasets import MNIST

    assert [(file.name, file.md5) for file in mnist.FILES] == MNIST.resources


@pytest.mark.slow
def test_ten_processes_that_start_together_on_an_empty_cache_see_the_same_data(first_use: FirstUse) -> None:
    assert first_use.seen[0]["shapes"] == [[60000, 28, 28], [60000], [10000, 28, 28], [10000]]
    assert all(seen["sums"] == first_use.seen[0]["sums"] for seen in first_use.seen)


@pytest.mark.slow
def test_one_of_the_ten_prepares_and_the_others_wait(first_use: FirstUse) -> None:
    preparing = [seen["torchvision"] for seen in first_use.seen].count(True)
    assert preparing == 1 or (sys.platform == "win32" and preparing > 1)  # no flock there


@pytest.mark.slow
def test_nothing_but_the_arrays_is_left_in_the_cache(first_use: FirstUse) -> None:
    left = {path.name for path in (first_use.cache / mnist.CACHE_FOLDER).iterdir()}
    assert left == {"train-images.npy", "train-labels.npy", "t10k-images.npy", "t10k-labels.npy", "lock"}


def test_the_checkout_is_not_written_to(first_use: FirstUse) -> None:
    assert first_use.after == first_use.before


@pytest.mark.slow
def test_losing_the_race_without_a_lock_is_harmless(first_use: FirstUse, tmp_path: Path) -> None:
    seen = load_in_processes(2, tmp_path / "cache", before=WITHOUT_LOCK)
    assert [one["torchvision"] for one in seen] == [True, True]
    assert [one["sums"] for one in seen] == [first_use.seen[0]["sums"]] * 2


def test_the_arrays_are_the_original_bytes(prepared: Path) -> None:
    train, test = mnist.train(), mnist.test()
    assert train.labels[:5].tolist() == [5, 0, 4, 1, 9]
    assert test.labels[:5].tolist() == [7, 2, 1, 0, 4]
    assert np.array_equal(train.images.reshape(-1), original("train-images-idx3-ubyte.gz", 16))
    assert np.array_equal(train.labels, original("train-labels-idx1-ubyte.gz", 8))
    assert np.array_equal(test.images.reshape(-1), original("t10k-images-idx3-ubyte.gz", 16))
    assert np.array_equal(test.labels, original("t10k-labels-idx1-ubyte.gz", 8))


def test_the_arrays_are_mapped_and_read_only(prepared: Path) -> None:
    split = mnist.train()
    for array in (split.images, split.labels):
        assert isinstance(array, np.memmap)
        assert array.dtype == np.uint8
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1


def test_a_prepared_cache_is_used_without_torch_and_without_the_data(prepared: Path, tmp_path: Path) -> None:
    (seen,) = load_in_processes(1, prepared.parent, source=tmp_path / "nowhere")
    assert (seen["torch"], seen["torchvision"]) == (False, False)


def truncate(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def lengthen(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\0")


def empty(path: Path) -> None:
    path.write_bytes(b"")


def zero(path: Path) -> None:
    path.write_bytes(bytes(path.stat().st_size))


def save_another_shape(path: Path) -> None:
    np.save(path, np.load(path).reshape(60, 1000))  # of the same size


def save_another_dtype(path: Path) -> None:
    np.save(path, np.load(path).view(np.int8))


@pytest.mark.parametrize(
    "damage", [truncate, lengthen, empty, zero, save_another_shape, save_another_dtype, Path.unlink]
)
def test_a_damaged_cache_is_rebuilt(prepared: Path, damage: Callable[[Path], None]) -> None:
    path = prepared / "train-labels.npy"
    sound = path.read_bytes()
    damage(path)
    assert np.array_equal(mnist.train(DATA).labels, original("train-labels-idx1-ubyte.gz", 8))
    assert path.read_bytes() == sound


def test_a_rebuilt_array_takes_the_place_of_the_old_file_and_does_not_change_it_under_a_reader(prepared: Path) -> None:
    path = prepared / "train-labels.npy"
    zero(path)
    with path.open("rb") as reader:
        mnist.prepare(DATA)
        assert reader.read() == bytes(60_128)


def test_what_killed_processes_left_in_the_cache_is_removed_but_not_the_work_of_live_ones(prepared: Path) -> None:
    abandoned, live = prepared / "preparing-abandoned", prepared / "preparing-live"
    for folder in (abandoned, live):
        folder.mkdir()
        (folder / "half.npy").write_bytes(b"half")
    os.utime(abandoned, (0, 0))
    (prepared / "t10k-labels.npy").unlink()
    mnist.prepare(DATA)
    assert (abandoned.exists(), live.exists()) == (False, True)


def flip_a_byte(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)


@pytest.mark.parametrize("damage", [flip_a_byte, truncate, empty])
@pytest.mark.usefixtures("mirror")
def test_a_corrupt_file_is_named_with_both_checksums_and_the_way_out(
    source: Path, empty_cache: Path, damage: Callable[[Path], None]
) -> None:
    path = source / "MNIST" / "raw" / "t10k-images-idx3-ubyte.gz"
    damage(path)
    found = {checksum.name: checksum.found for checksum in mnist.checksums(source)}[path.name]
    with pytest.raises(mnist.DataError) as caught:
        mnist.prepare(source)
    message = str(caught.value)
    assert str(path) in message
    assert "9fb629c4189551a2d022fa330f9573f3" in message
    assert found is not None
    assert found in message
    assert f"git -C {source.parent} checkout -- data" in message
    assert not list(empty_cache.rglob("*.npy"))


def test_checksums_tell_a_right_file_from_a_corrupt_and_a_missing_one(source: Path) -> None:
    raw = source / "MNIST" / "raw"
    (raw / "train-images-idx3-ubyte.gz").unlink()
    (raw / "train-labels-idx1-ubyte.gz").write_bytes(b"")
    images, labels, *rest = mnist.checksums(source)
    assert images == ("train-images-idx3-ubyte.gz", "f68b3c2dcbeaaa9fbdd348bbdeb94873", None)
    assert labels.found == "d41d8cd98f00b204e9800998ecf8427e"  # the MD5 sum of nothing
    assert all(checksum.found == checksum.expected for checksum in rest)


@pytest.mark.usefixtures("mirror", "empty_cache")
def test_missing_files_are_downloaded_and_the_source_stays_as_it_was(source: Path) -> None:
    (source / "MNIST" / "raw" / "train-labels-idx1-ubyte.gz").unlink()
    before = snapshot(source)
    assert np.array_equal(mnist.train(source).labels, original("train-labels-idx1-ubyte.gz", 8))
    assert snapshot(source) == before


@pytest.mark.slow
def test_no_data_and_no_network_says_what_to_do(tmp_path: Path) -> None:
    for name in ("grader", "checks"):
        shutil.copytree(ROOT / name, tmp_path / "kit" / name, ignore=shutil.ignore_patterns("__pycache__"))
    environment = os.environ | {"GRADE_CACHE": str(tmp_path / "cache"), "PYTHONPATH": str(tmp_path / "kit")}
    environment = environment | {"no_proxy": "*", "GRADE_DATA": ""}
    with socket.socket() as unreachable:  # bound, but not listening: every connection is refused at once
        unreachable.bind(("127.0.0.1", 0))
        program = (
            "from torchvision.datasets import MNIST\n"
            f"MNIST.mirrors = ['http://127.0.0.1:{unreachable.getsockname()[1]}/']\n"
            "from checks.shared import mnist\n"
            "try: mnist.train()\n"
            "except mnist.DataError as error: print(error)\n"
        )
        command = [sys.executable, "-c", program]
        done = subprocess.run(command, cwd=tmp_path, env=environment, text=True, capture_output=True, check=True)
    for part in (
        "could not be downloaded",
        "t10k-labels-idx1-ubyte.gz",
        "refused",
        "git checkout -- data",
        "GRADE_DATA",
    ):
        assert part in done.stdout
    assert not list((tmp_path / "cache").rglob("*.npy"))


def test_a_cache_that_cannot_be_written_names_the_variable_to_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("GRADE_CACHE", str(tmp_path / "file"))
    with pytest.raises(mnist.DataError, match="GRADE_CACHE") as caught:
        mnist.train(DATA)
    assert str(tmp_path / "file") in str(caught.value)


@pytest.mark.slow
def test_where_the_users_cache_folder_cannot_be_written_a_temporary_folder_is_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()  # below which there can be no folder, even for root
    (tmp_path / "temporary").mkdir()
    monkeypatch.delenv("GRADE_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    assert mnist.prepare().is_relative_to(tmp_path / "temporary")
    assert len(mnist.train().labels) == 60_000


def test_without_grade_cache_the_arrays_belong_in_the_users_cache_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    import platformdirs

    monkeypatch.delenv("GRADE_CACHE", raising=False)
    assert mnist.cache_folder().parent == platformdirs.user_cache_path("grade-descent", appauthor=False)


def test_the_data_is_the_course_s_own_unless_grade_data_says_otherwise(
    source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GRADE_DATA", raising=False)
    (source.parent / "exercises").mkdir(parents=True)
    (source.parent / "checks").mkdir(parents=True)
    monkeypatch.chdir(source.parent / "exercises")
    assert mnist.find_source() == DATA
    monkeypatch.setenv("GRADE_DATA", str(source))
    assert mnist.find_source() == source


@pytest.mark.usefixtures("empty_cache")
def test_a_source_without_the_files_folder_is_an_error_and_not_a_download(tmp_path: Path) -> None:
    with pytest.raises(mnist.DataError, match="MNIST/raw") as caught:
        mnist.prepare(tmp_path / "tpyo")
    assert str(tmp_path / "tpyo") in str(caught.value)
