"""Lines that compute something and lose it."""

import ast

import torch  # noqa: F401  # its names tell which methods have a twin that works in place

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
def names(w, params):
    up = w
    up[0] += 1
    for p, q in zip(params, w):
        q = 2 * q
        p = p - q
    return [p for p in params]
def trains(params, batches):
    for X in batches:
        loss(X).backward()
def trains_well(optimizer, batches):
    for X in batches:
        optimizer.zero_grad()
        loss(X).backward()
def first(params, found=[], *, seen={}):
    for p in params:
        found.append(p)
        seen.setdefault(p, len(found))
        return found
    def second(params):
        return params
def steps(params, lr):
    rate = lr / 2
    _ignored, spare = params
    for p in params:
        w = p
        w -= lr
class Kept:
    rate = 1
    def keep(self, lr):
        doubled = 2 * lr
        self.lr = lr
def looks(lr):
    rate = 2 * lr
    return locals()
def begun(lr):
    rate = 2 * lr
    raise NotImplementedError
def slope(f, w):
    leaf = w.detach().clone().requires_grad_()
    f(leaf).backward()
    return w.grad
def right_slope(f, w):
    w = w.detach().clone().requires_grad_()
    f(w).backward()
    return w.grad
def forgets(model, optimizer):
    '''Text.'''
    model.eval
    optimizer.step()
def left_slope(f, w):
    before = w.clone()
    f(before)
    return w.grad
def right(v, g, out, known=[], fresh=[]):
    fresh = []
    fresh.append(known)
    for p in v:
        if p is None:
            continue
        return p
    for p in v:
        p = p * 2
        out.append(p)
    best = v
    best = best + 1
    first = v
    first[0] = 3
    for q in g:
        q = q + 1
    q()
    v = +g
    v=+g
    v.add_(g)
    torch.add(v, g, out=out)
    seen = set()
    seen.add(1)
    [].append(v)
    v.backward()
    print(v == g)
def searches(objective, points):
    w, best, path = points[0].clone(), None, []
    for point in points:
        w[0] = point[0]
        path.append(w)
        if best is None or objective(w) < lowest:
            best, lowest = w, objective(w)
    while lowest > 0:
        w.mul_(0.5)
        path.append(w.clone())
        path.append(w)
    return best, path
def searches_well(objective, points):
    w, path = points[0].clone(), []
    for point in points:
        v = point.clone()
        v[0] = 1
        w.requires_grad_()
        path.append(v)
        path.append(w)
        best = w
    print(best)
    for point in points:
        path.append(w)
        w = w.clone().sub_(1)
    for _ in points:
        w[0] = 1
        last = w
        print(last)
    return last, path
def pairs(params, grads):
    for w in params:
        for g in grads:
            w.sub_(g)
    for w in params:
        for g in grads:
            w -= g
    for w in params:
        for g in grads:
            print(w * g)
    for w in params:
        for column in w:
            column.sub_(1)
def refuses(lr):
    try:
        if lr < 0:
            raise ValueError("lr")
    except ValueError as error:
        print(error)
    try:
        raise KeyError
    except Exception:
        raise ValueError("lr") from None
    try:
        raise KeyError
    except ValueError:
        pass
def trains_once(model, batches):
    params = model.parameters()
    for batch in batches:
        for w in params:
            w.sub_(batch)
def trains_always(model, batches, kind):
    params = model.parameters()
    for w in params:
        w.sub_(1)
    for batch in batches:
        weights = model.parameters()
        for w in weights:
            w.sub_(1)
    return kind(params)
def halves(lr):
    lr //= 2
    return lr // 2
def steepest(hessian):
    return max(torch.linalg.eigvalsh(hessian)) - max(torch.linalg.eigh(hessian))
def right(logits, y):
    values, places = logits.max(dim=1)
    return (places == y) & (y == logits.argmax(dim=1)) & (logits.max(dim=1) == y) & (y == torch.max(logits, dim=1))
def expect(lr):
    if lr < 0:
        return ValueError("lr")
    return ValueErrors(lr)
def falls(w, v):
    w =- 0.1 * v
    v.mul_(0.9) + w
    rng.normal()
    w = -v
    return w
"""


def test_each_slip_is_found_and_nothing_else():
    assert idle_lines.read(ast.parse(SOURCE), 5) == {
        "slips": [(2, "compared"), (3, "unused"), (4, "sign"), (5, "unread")],
        "Net": [(8, "unused")],
        "names": [(10, "alias"), (14, "rebound")],
        "trains": [(18, "added")],
        "first": [(23, "default"), (23, "default"), (27, "round")],
        "step": [(7, "inside")],
        "second": [(28, "inside")],
        "steps": [(31, "unread")],
        "Kept": [(39, "unread")],
        "keep": [(38, "inside")],
        "forgets": [(57, "uncalled")],
        "slope": [(50, "copy")],
        "searches": [(93, "kept"), (95, "kept"), (99, "kept")],
        "pairs": [(121, "nested"), (124, "nested")],
        "refuses": [(135, "caught")],
        "trains_once": [(147, "once")],
        "halves": [(161, "floor"), (162, "floor")],
        "steepest": [(164, "several")],
        "right": [(167, "places"), (167, "places")],
        "expect": [(170, "unraised")],
        "falls": [(173, "minus"), (174, "unused")],
    }
