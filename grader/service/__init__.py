"""The front door: submissions become Reports here. Nothing else opens a sandbox or runs checks."""

from grader.service.service import Service, Submissions

__all__ = ["Service", "Submissions"]
