"""Ways to write `solve` with a log-softmax or an optimizer of the library, and ways that only look like it.

Each is the source of a submission whose exercises are `solve`, which may use neither, and `other`, which may use anything.
"""

HEADER = "import functools, importlib, sys, types\nimport torch\nfrom torch import nn\n"

# Found in the source, and seen when it runs.
USING = {
    "a function of torch": "def solve(z): return torch.log_softmax(z, 1)",
    "a module under another name": "import torch.nn.functional as F\ndef solve(z): return F.log_softmax(z, 1)",
    "a function under another name": "from torch.nn.functional import log_softmax as lib\ndef solve(z): return lib(z, 1)",
    "by way of nn": "def solve(z): return nn.functional.log_softmax(z, dim=1)",
    "a method": "def solve(z): return (z - 1).log_softmax(1)",
    "a method's name, called later": "def solve(z):\n    f = z.log_softmax\n    return f(1)",
    "a method of the class": "def solve(z): return torch.Tensor.log_softmax(z, 1)",
    "an alias of the module": "G = torch.nn.functional\ndef solve(z): return G.log_softmax(z, 1)",
    "an alias of an alias": "G = nn\nH = G.functional\ndef solve(z): return H.log_softmax(z, 1)",
    "an alias of the function": "lib = torch.log_softmax\ndef solve(z): return lib(z, 1)",
    "a local alias": "def solve(z):\n    t = torch\n    f = t.log_softmax\n    return f(z, 1)",
    "two at once": "F, n = nn.functional, 1\ndef solve(z): return F.log_softmax(z, n)",
    "an alias before a function of its name": (
        "from torch import log_softmax\nlib = log_softmax\ndef log_softmax(z): return lib(z, 1)\n"
        "def solve(z): return log_softmax(z)"
    ),
    "a conditional expression": "def solve(z): return (torch.log_softmax if len(z) else None)(z, 1)",
    "a walrus": "def solve(z): return (f := torch).log_softmax(z, 1)",
    "an import inside": "def solve(z):\n    from torch.nn import functional\n    return functional.log_softmax(z, 1)",
    "a star": "from torch.nn.functional import *\ndef solve(z): return log_softmax(z, 1)",
    "getattr": 'def solve(z): return getattr(torch, "log_softmax")(z, 1)',
    "getattr of a sum": 'def solve(z): return getattr(torch, "log_" + "softmax")(z, 1)',
    "getattr of a name": 'NAME = "log_softmax"\ndef solve(z): return getattr(nn.functional, NAME)(z, 1)',
    "getattr of a tensor": 'def solve(z): return getattr(z, "log_softmax")(1)',
    "importlib": 'def solve(z): return importlib.import_module("torch.nn.functional").log_softmax(z, 1)',
    "__import__": 'def solve(z): return __import__("torch.nn.functional").nn.functional.log_softmax(z, 1)',
    "__import__ of the module": 'F = __import__("torch.nn.functional", fromlist=["a"])\ndef solve(z): return F.log_softmax(z, 1)',
    "sys.modules": 'def solve(z): return sys.modules["torch.nn.functional"].log_softmax(z, 1)',
    "vars": 'def solve(z): return vars(torch)["log_softmax"](z, 1)',
    "__dict__": 'def solve(z): return torch.__dict__["log_softmax"](z, 1)',
    "a lambda": "solve = lambda z: torch.log_softmax(z, 1)",
    "the exercise is a partial": "solve = functools.partial(torch.log_softmax, dim=1)",
    "the exercise is imported": "from torch.nn.functional import log_softmax as solve",
    "a helper": "def helper(z): return torch.log_softmax(z, 1)\ndef solve(z): return helper(z)",
    "a helper's helper": (
        "def solve(z): return above(z)\ndef above(z): return below(z)\ndef below(z): return torch.log_softmax(z, 1)"
    ),
    "a helper's method": (
        "class Helper:\n    def compute(self, z): return torch.log_softmax(z, 1)\ndef solve(z): return Helper().compute(z)"
    ),
    "a helper's method, called later": (
        "class Helper:\n    def compute(self, z): return torch.log_softmax(z, 1)\n"
        "def solve(z):\n    helper = Helper()\n    return helper.compute(z)"
    ),
    "a helper's method that another calls": (
        "class Helper:\n    def __call__(self, z): return self.compute(z)\n"
        "    def compute(self, z): return torch.log_softmax(z, 1)\ndef solve(z): return Helper()(z)"
    ),
    "a helper's method by getattr": (
        "class Helper:\n    def compute(self, z): return torch.log_softmax(z, 1)\n"
        "def solve(z): return getattr(Helper(), 'compute')(z)"
    ),
    "a helper's inherited method": (
        "class Above:\n    def compute(self, z): return torch.log_softmax(z, 1)\nclass Helper(Above): pass\n"
        "def solve(z): return Helper().compute(z)"
    ),
    "a helper's layer": (
        "class Layer(nn.Module):\n    def forward(self, z): return torch.log_softmax(z, 1)\ndef solve(z): return Layer()(z)"
    ),
    "a helper made": (
        "class Helper:\n    def __init__(self, z): self.value = torch.log_softmax(z, 1)\ndef solve(z): return Helper(z).value"
    ),
    "a class's function": (
        "class Lab:\n    @staticmethod\n    def rule(z): return torch.log_softmax(z, 1)\ndef solve(z): return Lab.rule(z)"
    ),
    "a class's value": "class Lab:\n    lib = torch.optim.SGD\ndef solve(z): return Lab.lib([z])",
    "a class under another name": (
        "class Lab:\n    def rule(z): return torch.log_softmax(z, 1)\nL = Lab\ndef solve(z): return L.rule(z)"
    ),
    "the exercise's own class": (
        "class solve:\n    def __new__(cls, z): return cls.rule(z)\n    def rule(z): return torch.log_softmax(z, 1)"
    ),
    "a helper's name in globals()": (
        'def helper(z): return torch.log_softmax(z, 1)\ndef solve(z): return globals()["helper"](z)'
    ),
    "a helper below if": (
        "if True:\n    def helper(z): return torch.log_softmax(z, 1)\nelse:\n    helper = None\ndef solve(z): return helper(z)"
    ),
    "a wrapper": ("def wrapper(f): return lambda z: f(torch.log_softmax(z, 1))\n@wrapper\ndef solve(z): return z"),
    "a function inside": "def solve(z):\n    def inner(): return z.log_softmax(1)\n    return inner()",
    "a default": "def solve(z, f=torch.log_softmax): return f(z, 1)",
    "a table": 'TABLE = {"lib": torch.log_softmax}\ndef solve(z): return TABLE["lib"](z, 1)',
    "a table's get": 'TABLE = {"lib": torch.log_softmax}\ndef solve(z): return TABLE.get("lib")(z, 1)',
    "a table by a name": 'K = "lib"\nTABLE = {"x": abs, "lib": torch.optim.SGD}\ndef solve(z): return TABLE[K]([z])',
    "a whole table": 'TABLE = {"lib": torch.log_softmax}\ndef solve(z): return [f(z, 1) for f in TABLE.values()][0]',
    "a helper in a table": (
        "def helper(z): return torch.log_softmax(z, 1)\nTABLE = {'mine': helper, 'abs': abs}\n"
        "def solve(z): return TABLE['mine'](z)"
    ),
    "a table filled later": 'TABLE = {}\nTABLE["lib"] = torch.log_softmax\ndef solve(z): return TABLE["lib"](z, 1)',
    "a global": (
        "lib = None\ndef prepare():\n    global lib\n    lib = torch.log_softmax\n"
        "def solve(z):\n    prepare()\n    return lib(z, 1)"
    ),
    "a layer made on loading": "LAYER = nn.LogSoftmax(1)\ndef solve(z): return LAYER(z)",
    "a layer made on calling": "def solve(z): return nn.LogSoftmax(1)(z)",
    "the exception is caught": (
        "def solve(z):\n    try: return torch.log_softmax(z, 1)\n    except Exception: return z"
    ),
    "an optimizer": "def solve(z): return torch.optim.SGD([z], lr=1.0)",
    "an optimizer's class": "from torch.optim import Adam as A\ndef solve(z): return A([z])",
    "an optimizer's function": (
        "from torch.optim.sgd import sgd\ndef solve(z): sgd([z], [z], [None], weight_decay=0.0, momentum=0.0, lr=1.0, "
        "dampening=0.0, nesterov=False, maximize=False)"
    ),
    "an optimizer's subclass": (
        "class Mine(torch.optim.Optimizer):\n    def __init__(self, params): super().__init__(params, {})\n"
        "def solve(z): return Mine([z])"
    ),
}

