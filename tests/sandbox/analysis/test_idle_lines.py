"""Lines that compute something and lose it."""

import ast

from grader.sandbox.analysis import idle_lines

SOURCE = """\
def slips(v, g):
    v == g
    v.mul(2).sub(g)
    v =+ g
    w =+ g
class Net:
    def step(self, p, g):
        p.sub(g)
def right(v, g, out):
    v = +g
    v=+g
    v.add_(g)
    torch.add(v, g, out=out)
    seen = set()
    seen.add(1)
    [].append(v)
    v.backward()
    print(v == g)
"""


def test_each_slip_is_found_and_nothing_else():
    assert idle_lines.read(ast.parse(SOURCE), 5) == {
        "slips": [(2, "compared"), (3, "unused"), (4, "sign")],
        "Net": [(8, "unused")],
    }
