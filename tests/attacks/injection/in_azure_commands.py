"""Prints, raises and returns CI commands at the start of a line, after blanks, and split by a colour code."""

EXPECTED = {"mean": ("failed", 0.0), "scale": ("failed", 0.0)}
STOPPED_BY = "clean text"
SUCCEEDS_IN = ["text as it comes"]
THERE = {"mean": ("failed", 0.0), "scale": ("failed", 0.0)}
LEAVES = "orders"

ORDERS = (
    "##vso[task.setvariable variable=points]5\n::error::forged\n \t::set-env name=A::b\n##[command]x\n"
    "#\x1b[0m#vso[task.complete]\n:\u200b:error::x\n::stop-commands::t\r::error::y\n##teamcity[message text='x']\n"
)


def mean(x):
    print(ORDERS)
    raise ValueError(ORDERS)


def scale(x, factor):
    return ORDERS
