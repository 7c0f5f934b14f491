"""A file of checks as the rules about it see it: its syntax tree, its checks, and the names that it may use."""

import ast
import difflib
import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

from grader.check_files.expected_errors import full_names
from grader.predictions import EXERCISE as PREDICTIONS
from grader.toolkit.names_used import nodes_in

Function = ast.FunctionDef | ast.AsyncFunctionDef
_DEFINED = re.compile(r"^(?:async\s+def|def|class)\s+(\w+)|^(\w+)\s*(?::[^=\n]+)?=(?!=)", re.MULTILINE)
SERVANTS = ("student", "reference")  # the fixtures that have the exercises
FIXTURES = (*SERVANTS, "note", "once", "code_seed")
OF_STUDENT = (  # what `student` has besides the exercises
    "run", "cpu_seconds", "answered", "ask", "call_of", "disturbance", "disturbed", "last_call", "refused", "transcript",
)  # fmt: skip
NO_EXERCISES = (PREDICTIONS, *OF_STUDENT)


@dataclass(frozen=True)
class Flaw:
    """An author's error: the line, counted from 1, and in words the cause and what to do."""

    line: int
    text: str


def names_defined(source: str) -> frozenset[str]:
    """The names that a file of exercises defines at its top level; without parsing it, which would take time at each grading."""
    return frozenset(name for found in _DEFINED.findall(source) for name in found if name)


@dataclass(frozen=True)
class CheckFile:
    tree: ast.Module
    exercises: Collection[str]

    @property
    def functions(self) -> list[Function]:
        return [node for node in self.tree.body if isinstance(node, Function)]

    @cached_property
    def nodes(self) -> list[tuple[ast.stmt, tuple[ast.AST, ...]]]:
        """Each statement with all nodes in it. To walk takes longer than to judge: the rules share one walk."""
        return [(node, nodes_in(node)) for node in self.tree.body]

    @cached_property
    def names(self) -> dict[str, str]:
        """What each name of an import stands for."""
        return full_names(node for _, nodes in self.nodes for node in nodes)

    @property
    def checks(self) -> list[tuple[Function, ast.Call]]:
        """The functions below `@check(...)`, each with that call."""
        return [
            (node, call) for node in self.functions for call in decorators_of(node) if last_name(call.func) == "check"
        ]

    def unknown(self, name: str) -> str:
        """The message about a name that no exercise can have, or that the section's file does not define; "" for any other."""
        if name in NO_EXERCISES:
            return f'no exercise can be called "{name}". Give it another name.'
        if not self.exercises or name in self.exercises:
            return ""
        close = difflib.get_close_matches(name, sorted(self.exercises), n=1)
        return f"the solution defines no {name}." + (f" Did you mean {close[0]}?" if close else " Correct the name.")


def decorators_of(node: Function) -> list[ast.Call]:
    return [one for one in node.decorator_list if isinstance(one, ast.Call)]


def last_name(node: ast.AST) -> str:
    """The last part of a dotted name; "" for another expression."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def literal_of(node: ast.AST) -> tuple[bool, object]:
    """Whether an expression is a literal, and its value."""
    try:
        return True, ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False, None
