"""How a shift is written on the command line: `10%/1m`, `500ms`, `baseline+50%`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_STEP = re.compile(r"(\d{1,3})%/(\S+)")
_PERCENT = re.compile(r"(\d+(?:\.\d+)?)%")
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_BASELINE = "baseline+"


class OptionError(ValueError):
    """The option cannot be read; the message says how it is written."""


def duration(text: str) -> float:
    """Seconds; raises OptionError."""
    found = _DURATION.fullmatch(text)
    if found is None:
        raise OptionError(f"a time is written as 500ms, 90s, 5m or 1h, not {text!r}")
    return float(found[1]) * _SECONDS[found[2]]


def percent(text: str) -> float:
    """Raises OptionError."""
    found = _PERCENT.fullmatch(text)
    if found is None:
        raise OptionError(f"a percentage is written as 1% or 0.5%, not {text!r}")
    return float(found[1])


def whole_percent(text: str) -> int:
    """Raises OptionError."""
    found = percent(text)
    if found != int(found):
        raise OptionError(f"weights are whole percentages, not {text!r}")
    return int(found)


def strategy(linear: str | None, canary: str | None) -> Mapping[str, Any]:
    """The member of StartShift that says how; raises OptionError."""
    if (linear is None) == (canary is None):
        raise OptionError("say how: --linear 10%/1m (a tenth more each minute) or --canary 10%/5m")
    if linear is not None:
        share, bake = _step(linear)
        return {"Linear": {"StepPercent": share, "BakeTimeInSeconds": bake}}
    share, bake = _step(str(canary))
    return {"Canary": {"CanaryPercent": share, "BakeTimeInSeconds": bake}}


def guards(errors: list[str], times: Mapping[str, list[str]]) -> list[Mapping[str, Any]]:
    """Members of StartShift's Guards; `times` by percentile. Raises OptionError."""
    found: list[Mapping[str, Any]] = []
    for text in errors:
        is_relative, limit = _limit(text)
        name = "MoreThanBaseline" if is_relative else "Limit"
        found.append({"Metric": "ErrorRate", name: percent(limit)})
    for percentile, texts in times.items():
        for text in texts:
            is_relative, limit = _limit(text)
            amount = {"MoreThanBaseline": percent(limit)} if is_relative else {"Limit": duration(limit)}
            found.append({"Metric": "ResponseTime", "Percentile": percentile, **amount})
    return found


def _limit(text: str) -> tuple[bool, str]:
    return text.startswith(_BASELINE), text.removeprefix(_BASELINE)


def _step(text: str) -> tuple[int, int]:
    found = _STEP.fullmatch(text)
    if found is None:
        raise OptionError(f"a step is written as 10%/1m, not {text!r}")
    bake = round(duration(found[2]))
    if bake < 1:
        raise OptionError(f"a step takes a second at least, not {found[2]!r}")
    return int(found[1]), bake
