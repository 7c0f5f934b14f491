"""Read `submission_metadata.yml` of a Gradescope export: the submitters and the time of each folder."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from grader.course import UsageError
from grader.submission.formats import MIB
from grader.toolkit.text import one_line

FILENAME = "submission_metadata.yml"
_SIZE_LIMIT = 64 * MIB


@dataclass(frozen=True)
class Submitter:
    """A person who handed in a folder; `keys` are their ids, the most reliable first."""

    keys: tuple[str, ...]
    name: str


@dataclass(frozen=True)
class Upload:
    """One folder of the export. A group has several submitters."""

    submitters: tuple[Submitter, ...]
    submitted: datetime | None


def read_metadata(path: Path) -> dict[str, Upload]:
    """Read the uploads by folder. Raises UsageError for a file that Gradescope did not write."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        if path.stat().st_size > _SIZE_LIMIT:
            raise UsageError(f"{_shown(path)}: larger than {_SIZE_LIMIT // MIB} MiB.")
        data = yaml.load(path.read_bytes(), Loader=loader)
    except OSError as error:
        raise UsageError(f"{_shown(path)}: cannot be read: {error.strerror}.") from None
    except (yaml.YAMLError, ValueError, RecursionError):
        raise UsageError(f"{_shown(path)}: not YAML. Export the submissions from Gradescope again.") from None
    if not isinstance(data, dict):
        raise UsageError(f"{_shown(path)}: no table of submissions. Export them from Gradescope again.")
    return {str(folder): _upload(entry, path, str(folder)) for folder, entry in data.items() if isinstance(entry, dict)}


def _upload(entry: Mapping[Any, Any], path: Path, folder: str) -> Upload:
    people = _get(entry, "submitters")
    found = [_submitter(one) for one in people if isinstance(one, dict)] if isinstance(people, list) else []
    created = _get(entry, "created_at")
    submitted = as_moment(created)
    if submitted is None and created is not None:  # without a time, a late file would count as on time
        told = f"{_shown(path)}: {one_line(folder, 100)}: created_at: {one_line(str(created), 100)}"
        raise UsageError(f"{told}: expected a time, such as 2026-11-20 22:15:03 Z. Export the submissions again.")
    return Upload(tuple(one for one in found if one.keys), submitted)


def _submitter(entry: Mapping[Any, Any]) -> Submitter:
    keys = [str(value) for word in ("sid", "email") if isinstance(value := _get(entry, word), str | int) and str(value)]
    name = _get(entry, "name")
    return Submitter(tuple(keys), one_line(name, 100) if isinstance(name, str) else "")


def _get(entry: Mapping[Any, Any], word: str) -> Any:
    """A value of an entry. Ruby writes the export: a key may begin with a colon."""
    return entry.get(f":{word}", entry.get(word))


def as_moment(value: Any) -> datetime | None:
    """A time from YAML or a string; without a zone it is UTC."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.removesuffix(" UTC"))
        except ValueError:
            return None
    if not isinstance(value, datetime):
        return None
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def _shown(path: Path) -> str:
    return one_line(str(path))
