"""Thresholds of convergence checks, measured and never guessed: `thresholds.toml` holds them, `grade calibrate` writes it."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

FILENAME = "thresholds.toml"
_HEADER = "# Measured by `grade calibrate`. Do not edit by hand."


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


@dataclass(frozen=True)
class Scale:
    """Between which values points rise, lower being better, and how they were measured.

    All are earned at `everything` or below, none at `nothing` or above. `mean` and `std` are of the reference over `seeds`
    seeds, `contrast` and `contrast_std` of the method of comparison.
    """

    everything: float
    nothing: float
    mean: float
    std: float
    contrast: float
    contrast_std: float
    seeds: int
    command: str
    versions: Mapping[str, str] = field(default_factory=dict)

    def share(self, value: float) -> float:
        """The share of the points that a value earns, above 1 where it is better than it need be; 0 for NaN."""
        share = (self.nothing - value) / (self.nothing - self.everything)
        return share if share > 0 else 0.0


_Entry = TypeVar("_Entry", Threshold, Scale)


@cache
def load(path: Path) -> dict[str, Threshold | Scale]:
    """The thresholds and scales of a room's file, by their names."""
    if not path.exists():
        return {}
    return {name: _read(entry) for name, entry in tomllib.loads(path.read_text(encoding="utf-8")).items()}


def threshold(module: str, name: str) -> Threshold:
    """The threshold of this name in the room of a module, which gives its `__file__`; LookupError says how to measure it."""
    return _find(module, name, Threshold)


def scale(module: str, name: str) -> Scale:
    """The same for a scale."""
    return _find(module, name, Scale)


def _find(module: str, name: str, kind: type[_Entry]) -> _Entry:
    path = Path(module).with_name(FILENAME)
    entry = load(path).get(name)
    if not isinstance(entry, kind):
        raise LookupError(f"{path} has no {name}. Type: grade calibrate {path.parent.name.partition('_')[0]}")
    return entry


def store(path: Path, measured: Mapping[str, Threshold | Scale]) -> None:
    """Write new thresholds and keep the others."""
    path.write_text(_text({**load(path), **measured}), encoding="utf-8")
    load.cache_clear()


def without_mistakes(path: Path) -> str:
    """The file as students get it: what the checks need of it, and nothing of how wrong answers fared."""
    found = load(path).items()
    return _text({name: replace(one, mistakes={}) if isinstance(one, Threshold) else one for name, one in found})


def _text(thresholds: Mapping[str, Threshold | Scale]) -> str:
    return "\n\n".join([_HEADER, *(_block(name, entry) for name, entry in sorted(thresholds.items()))]) + "\n"


def _read(entry: dict[str, Any]) -> Threshold | Scale:
    if "everything" in entry:
        return Scale(**entry)
    kills = {slug: Kills(**one) for slug, one in entry.pop("mistakes", {}).items()}
    return Threshold(**entry, mistakes=kills)


def _block(name: str, entry: Threshold | Scale) -> str:
    """An entry as TOML, a line for each mistake."""
    values = dict(vars(entry))
    mistakes = values.pop("mistakes", {})
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
