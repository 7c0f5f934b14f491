"""Imports compiled modules late, loads a system library, and asks for its user and folder."""

import os

EXPECTED = {"mean": ("passed", 1.25)}
STOPPED_BY = "namespaces"


def mean(x):
    import bz2
    import lzma
    import sqlite3

    assert lzma.decompress(lzma.compress(b"x")) == bz2.decompress(bz2.compress(b"x"))
    assert sqlite3.connect(":memory:").execute("select 1").fetchone() == (1,)
    assert os.getpid() > 0
    assert os.getcwd() == "/"
    return float(x.mean())
