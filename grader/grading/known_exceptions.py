"""What exceptions of Python, torch and numpy mean, by their type and message.

Each sentence is true of every code that raises this exception: it explains the words, and gives the fix.
"""

_SHAPES = "The shapes do not fit. Print both: `keepdim=True` and `[:, None]` keep or add an axis."
_PARENTHESES = "This is the function itself, and not its result: parentheses `()` are missing behind its name."
_COMPLEX = (
    "These are complex numbers, which have no order. `torch.linalg.eigvals` returns complex numbers; for a symmetric matrix, "
    "`torch.linalg.eigvalsh` returns real ones."
)
_DTYPES = "The tensors have different dtypes. Make new tensors like the given ones: `torch.zeros_like(w)`, or `dtype=w.dtype`."
_NONE = (
    "A value here is None. None comes from a function without `return`, from methods such as `append` and `sort`, from a `.grad` "
    "before `backward()`, and from a parameter's default."
)
_SINGLE = (
    "This takes a single number, and the tensor holds several. For all entries, use a function like `torch.sqrt`; of a list of "
    "tensors, `torch.stack` makes one tensor."
)
_CONDITION = (
    "`if`, `while`, `and`, `or`, `not`, `min`, `max` and `sorted` need a single True or False, and this is one for each entry. "
    "Use `.all()`, `.any()` or `torch.where`."
)
_GENERATOR = "A generator, such as `model.parameters()`, can only be looped over. Make a list of it first: `list(...)`."
_IN_A_LIST = (
    "A list or tuple has no arithmetic of tensors. Work on each of its tensors in a loop, or use `torch.stack`."
)
_WHOLE = "This needs numbers with a fraction: convert the tensor to float first."
_NUMBER = (
    "A single number stands where a tensor is needed. `.item()` and `float(...)` make a number of a tensor; `enumerate` puts a "
    "counter in front of each entry."
)
_LIST_OR_TENSOR = (
    "`torch.stack` and `torch.cat` take a list of tensors; most other functions take a tensor. `torch.tensor(...)` makes one of "
    "numbers."
)
_PRODUCT = (
    "In `A @ B`, A needs as many columns as B has rows. A layer `nn.Linear(inputs, outputs)` needs rows of as many numbers as "
    "its `inputs`, which come first."
)
_POWER = "Python writes a power as `a ** b`: `^` compares the bits of whole numbers."
_NO_CARD = "The grader has no graphics card. Leave tensors and models where they are: no `.cuda()`, and no `device=`."

