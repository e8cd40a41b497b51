"""Figures that only grow or that are read at the moment, and their text for Prometheus (exposition format 0.0.4)."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
MOST_SERIES = 2048
BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0)
"""Upper ends of a histogram's buckets, in seconds."""

DROPPED = "openclaw_prometheus_series_dropped_total"

Labels = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Sample:
    """One figure of the moment."""

    name: str
    value: float
    labels: Mapping[str, str] = field(default_factory=dict)
    kind: Literal["gauge", "counter"] = "gauge"


@dataclass(slots=True)
class _Histogram:
    counts: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))
    total: float = 0.0


class Metrics:
    """What was counted since the process began. A series beyond the bound is left out, and counted as left out."""

    def __init__(self, most: int = MOST_SERIES) -> None:
        self._most = most
        self._counters: dict[str, dict[Labels, float]] = {}
        self._histograms: dict[str, dict[Labels, _Histogram]] = {}
        self._series = 0
        self._dropped = 0

    def count(self, name: str, labels: Mapping[str, str], amount: float = 1) -> None:
        """Add to a counter."""
        rows, key = self._counters.setdefault(name, {}), tuple(labels.items())
        if key in rows or self._has_room():
            rows[key] = rows.get(key, 0) + amount

    def observe(self, name: str, labels: Mapping[str, str], seconds: float) -> None:
        """Note how long something took, in a histogram."""
        rows, key = self._histograms.setdefault(name, {}), tuple(labels.items())
        found = rows.get(key)
        if found is None:
            if not self._has_room():
                return
            found = rows[key] = _Histogram()
        found.counts[bisect_left(BOUNDS, seconds)] += 1
        found.total += seconds

    def _has_room(self) -> bool:
        if self._series >= self._most:
            self._dropped += 1
            return False
        self._series += 1
        return True

    def render(self, moment: Iterable[Sample]) -> str:
        """Everything counted, and the figures of the moment."""
        lines: list[str] = []
        by_name: dict[str, list[Sample]] = {}
        for sample in (*moment, Sample(DROPPED, self._dropped, kind="counter")):
            by_name.setdefault(sample.name, []).append(sample)
        for name, samples in by_name.items():
            lines.append(f"# TYPE {name} {samples[0].kind}")
            lines += [_line(name, tuple(sample.labels.items()), sample.value) for sample in samples]
        for name, rows in self._counters.items():
            lines.append(f"# TYPE {name} counter")
            lines += [_line(name, labels, value) for labels, value in rows.items()]
        for name, histograms in self._histograms.items():
            lines.append(f"# TYPE {name} histogram")
            for labels, histogram in histograms.items():
                lines += _buckets(name, labels, histogram)
        return "\n".join(lines) + "\n"


def _buckets(name: str, labels: Labels, histogram: _Histogram) -> list[str]:
    lines, so_far = [], 0
    for bound, count in zip((*(_number(bound) for bound in BOUNDS), "+Inf"), histogram.counts, strict=True):
        so_far += count
        lines.append(_line(f"{name}_bucket", (*labels, ("le", bound)), so_far))
    return [*lines, _line(f"{name}_sum", labels, histogram.total), _line(f"{name}_count", labels, so_far)]


def _line(name: str, labels: Labels, value: float) -> str:
    shown = ",".join(f'{key}="{_escaped(text)}"' for key, text in labels)
    return f"{name}{{{shown}}} {_number(value)}" if shown else f"{name} {_number(value)}"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else repr(float(value))
