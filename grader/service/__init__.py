"""The front door: submissions become Reports here. Nothing else opens a sandbox or runs checks."""

from grader.service.service import Service, Submissions, reading_definitions

__all__ = ["Service", "Submissions", "reading_definitions"]
