"""The text of problems and programs that a script needs: their definitions, and all that these use, without the grader.

Both travel to workers as text, where any submission can read them.
"""

import ast
import sys
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from grader.diagnosis.python_text import NotWritableError
from grader.toolkit import lazy_torch
from grader.toolkit.travelling import travels

_Definition = ast.FunctionDef | ast.ClassDef | ast.Assign | ast.AnnAssign


@dataclass
class _Module:
    """The syntax tree of an imported module that travels."""

    name: str

    @cached_property
    def lines(self) -> list[str]:
        return Path(str(sys.modules[self.name].__file__)).read_text(encoding="utf-8").splitlines()

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse("\n".join(self.lines))

    @cached_property
    def definitions(self) -> dict[str, _Definition]:
        found: dict[str, _Definition] = {}
        for node in self.tree.body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                found[node.name] = node
            elif isinstance(node, ast.Assign | ast.AnnAssign):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                found |= {target.id: node for target in targets if isinstance(target, ast.Name)}
        return found

    @cached_property
    def imports(self) -> dict[str, tuple[ast.Import | ast.ImportFrom, ast.alias]]:
        """By the name that it binds, each import and its part."""
        nodes = [node for node in self.tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
        return {one.asname or one.name.partition(".")[0]: (node, one) for node in nodes for one in node.names}

    def source(self, node: _Definition) -> str:
        """The lines of a definition, without `__str__`, which speaks the grader's words."""
        first = min([node.lineno, *(one.lineno for one in getattr(node, "decorator_list", []))])
        left_out = {
            line for method in _told(node) for line in range(method.lineno - 1, (method.end_lineno or 0) + 1)
        }  # with the empty line above it
        return "\n".join(
            self.lines[line - 1] for line in range(first, (node.end_lineno or first) + 1) if line not in left_out
        )


@dataclass
class TravellingText:
    """Gathers definitions, each behind those that it uses, and the imports of libraries."""

    definitions: dict[str, tuple[str, str]] = field(default_factory=dict)  # by name: module and text
    imports: set[str] = field(default_factory=set)
    _waiting: set[tuple[str, str]] = field(default_factory=set)

    def add(self, module: str, name: str) -> None:
        """Add a definition and what it uses. Raises NotWritableError if that is part of the grader."""
        if name in self.definitions or (module, name) in self._waiting:
            if self.definitions.get(name, (module, ""))[0] != module:
                raise NotWritableError(f"it needs two parts of the grader with the name {name}")
            return
        found = _Module(module)
        node = found.definitions.get(name)
        if node is None:
            raise NotWritableError(f"it needs a part of the grader: {name}")
        self._waiting.add((module, name))
        for used in sorted(_names(node) - {name}):
            self._add_used(found, used)
        self.definitions[name] = module, found.source(node)

    def _add_used(self, module: _Module, name: str) -> None:
        if name in module.definitions:
            self.add(module.name, name)
        elif name in module.imports:
            node, part = module.imports[name]
            origin = _origin(module.name, node)
            if travels(origin) and part.asname is None:
                self.add(origin, part.name)
            elif origin == lazy_torch.__name__ and part.name == lazy_torch.NAME:
                self.imports.add(f"import {lazy_torch.NAME}")
            elif origin.partition(".")[0] in ("grader", module.name.partition(".")[0]):
                raise NotWritableError(f"it needs a part of the grader: {name}")
            else:
                kind = ast.Import([part]) if isinstance(node, ast.Import) else ast.ImportFrom(origin, [part], 0)
                self.imports.add(ast.unparse(kind))


def _origin(module: str, node: ast.Import | ast.ImportFrom) -> str:
    """The module that an import statement names."""
    if isinstance(node, ast.Import):
        return node.names[0].name
    if not node.level:
        return node.module or ""
    return ".".join([*module.split(".")[: -node.level], *([node.module] if node.module else [])])


def _told(node: ast.AST) -> list[ast.FunctionDef]:
    body = node.body if isinstance(node, ast.ClassDef) else []
    return [one for one in body if isinstance(one, ast.FunctionDef) and one.name == "__str__"]


def _names(node: ast.AST) -> set[str]:
    """The names that a definition mentions, besides in `__str__`."""
    left_out = {id(inner) for method in _told(node) for inner in ast.walk(method)}
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name) and id(one) not in left_out}
