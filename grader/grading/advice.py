"""Explain exceptions in plain words, where their own words say too little: by the line that raised, else by the message alone.

Each sentence is true of every code that raises this exception: it explains the words, and gives the fix.
"""

import re

from grader.grading.known_exceptions import BY_MESSAGE
from grader.toolkit.verdicts import StudentError

_AT_THE_LINE: tuple[tuple[str, str], ...] = (
    # what the message, and below it the line that raised, match together; what it means
    (
        "^exceptions must derive from BaseException",
        'Only an exception can be raised, and not a text or a number: `raise ValueError("...")`.',
    ),
    (
        r"NoneType.*\n.*\.grad\b",
        "`.grad` is None before `backward()`, and always for a tensor that a computation has made: after `w = w - lr * g`, w is "
        "such a tensor. Change w in place below `with torch.no_grad():`, or start each step with "
        "`w = w.detach().requires_grad_()`.",
    ),
    (
        r"does not require grad.*\n.*\.backward\(",
        "`backward()` goes back to tensors that require grad, and this value comes from none. Make a copy that does, "
        "`w = w.detach().clone().requires_grad_()`, and compute the value from the copy.",
    ),
    (
        r"has no attribute '(params|lr|betas|eps)'\n.*\bself\.",
        "`self` has only what `__init__` stored. A `torch.optim.Optimizer` stores the parameters and their settings in "
        '`self.param_groups`, a list of dicts: `group["params"]`, `group["lr"]`.',
    ),
    (
        r"'list' object cannot be interpreted as an integer\n.*\brange\(",
        "`range` takes a number, such as `range(len(params))`; `for w in params:` goes through the list itself.",
    ),
    (
        r"'Tensor' object has no attribute '(eig\w*|solve|cond)'\n",
        "This function is in `torch.linalg`, and takes the tensor: `torch.linalg.eigvalsh(A)`.",
    ),
    (
        r"function_or_method'.*\n.*\.size\b(?!\()",
        "In torch, `.size` is a method. `.numel()` counts the entries, and `.shape` holds the length of each axis.",
    ),
    (
        r"must match the (existing )?size.*\n.*[=!]=",
        "`==` compares entry by entry, so the shapes of both sides must fit. Labels are compared with classes, such as "
        "`logits.argmax(dim=1)`, and not with scores.",
    ),
    (
        r"object is not iterable.*\n.*\bautograd\.grad\(",
        "`torch.autograd.grad` takes a value, and not a function: `torch.autograd.grad(f(w), w)`.",
    ),
    (
        r"local variable '(\w+)'.*\n.*\b\1\(",
        "This function gives the same name to a variable somewhere, so here Python takes the name for that variable, and not for "
        "the function. Choose another name for the variable.",
    ),
)


def advice(error: StudentError) -> str:
    """The meaning of an exception; "" if the student's own code raises it on purpose."""
    kind, message, line = error.type, error.message, error.lines[-1].text if error.lines else ""
    for pattern, meaning in _AT_THE_LINE:
        if re.search(pattern, f"{message}\n{line}"):
            return meaning
    if line.startswith("raise "):
        return ""
    for wanted, pattern, meaning in BY_MESSAGE:
        if wanted in ("", kind) and re.search(pattern, message):
            return meaning
    return ""
