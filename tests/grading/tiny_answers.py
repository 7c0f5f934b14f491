"""Submissions to the tiny course, right and wrong in every way that has a verdict of its own."""

HEADER = "import torch\n"
RIGHT = {
    "scale": "def scale(x, factor):\n    return x * factor\n",
    "shift_in_place": (
        "def shift_in_place(params, amount):\n"
        "    if amount < 0:\n"
        "        raise ValueError('amount must not be negative')\n"
        "    for w in params:\n"
        "        w.add_(amount)\n"
    ),
    "mean": "def mean(x):\n    return float(x.mean())\n",
    "centre": "def centre(x):\n    return x - mean(x)\n",
}


def answer(before: str = "", **changed: str) -> str:
    """The right answer with some functions replaced, or left out where the replacement is empty.

    A replacement is either a whole definition or just the body of the function, on one line per statement.
    """
    parts = [HEADER + before]
    for name, text in RIGHT.items():
        new = changed.get(name, text)
        if new and not new.startswith(("def ", "class ")):
            body = "".join(f"    {line}\n" for line in new.splitlines())
            new = text.splitlines(keepends=True)[0] + body
        parts.append(new)
    return "\n\n".join(part for part in parts if part)


STUB = "raise NotImplementedError"

# ANSI colour, a return to the start of the line, an override of direction, markup, a workflow command, half a character.
HOSTILE = "\\x1b[31mred\\x1b[0m\\rpoints 5 \\u202eevil\\u200b [bold red]big[/] \\n::error::own\\n\\ud800 \\x9b2J"

CASES: dict[str, str] = {
    "right": answer(),
    "wrong_value": answer(scale="return x + factor", mean="return float(x.sum())"),
    "wrong_dtype": answer(scale="return x.double() * factor", centre="return (x - mean(x)).float()"),
    "wrong_shape": answer(scale="return (x * factor).reshape(-1)", centre="return (x - mean(x))[:2]"),
    "wrong_kind": answer(mean="return x.mean()", shift_in_place="return [w.add_(amount) for w in params]"),
    "wrong_signature": answer(scale="def scale(x):\n    return x\n"),
    "does_nothing": answer(scale="pass", shift_in_place="pass", mean="pass", centre="pass"),
    "not_finite": answer(scale="return x / 0", mean="return float('nan')"),
    "wrong_error": answer(
        shift_in_place="if amount < 0: raise ValueError('must not be negative')\nfor w in params: w.add_(amount)"
    ),
    "no_error": answer(shift_in_place="for w in params: w.add_(amount)"),
    "changes_its_input": answer(scale="return x.mul_(factor)"),
    "raises": answer(
        before="def total(x):\n    raise LookupError('no total of this')\n", mean="return total(x) / x.numel()"
    ),
    "unstable": answer(before="calls = []\n", scale="calls.append(1)\nreturn x * factor + (len(calls) == 1)"),
    "not_started": "".join(text.splitlines(keepends=True)[0] + f"    {STUB}\n" for text in RIGHT.values()),
    "begun": answer(scale=f"y = x * factor\n{STUB}", mean=STUB),
    "syntax_error": answer(mean="return float(x.mean("),
    "half_loading": answer(mean="def mean(x):\n    return float(x.mean())\n\n\nraise RuntimeError('not yet')\n"),
    "missing_function": answer(mean="def maen(x):\n    return float(x.mean())\n", centre="return x - x.mean()"),
    "endless_loop": answer(scale="while True: pass"),
    "endless_import": answer(before="import sys\nwhile sys: pass\n"),
    "leaves_the_process": answer(scale="import os\nos._exit(0)", mean="raise SystemExit"),
    "prints": answer(mean="print('x is', x.tolist())\nreturn 0.0"),
    "empty": "",
    "hostile_text": answer(
        before=f"TEXT = '{HOSTILE}'\n",
        scale="raise type('E[red]' + TEXT[:-6], (Exception,), {})(TEXT)",
        mean="print(TEXT.replace('\\ud800', ''))\nreturn TEXT",
        shift_in_place="raise LookupError(TEXT)  # [bold]\x1b[31m ::error::\u202e",
    ),
}  # fmt: skip