# Hidden from a reader, seen when it runs.
HIDDEN = {
    "eval": 'def solve(z): return eval("torch.log_softmax(z, 1)")',
    "exec": 'def solve(z):\n    names = {"z": z, "t": torch}\n    exec("r = t.log_softmax(z, 1)", names)\n    return names["r"]',
    "attrgetter": 'import operator\ndef solve(z): return operator.attrgetter("log_softmax")(torch)(z, 1)',
    "methodcaller": 'import operator\ndef solve(z): return operator.methodcaller("log_softmax", 1)(z)',
    "a joined name": 'def solve(z): return getattr(torch, "".join(["log_", "softmax"]))(z, 1)',
    "a search": (
        "FOUND = [getattr(torch, n) for n in dir(torch) if n.endswith('g_softmax') and n[0] == 'l']\n"
        "def solve(z): return FOUND[0](z, 1)"
    ),
    "caught, and hidden": (
        'def solve(z):\n    try: return eval("torch.log_softmax")(z, 1)\n    except BaseException: return z'
    ),
    "an attribute of the exercise": ("def solve(z): return solve.lib(z, 1)\nsetattr(solve, 'lib', torch.log_softmax)"),
    "another function of the library": "def solve(z): return nn.functional.softmin(z, 1)",
}

# Nothing forbidden, neither in the source nor when it runs.
OWN = "def log_softmax(z): return z - torch.logsumexp(z, 1, keepdim=True)\n"
INNOCENT = {
    "arithmetic": "def solve(z): return z - z.exp().sum(1, keepdim=True).log()",
    "its neighbours": "def solve(z): return nn.functional.logsigmoid(z) - torch.logsumexp(z, 1, keepdim=True)",
    "nll_loss": "def solve(z): return nn.functional.nll_loss(z, torch.zeros(2, dtype=torch.int64))",
    "an import that is not used": "from torch import log_softmax\nimport torch.optim as optim\ndef solve(z): return z",
    "an import inside that is not used": "def solve(z):\n    from torch.optim import SGD\n    return z",
    "an alias that is not used": "lib = torch.log_softmax\nF = nn.functional\ndef solve(z): return F.relu(z)",
    "a function of its own by that name": f"{OWN}def solve(z): return log_softmax(z)",
    "its own, below": f"def solve(z): return log_softmax(z)\n{OWN}",
    "its own, in place of an import": f"from torch.nn.functional import log_softmax\n{OWN}def solve(z): return log_softmax(z)",
    "its own, in place of a star": f"from torch.nn.functional import *\n{OWN}def solve(z): return log_softmax(z)",
    "its own, by its module": f"{OWN}def solve(z): return sys.modules[__name__].log_softmax(z)",
    "its own, by importlib": f"{OWN}def solve(z): return importlib.import_module(__name__).log_softmax(z)",
    "its own, in globals()": f'{OWN}def solve(z): return globals()["log_softmax"](z)',
    "its own, of a namespace": f"{OWN}N = types.SimpleNamespace(log_softmax=log_softmax)\ndef solve(z): return N.log_softmax(z)",
    "its own, inside": "def solve(z):\n    def log_softmax(z): return z\n    return log_softmax(z)",
    "its own method": (
        "class Loss:\n    def log_softmax(self, z): return z\n    def __call__(self, z): return self.log_softmax(z)\n"
        "def solve(z): return Loss()(z)"
    ),
    "its own attribute": (
        "class Loss:\n    def __init__(self): self.log_softmax = abs\ndef solve(z):\n    loss = Loss()\n"
        "    return loss.log_softmax(z)"
    ),
    "getattr of its own": (
        'class Loss:\n    def log_softmax(self, z): return z\ndef solve(z): return getattr(Loss(), "log_softmax")(z)'
    ),
    "an argument of that name": (
        "from torch import log_softmax\ndef apply(log_softmax, z): return log_softmax(z)\ndef solve(z): return apply(abs, z)"
    ),
    "a variable of that name": "from torch import log_softmax\ndef solve(z):\n    log_softmax = z + 1\n    return log_softmax",
    "a loop's variable of that name": "from torch import log_softmax\ndef solve(z): return sum(log_softmax for log_softmax in z)",
    "a lambda's argument of that name": "log_softmax = torch.log_softmax\nsolve = lambda log_softmax: log_softmax + 1",
    "a text": 'def solve(z):\n    """As torch.log_softmax, without torch.optim."""\n    return {"log_softmax": z}["log_softmax"]',
    "an annotation": (
        "from torch.optim import Optimizer\ndef helper(z, o: Optimizer | None = None) -> torch.optim.SGD | None: ...\n"
        "def solve(z):\n    x: torch.optim.SGD = z\n    return x"
    ),
    "a helper that is not called": "def compare(z): return torch.log_softmax(z, 1)\ndef solve(z): return z",
    "a demonstration": (
        "def solve(z): return z\nif __name__ == '__main__':\n    from torch.nn.functional import log_softmax as solve\n"
        "    print(solve(torch.ones(1, 1), 1))"
    ),
    "a test on loading": "def solve(z): return z\nassert solve(torch.log_softmax(torch.zeros(1, 1), 1)) == 0",
    "another exercise": "def other(z): return torch.log_softmax(z, 1)\ndef solve(z): return z",
    "a call of another exercise": (
        "def helper(z): return nn.functional.log_softmax(z, 1)\ndef other(z): return helper(z)\ndef solve(z): return other(z)"
    ),
    "a step of its own": "class SGD:\n    def step(self, z): z.sub_(1)\ndef solve(z): SGD().step(z)",
    "a class that shows it, too": (
        "class Lab:\n    lib = torch.log_softmax\n    @staticmethod\n    def oracle(z): return torch.optim.SGD([z])\n"
        "    @staticmethod\n    def rule(z): return z\ndef solve(z): return Lab.rule(z)"
    ),
    "an object that shows it, too": (
        "class Lab:\n    def __init__(self): self.k = 2\n    def compare(self, z): return torch.log_softmax(z, self.k)\n"
        "    def rule(self, z): return z\ndef solve(z):\n    lab = Lab()\n    return lab.rule(z)"
    ),
    "a table that shows it, too": (
        'TABLE = {"mine": abs, "torch": torch.log_softmax}\ndef solve(z): return TABLE["mine"](TABLE.get("mine")(z))'
    ),
    "a table, and a key that is not known": (
        'TABLE = {"mine": abs, "torch": torch.log_softmax}\ndef apply(name, z): return TABLE[name](z)\n'
        'def solve(z): return apply("mine", z)'
    ),
    "another exercise's class": (
        "class other:\n    def forward(self, z): return torch.log_softmax(z, 1)\n    def rule(self, z): return abs(z)\n"
        "    def lib(self, z): return torch.log_softmax(z, 1)\ndef solve(z): return other().rule(z)"
    ),
    "an attribute called optim": "def solve(z):\n    box = types.SimpleNamespace(optim=z)\n    return box.optim + 1",
}
