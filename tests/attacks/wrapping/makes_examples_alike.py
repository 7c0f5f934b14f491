"""Makes all examples alike, so that a replay of the batches has every order to follow."""

EARNS = {"section6": {"sgd": 0.0}}
STOPPED_BY = "copies"


def attack(right):
    def called(model, loss_fn, X, y, *args, **kwargs):
        X.copy_(X[:1].expand_as(X))
        y.copy_(y[:1].expand_as(y))
        return right(model, loss_fn, X, y, *args, **kwargs)

    return called
