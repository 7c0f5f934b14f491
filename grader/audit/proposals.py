"""Mutants that no mistake names, as skeletons of `@mistake` for an author to complete."""

import ast
from collections.abc import Sequence
from pathlib import Path

from grader.audit.mutants import Mutant
from grader.course import Section
from grader.diagnosis.mistakes import definition_in

FILENAME = "mistakes_proposed.py"  # not read as mistakes, and left out of the kit
_BEGIN = '''"""Wrong answers that checks fail and no mistake names. Move those that students make to the section's mistakes.

Write in each docstring what a student reads who does this, and two or three hints.
"""

from grader.toolkit.mistakes import mistake
'''


def write_proposals(section: Section, mutants: Sequence[Mutant]) -> Path:
    """Write the skeletons into the section's room; return the file."""
    path = section.room / FILENAME
    path.write_text("\n\n".join([_BEGIN, *(skeleton(mutant, place) for place, mutant in enumerate(mutants, 1))]))
    return path


def skeleton(mutant: Mutant, place: int) -> str:
    """A mutant as a mistake whose diagnosis and hints are still to be written."""
    (node,) = ast.parse(definition_in(mutant.source, mutant.exercise)).body
    assert isinstance(node, ast.FunctionDef | ast.ClassDef)
    node.name, node.decorator_list = f"{mutant.exercise}_{place}", []
    if isinstance(node, ast.FunctionDef):
        node.returns = None
        for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs):
            argument.annotation = None
    body = node.body[1:] if ast.get_docstring(node) is not None else node.body
    said = f"Line {mutant.line}: {mutant.change}. Say what the code does, why that is wrong and where to look."
    node.body = [ast.Expr(ast.Constant(said)), *body]
    return f'@mistake("{mutant.exercise}", hints=("A gentle hint.", "A direct hint."))\n{ast.unparse(node)}\n'