BY_MESSAGE: tuple[tuple[str, str, str], ...] = (
    # type ("" for any), what its message matches, what it means
    ("BdbQuit", "", "A breakpoint() stops only with --in-process. Remove it for all other gradings."),
    ("RecursionError", "", "The function calls itself, directly or through others, again and again."),
    (
        "AttributeError",
        r"before Module\.__init__\(\) call",
        "The first line of `__init__` should be `super().__init__()`.",
    ),
    (
        "TypeError",
        "^(list|tuple|generator) is not a Module subclass",
        "`nn.Sequential` takes the modules themselves, and not a list of them: `nn.Sequential(*layers)`.",
    ),
    (
        "TypeError",
        "is not a Module subclass",
        "`nn.Sequential` and `nn.ModuleList` hold modules: `nn.ReLU()`, with parentheses, is one, and `torch.relu` is not.",
    ),
    (
        "AttributeError",
        r"'torch\._C\.Generator' object has no attribute",
        "A generator has no methods that draw. Hand it to a function of torch: `torch.randperm(n, generator=generator)`.",
    ),
    (
        "",
        r"^'type' object does not support the (asynchronous )?context manager protocol",
        "Parentheses are missing behind the name: `with torch.no_grad():`.",
    ),
    (
        "TypeError",
        r"^list\.append\(\) takes exactly one argument",
        "`append` adds one thing. A pair needs parentheses of its own, `append((a, b))`; several things need two `append`s.",
    ),
    (
        "TypeError",
        r"torch\.Size'",
        "A shape is no number. `p.numel()` counts the entries of a tensor, and `p.shape[0]` is the length of its first axis.",
    ),
    (
        "AttributeError",
        r"^'Tensor' object has no attribute 'append'",
        "A tensor cannot grow. Collect tensors in a list, `rows = [w.clone()]`, and stack them at the end: `torch.stack(rows)`.",
    ),
    (
        "TypeError",
        r"^len\(\) of a 0-d tensor",
        "This tensor is a single number, without axes, so it has no length: a loop over a tensor gives its entries one by one. "
        "`p.numel()` counts the entries of any tensor, and `p.shape` is its shape.",
    ),
    (
        "TypeError",
        r"got torch\._C\.Generator\b(?!, )",
        "A generator has to be named: `torch.randn(3, generator=generator)`.",
    ),
    (
        "TypeError",
        r"^randn?\(\) (received an invalid combination|missing 1 required)",
        "The shape comes first: `torch.rand((), generator=generator)` draws a single number.",
    ),
    (
        "TypeError",
        "found element of type (tuple|list)",
        "A size is a whole number, and here is a tuple or list. `*sizes` puts its entries in its place.",
    ),
    (
        "TypeError",
        "^unhashable type",
        "A key of a dict, an entry of a set, and an argument of a function below `@cache` cannot be a list, a dict or a set.",
    ),
    (
        "TypeError",
        r"^unsupported operand type\(s\) for .*'dict'",
        "A dict has no arithmetic. Work on each of its entries.",
    ),
    (
        "AttributeError",
        "^'(float|int)' object has no attribute 'item'",
        "This is a number of Python already. `float(x)` takes such a number, and a tensor with a single entry, too.",
    ),
    (
        "AttributeError",
        r"^'(list|tuple)' object has no attribute(?!.*Did you mean)",
        "This is a list or tuple, and not a tensor. Work on each of its entries in a loop, or use `torch.stack`.",
    ),
    (
        "TypeError",
        r"\.__init__\(\) takes 1 positional arg.* but |^\w+\(\) takes no arguments",
        "Python finds no `__init__` with these parameters in the class. Does the name have two underscores on each side, and is "
        "`self` the first parameter?",
    ),
    (
        "TypeError",
        r"^Optimizer\.__init__\(\) takes",
        'A `torch.optim.Optimizer` takes its settings as one dict: `super().__init__(params, {"lr": lr})`.',
    ),
    (
        "TypeError",
        r"\w\.\w+\(\) takes \d+ positional arg.* but ",
        "Compare the arguments of the call with the `def` line. Both numbers count `self`, the first parameter of a method.",
    ),
    ("NotImplementedError", r'missing the required "forward"', "Is `forward` spelt right, and indented as a method?"),
    ("", "leaf [Vv]ariable that requires grad", "Change parameters in place only below `with torch.no_grad():`."),
    (
        "",
        "modified by an inplace operation",
        "A tensor that the derivative needs was changed in place after its use. Make a new tensor there, or compute the gradient "
        "first.",
    ),
    (
        "",
        "backward through the graph a second time",
        "Each loss has its graph once. Compute the loss again before each derivative, or keep the graph with "
        "`retain_graph=True`.",
    ),
    (
        "",
        "implicitly created only for scalar outputs",
        "Only a single number has a gradient: take the sum or the mean first.",
    ),
    (
        "",
        "not have been used in the graph",
        "The value does not depend on one of the tensors. Do you compute it from copies?",
    ),
    ("", r"not implemented for 'Complex", _COMPLEX),
    ("", r"^(?!.nll).*not implemented for '(Byte|Char|Short|Int|Long|Bool)'|could not infer output dtype", _WHOLE),
    (
        "ValueError",
        "^a must be 1-dimensional",
        "`np.random.choice` draws from a list. To draw rows, draw their numbers, and index with these.",
    ),
    (
        "",
        r"^result type \w+ can't be cast to the desired output type",
        "The tensor that is changed in place has a dtype that cannot hold the result, as whole numbers hold no fraction. Make a "
        "new tensor, `x = x / 255` and not `x /= 255`, or convert it first: `x = x.float()`.",
    ),
    ("", "(m1 and m2|mat1 and mat2) .*same dtype", _DTYPES),
    ("", r"expected scalar type \w+ but found|expected .* to have (the )?same dtype", _DTYPES),
    ("", r"must match the (existing )?size|could not be broadcast together|not broadcastable", _SHAPES),
    (
        "",
        r"^shape '.*' is invalid for input of size",
        "The new shape has another number of entries than the tensor. Take sizes from `.shape`; -1 stands for the size that is "
        "left.",
    ),
    ("", "shapes cannot be multiplied", _PRODUCT),
    ("IndexError", "Dimension out of range", "The tensor has fewer axes than `dim` counts. Print its shape."),
    (
        "IndexError",
        "^list assignment index out of range",
        "An assignment changes an entry that is there. `append` makes the list longer.",
    ),
    ("IndexError", "out of bounds|out of range", "The first index is 0, so the last is the length minus 1."),
    (
        "IndexError",
        "used as indices must be",
        "Indices are whole numbers. `for i in range(len(w)):` counts them, and `.long()` converts a tensor.",
    ),
    (
        "",
        "only one element tensors can be converted|elements cannot be converted to Scalar|only length-1 arrays",
        _SINGLE,
    ),
    ("", "(Boolean value of Tensor|truth value of an array) with more than one", _CONDITION),
    ("", r"\bNoneType\b", _NONE),
    (
        "TypeError",
        r"'(function|method|builtin_function_or_method)' object is not (subscriptable|iterable)",
        _PARENTHESES,
    ),
    ("TypeError", r"unsupported operand type\(s\) for .*'(function|method|builtin_function_or_method)'", _PARENTHESES),
    (
        "",
        r"'float' object cannot be interpreted as an integer|^slice indices must be integers|valid indices \(got float\)|"
        r"must be (int|integers or slices|tuple of ints), ?(not|but got) ?float",
        "This takes whole numbers only. `/` always gives a float, also for 6 / 2; `//` rounds down to a whole number.",
    ),
    (
        "",
        r"^`inputs` argument to `grad\(\)` cannot be empty|^optimizer got an empty parameter list",
        "This list of tensors is empty. What `model.parameters()` returns works for one loop only. Keep a list: "
        "`params = list(model.parameters())`.",
    ),
    ("TypeError", r"'generator' object is not subscriptable|object of type 'generator' has no len", _GENERATOR),
    ("TypeError", r"unsupported operand type\(s\) for .*'list'|can't multiply sequence by non-int", _IN_A_LIST),
    (
        "",
        r"unsupported operand type\(s\) for \^=?: .*'float'|bitwise_xor_\w+\" not implemented|ufunc 'bitwise_xor' not supported",
        _POWER,
    ),
    (
        "ValueError",
        "values to unpack",
        "The number of names differs from the number of values. A loop over several lists at a time needs `zip`: "
        "`for w, g in zip(params, grads):`; over a dict it needs `.items()`.",
    ),
    (
        "TypeError",
        "^'(int|float)' object is not iterable",
        "This is a single number, and not a list. To do something n times: `for step in range(n):`.",
    ),
    (
        "TypeError",
        "cannot unpack non-iterable",
        "One value came where several names stand. A loop over a dict gives its keys alone: its pairs are `.items()`.",
    ),
    (
        "TypeError",
        r"'(\w*\.)*(float|int|Tensor|list|tuple|dict|ndarray)' object is not callable",
        "Parentheses follow this value, so Python takes it for a function. Is a `*` missing, or has a variable its name?",
    ),
    ("TypeError", r"must be Tensor, not (int|float|bool)\b", _NUMBER),
    (
        "TypeError",
        r"must be Tensor, not tuple",
        "This is a tuple. `torch.autograd.grad` returns one gradient for each tensor: `(g,) = torch.autograd.grad(...)`.",
    ),
    ("TypeError", r"must be (a )?(tuple of )?Tensors?, not|^expected Tensor as element", _LIST_OR_TENSOR),
    (
        "KeyError",
        "",
        "The dictionary has no entry with this key. Compare the spelling with the line that adds this key.",
    ),
    (
        "UnboundLocalError",
        "",
        "This function gives the name a value somewhere, so Python takes it for a variable of the function. On the way to this "
        "line it got none.",
    ),
    ("EOFError", "EOF when reading a line", "A graded function gets all that it needs as arguments: remove `input()`."),
    ("", "Torch not compiled with CUDA|No CUDA|NVIDIA driver|not linked with support for", _NO_CARD),
)
