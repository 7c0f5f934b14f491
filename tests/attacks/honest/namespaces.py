"""Imports late what is compiled, or loads a library of the system, and trains with what makes torch import its compiler."""

import os

import torch

EXPECTED = {"mean": ("passed", 1.25)}
STOPPED_BY = "namespaces"


def mean(x):
    import bz2
    import lzma
    import sqlite3

    import sympy

    assert lzma.decompress(lzma.compress(b"x")) == bz2.decompress(bz2.compress(b"x"))
    assert sqlite3.connect(":memory:").execute("select 1").fetchone() == (1,)
    assert sympy.sqrt(4) == 2
    w = torch.zeros(1, requires_grad=True)
    (w - 1).square().sum().backward()
    torch.optim.SGD([w], lr=0.1).step()
    assert os.getpid() > 0
    return float(torch.func.vmap(lambda row: row * 1.0)(x).mean())
