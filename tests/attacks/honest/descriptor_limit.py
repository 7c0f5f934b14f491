"""Opens a few files and forgets to close them."""

EXPECTED = {"mean": ("passed", 1.25)}
STOPPED_BY = "descriptor limit"

OPENED = [open("/dev/null", "w") for _ in range(20)]  # noqa: SIM115


def mean(x):
    return float(x.mean())
