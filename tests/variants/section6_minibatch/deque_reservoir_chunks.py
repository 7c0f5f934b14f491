# a reservoir for a batch, a deque that is emptied for an epoch, vmap over draws, state in a closure, star signatures
import collections, contextlib, math
import torch

DEFAULTS = dict(drop_last=False)


def size_ok(batch_size, n):
    if not isinstance(batch_size, int) or isinstance(batch_size, bool):
        raise ValueError(f"batch_size must be an int, not {type(batch_size).__name__}")
    if not 1 <= batch_size <= n:
        raise ValueError(f"{batch_size=} but there are {n} examples")


def reservoir(n, k, generator):
    kept = list(range(k))
    for i in range(k, n):
        j = int(torch.randint(0, i + 1, size=(1,), generator=generator)[0])
        if j < k: kept[j] = i
    return kept


def sample_minibatch(X, y, batch_size, generator):
    size_ok(batch_size, len(X))
    rows = reservoir(len(X), batch_size, generator)
    return X[rows, ...].detach(), torch.tensor([int(y[i]) for i in rows], dtype=y.dtype)


def minibatches(X, y, batch_size, generator, **options):
    unknown = set(options) - set(DEFAULTS)
    if unknown: raise TypeError(f"unknown options {unknown}")
    drop_last = {**DEFAULTS, **options}["drop_last"]

    def go():
        size_ok(batch_size, X.shape[0])
        queue = collections.deque(torch.randperm(X.shape[0], generator=generator).tolist())
        while queue:
            rows = [queue.popleft() for _ in range(min(batch_size, len(queue)))]
            if len(rows) == batch_size or not drop_last:
                yield torch.stack([X[r] for r in rows]), torch.stack([y[r] for r in rows])

    return go()


@contextlib.contextmanager
def without_grads(params):
    stash = {p: p.grad for p in params}
    for p in stash: p.grad = None
    yield stash
    for p, g in stash.items(): p.grad = g


def minibatch_gradient(model, loss_fn, X, y):
    # one example at a time with vmap would not do with any loss: so chunks are out, the whole batch it is
    names, params = zip(*model.named_parameters())

    def risk(*values):
        return loss_fn(torch.func.functional_call(model, dict(zip(names, values)), X), y)

    value, pull = torch.func.vjp(risk, *[p.detach() for p in params])
    return list(pull(torch.ones_like(value)))


def gradient_noise(per_example_grads, batch_size, num_draws, generator):
    n = len(per_example_grads)
    size_ok(batch_size, n)
    if num_draws < 1: raise ValueError("num_draws must be 1 or more")
    rows = torch.stack([torch.randperm(n, generator=generator)[:batch_size] for _ in range(num_draws)])
    full = per_example_grads.sum(0) / n
    distance = lambda r: ((per_example_grads.index_select(0, r).sum(0) / batch_size - full) ** 2).sum()
    return float(torch.vmap(distance)(rows).mean())


def make_updater(model, lr):
    params = [p for p in model.parameters()]

    def update(loss):
        with without_grads(params):
            loss.backward()
            for p in params:
                p.data.add_(p.grad, alpha=-lr)
        return loss.detach()

    return update


def sgd(model, loss_fn, X, y, lr, batch_size, num_epochs, generator):
    if lr < 0 or math.isnan(lr): raise ValueError("lr")
    if num_epochs < 0: raise ValueError("num_epochs")
    size_ok(batch_size, len(X))
    update, losses = make_updater(model, lr), []
    epoch = 0
    while epoch < num_epochs:
        losses.extend(update(loss_fn(model(a), b)) for a, b in minibatches(X, y, batch_size, generator))
        epoch += 1
    return [l.item() for l in losses]


if __name__ == "__main__":
    for a, b in minibatches(torch.arange(5.0), torch.arange(5), 2, torch.Generator(), drop_last=True):
        print(a, b)


def noise_floor(lr, curvature, noise, batch_size):
    tests = collections.OrderedDict(
        curvature=curvature > 0, lr=curvature > 0 and lr >= 0 and lr * curvature < 2, noise=noise >= 0, batch_size=batch_size >= 1
    )
    for name, passed in tests.items():
        if not passed:
            raise ValueError(name)
    shrink = (1 - lr * curvature) ** 2
    if lr == 0: return 0.0
    return lr / curvature * noise / batch_size / (2 - lr * curvature) if shrink < 1 else math.inf
