"""Words that tell whether code at the top level can change anything besides its own variables: builtins, libraries, methods."""

import ast
import builtins
import re

from grader.submission.bound_names import last_name


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# With these, code may read or change names that it does not mention.
_BEYOND_NAMES = _words("exec eval globals locals vars __builtins__ __import__ builtins importlib")
_BEYOND_ATTRIBUTES = _words("modules _getframe f_globals __globals__ __dict__ __builtins__")

SAFE_BUILTINS = _words("""
    abs all any ascii bin bool bytearray bytes callable chr complex dict dir divmod enumerate filter float format frozenset hash
    help hex id int isinstance issubclass iter len list map max min next object oct ord pow print property range repr reversed
    round set slice sorted staticmethod str sum super tuple type zip hasattr Ellipsis NotImplemented
    __name__ __file__ __doc__ display get_ipython
    """) | {
    name for name, value in vars(builtins).items() if isinstance(value, type) and issubclass(value, BaseException)
}
# Of these libraries, a call changes nothing but its arguments, unless a part of its name says that it does.
_PLOTS = _words("matplotlib mpl_toolkits pylab seaborn plotly bokeh altair IPython")
_LIBRARIES = _PLOTS | _words("""
    torch numpy math cmath random statistics itertools functools operator collections copy time timeit datetime string textwrap
    pprint typing dataclasses enum contextlib abc json csv logging fractions decimal numbers __future__
    """)
_SETS = re.compile(
    r"seed|^set|^use_|^enable|^disable|^register|_state$|^default_generator$|^backends$|^_(?!foreach)|^library$"
    r"|^getcontext$|^localcontext$|^tzset$|^patch|^install"
)
CHANGES = re.compile(
    "append|extend|insert|add|update|setdefault|pop|popitem|remove|discard|clear|sort|reverse|.*[a-z]_"
)
SHOWN_DUNDERS = _words("__name__ __doc__ __len__ __version__ __class__")
_PLAIN_DECORATORS = _words("cache lru_cache no_grad staticmethod classmethod property dataclass wraps script")
UNCHANGING = _words("""
    float int bool complex str tuple frozenset range len partial namedtuple TypeVar NewType device sqrt log exp getLogger
    ReLU Tanh Sigmoid GELU SiLU ELU LeakyReLU Softplus Softmax LogSoftmax Identity Flatten
    CrossEntropyLoss MSELoss NLLLoss L1Loss BCELoss BCEWithLogitsLoss
    """)


def is_safe_library(dotted: str) -> bool:
    """Whether a call of this name of a library changes nothing but its arguments."""
    first, *others = dotted.split(".")
    return first in _PLOTS or (first in _LIBRARIES and not any(map(_SETS.search, others)))


def is_beyond_names(root: ast.stmt) -> bool:
    """Whether a statement may read or change names that it does not mention."""
    for node in ast.walk(root):
        match node:
            case ast.Name(id=name) | ast.alias(name=name) if name.partition(".")[0] in _BEYOND_NAMES:
                return True
            case ast.Attribute(attr=name) if name in _BEYOND_ATTRIBUTES:
                return True
    return False


def is_plain_decorator(node: ast.expr) -> bool:
    """Whether a decorator only wraps its function."""
    return last_name(node.func if isinstance(node, ast.Call) else node) in _PLAIN_DECORATORS
