"""Arguments of programs, as they are shown."""

from typing import Any


def in_words(program: str, arguments: dict[str, Any]) -> dict[str, Any]:
    return {"the red number": arguments["problem"].x}
