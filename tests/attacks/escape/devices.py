"""Opens devices and kernel files: shared memory, the log, the memory, the disks."""

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "seccomp or Landlock"
SUCCEEDS_IN = ["no confinement"]
THERE = {"mean": ("passed", 1.25)}


def mean(x):
    for name in ("/dev/mem", "/dev/kmsg", "/dev/fuse", "/dev/kvm", "/dev/ptmx", "/dev/full", "/sys/kernel/vmcoreinfo"):
        try:
            with open(name, "rb"):
                return float(x.mean())
        except OSError:
            continue
    return 0.0
