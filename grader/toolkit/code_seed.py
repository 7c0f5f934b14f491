"""What a check draws its data from where a submission must not know them beforehand: the same for the same code."""

import hashlib
import hmac
from dataclasses import dataclass


@dataclass(frozen=True)
class CodeSeed:
    """Made of the course's key and a digest of a submission's code; `is_public` if every student has the key, too."""

    value: bytes
    is_public: bool

    @classmethod
    def of(cls, key: bytes, exercise: str, digest: str, is_public: bool) -> "CodeSeed":
        """The digest is a worker's word, from one that has executed nothing: without the key it is no use to choose it."""
        return cls(hmac.digest(key, f"data of {exercise}:{digest}".encode(), hashlib.sha256), is_public)

    def part(self, purpose: str) -> bytes:
        """Bytes of their own for one purpose."""
        return hmac.digest(self.value, purpose.encode(), hashlib.sha256)
