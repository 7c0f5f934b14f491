"""Short names for what each top-level function and class of a source file does, to tell which a change has touched.

Two files that give a name the same digest behave alike when it is called, wherever it stands in them and whatever comments
surround it. In doubt digests differ: whatever is not certain to concern one name alone is part of all of them. Runs in a
fresh worker: parsing hostile text can exhaust memory or the stack.
"""

import ast
import hashlib
from collections.abc import Iterable

from grader.sandbox.analysis import mentions


def read(tree: ast.Module) -> dict[str, str]:
    """The digest of each top-level function and class: of its own text, of all it mentions, and of what runs on loading."""
    graph = mentions.read(tree)
    if graph is None:
        whole = _digest(mentions.text_of(node) for node in tree.body if not mentions.is_idle(node))
        return dict.fromkeys(mentions.definitions_of(tree), whole)
    texts = {name: _digest(map(mentions.text_of, nodes)) for name, nodes in graph.definitions.items()}
    begin = [text for text, _ in graph.loading]
    return {
        name: _digest([*begin, *(f"{one}={texts[one]}" for one in sorted(graph.reach(name)))])
        for name in graph.definitions
    }


def _digest(texts: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(texts).encode("utf-8", "surrogatepass")).hexdigest()[:32]
