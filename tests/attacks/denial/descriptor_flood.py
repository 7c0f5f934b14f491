"""Opens files until there are no descriptors left."""

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "descriptor limit"
SUCCEEDS_IN = ["wide limits"]
THERE = {"mean": ("passed", 1.25)}


def mean(x):
    opened = [open("/dev/null", "rb") for _ in range(200)]  # noqa: SIM115
    return float(x.mean()) * bool(opened)
