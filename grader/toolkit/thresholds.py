"""Thresholds of convergence checks, measured and never guessed: `thresholds.toml` holds them, `grade calibrate` writes it."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

PATH = Path(__file__).with_name("thresholds.toml")
_HEADER = "# Measured by `grade calibrate`; docs/thresholds.md says how. Do not edit by hand."


@dataclass(frozen=True)
class Kills:
    """In which share of its runs a mistake fails: by the threshold alone, and by the check as a whole.

    `as_reference` says that every run was by the rule and within what the reference reaches: this mistake is for other checks.
    """

    by_threshold: float
    by_check: float
    as_reference: bool


@dataclass(frozen=True)
class Threshold:
    """What a submission must reach, lower being better, and how it was measured.

    `mean` and `std` are of the reference over `seeds` seeds. `reach` is the value above which a right answer lies with a
    probability of at most 1e-6, and `false_fail` bounds that probability for `threshold`. `contrast` is the mean of what the
    method of comparison reaches in the same budget. `mistakes` were run over `mistake_seeds` seeds.
    """

    mean: float
    std: float
    reach: float
    threshold: float
    false_fail: float
    contrast: float
    seeds: int
    mistake_seeds: int
    command: str
    versions: Mapping[str, str] = field(default_factory=dict)
    mistakes: Mapping[str, Kills] = field(default_factory=dict)


@cache
def load() -> dict[str, Threshold]:
    """All thresholds by "section.check"."""
    if not PATH.exists():
        return {}
    tables = tomllib.loads(PATH.read_text(encoding="utf-8"))
    return {f"{section}.{name}": _read(entry) for section, table in tables.items() for name, entry in table.items()}


def threshold(name: str) -> Threshold:
    """Return the threshold called "section.check"; KeyError says how to measure it."""
    try:
        return load()[name]
    except KeyError:
        raise KeyError(f"{PATH.name} has no {name}: grade calibrate {name.partition('.')[0]}") from None


def store(measured: Mapping[str, Threshold]) -> None:
    """Write thresholds, keeping those that were not measured anew."""
    PATH.write_text(_text({**load(), **measured}), encoding="utf-8")
    load.cache_clear()


def without_mistakes() -> str:
    """The file as students get it: what the checks need of it, and nothing of how wrong answers fared."""
    return _text({name: replace(entry, mistakes={}) for name, entry in load().items()})


def _text(thresholds: Mapping[str, Threshold]) -> str:
    return "\n\n".join([_HEADER, *(_block(name, entry) for name, entry in sorted(thresholds.items()))]) + "\n"


def _read(entry: dict[str, Any]) -> Threshold:
    kills = {slug: Kills(**one) for slug, one in entry.pop("mistakes", {}).items()}
    return Threshold(**entry, mistakes=kills)


def _block(name: str, entry: Threshold) -> str:
    """An entry as TOML, a line for each mistake."""
    values = dict(vars(entry))
    mistakes = values.pop("mistakes")
    lines = [f"[{name}]", *(f"{key} = {_toml(value)}" for key, value in values.items())]
    if mistakes:
        lines += ["", f"[{name}.mistakes]", *(f"{slug} = {_toml(vars(one))}" for slug, one in mistakes.items())]
    return "\n".join(lines)


def _toml(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {_toml(item)}" for key, item in value.items()) + " }"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value}"'
    return repr(float(f"{value:.6g}")) if isinstance(value, float) else repr(value)
