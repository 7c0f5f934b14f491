"""A stage for hostile attempts: hidden and readable files, listening sockets, and a confined child to try them."""

import json
import os
import shutil
import socket
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from grader.sandbox.confinement import layers

NOBODY = 65534
MODULES = ("layers.py", "kernel_support.py", "landlock.py", "scratch.py", "seccomp.py", "syscalls.py")
SYSTEM = ("/lib", "/lib64", "/usr/lib", "/etc/ld.so.cache")


@dataclass(frozen=True)
class Identity:
    """Who runs the attempts: the user before confinement, and the one that the policy drops to."""

    name: str
    uid: int | None = None
    drop_uid: int | None = None

    @property
    def final_uid(self) -> int:
        return next((uid for uid in (self.drop_uid, self.uid) if uid is not None), os.getuid())


AS_STARTED = Identity("as started")
# Another user's attempts need root to begin with; elsewhere "as started" is an ordinary user already.
IDENTITIES = (
    [AS_STARTED, Identity("root dropped to nobody", drop_uid=NOBODY), Identity("nobody from the start", uid=NOBODY)]
    if os.getuid() == 0
    else [AS_STARTED]
)


def python_for(identity: Identity) -> str:
    """Return an interpreter that the identity can read: this one may lie below a private home."""
    folders = [*Path(os.path.realpath(sys.executable)).parents, *Path(sysconfig.get_path("stdlib")).parents]
    public = all(folder.stat().st_mode & 0o001 for folder in folders)
    return sys.executable if public or identity.final_uid == os.getuid() else "/usr/bin/python3"


def finish(child: subprocess.Popen[str]) -> tuple[str, str]:
    """Let the child end and return what it wrote; kill it if it cannot end any more (it has stopped itself)."""
    try:
        return child.communicate("\n", timeout=20)
    except subprocess.TimeoutExpired:
        child.kill()
        return child.communicate()


@dataclass
class Scene:
    """Files below `root`: hidden/ is not granted, open/ is. Everything belongs to the user that attacks it."""

    root: Path
    identity: Identity
    ports: dict[str, Any] = field(default_factory=dict)

    def start(
        self, *groups: str, parent: int | None = None, refuse: tuple[str, int | None, int] | None = None, **policy: Any
    ) -> subprocess.Popen[str]:
        """Start a confined child that runs these groups of attempts, prints, and waits for a line."""
        read = [str(self.root / "open"), os.path.join(sys.base_prefix, "lib"), *SYSTEM]
        defaults = {"memory_bytes": 1 << 30, "cpu_seconds": 60, "output_bytes": 1 << 24, "open_files": 64}
        with open(self.root / "output", "wb") as output:
            config = {
                "groups": groups,
                "uid": self.identity.uid,
                "parent": parent,
                "refuse": refuse,
                "output": output.fileno(),
                "package": str(self.root / "package"),
                "hidden": str(self.root / "hidden"),
                "open": str(self.root / "open"),
                "policy": {"read": read, "drop_uid": self.identity.drop_uid} | defaults | policy,
                **self.ports,
            }
            command = [python_for(self.identity), "-I", str(self.root / "attempts.py"), json.dumps(config)]
            pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
            groups_to_lose = [NOBODY - 1] if self.identity.drop_uid is not None else None
            return subprocess.Popen(
                command, text=True, pass_fds=[output.fileno()], extra_groups=groups_to_lose, **pipes
            )

    def run(self, *groups: str, **policy: Any) -> dict[str, Any]:
        """Return {"layers": ..., "results": {group: {attempt: outcome}}}."""
        out, err = finish(self.start(*groups, **policy))
        assert out, err
        return json.loads(out)

    def snapshot(self) -> dict[str, tuple[Any, ...]]:
        """Every file's mode, owner, size and time of change, by path."""
        paths = [path for folder in ("hidden", "open") for path in (self.root / folder).rglob("*")]
        stats = {str(path): path.lstat() for path in paths}
        return {path: (s.st_mode, s.st_uid, s.st_size, s.st_mtime_ns, s.st_nlink) for path, s in stats.items()}


@contextmanager
def make_scene(identity: Identity = AS_STARTED) -> Iterator[Scene]:
    root = Path(tempfile.mkdtemp(prefix="confinement-"))
    try:
        root.chmod(0o755)
        package = root / "package" / "grader" / "sandbox" / "confinement"
        package.mkdir(parents=True)
        for folder in (package, *package.parents[:2]):
            (folder / "__init__.py").touch()
        for name in MODULES:
            shutil.copy(Path(layers.__file__).with_name(name), package)
        shutil.copy(Path(__file__).with_name("attempts.py"), root)
        for folder in ("hidden", "open"):
            (root / folder).mkdir()
        (root / "hidden" / "secret.txt").write_text("the reference solution")
        (root / "open" / "open.txt").write_text("what anybody may read")
        shutil.copy("/bin/true", root / "open" / "true")
        (root / "open" / "to_secret").symlink_to(root / "hidden" / "secret.txt")
        (root / "open" / "to_hidden").symlink_to(root / "hidden")
        with socket.socket() as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
            tcp.bind(("127.0.0.1", 0))
            udp.bind(("127.0.0.1", 0))
            with socket.socket(socket.AF_UNIX) as path, socket.socket(socket.AF_UNIX) as abstract:
                path.bind(str(root / "hidden" / "socket"))
                abstract.bind(f"\0{root.name}")
                for listener in (tcp, path, abstract):
                    listener.listen()
                for folder in ("hidden", "open"):
                    for file in [root / folder, *(root / folder).iterdir()]:
                        os.chown(file, identity.final_uid, -1, follow_symlinks=False)
                ports = {"tcp": tcp.getsockname()[1], "udp": udp.getsockname()[1], "abstract": f"\0{root.name}"}
                yield Scene(root, identity, ports)
    finally:
        shutil.rmtree(root)
