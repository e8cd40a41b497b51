"""Writes tests/data/shapes from recorded traffic: `python -m tests.support.record_shapes <folder of recordings> …`.

Only keys, types and the order of events are kept, never a recorded text, id, path or number.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

from tests.support.shapes import Shape, merged, shape_of

SHAPES = Path(__file__).parents[1] / "data" / "shapes"
MAPS = frozenset(
    [
        "deliveryPreviews",
        "byType",
        "bySurface",
        "voicesByModel",
        "channels",
        "channelLabels",
        "channelAccounts",
        "channelDetailLabels",
        "channelSystemImages",
        "channelDefaultAccountId",
        "uiHints",
        "entries",
        "expectedEntries",
    ]
)
OPAQUE = frozenset(("parsed", "sourceConfig", "resolved", "runtimeConfig", "config", "schema", "args", "arguments"))
PAIRS = "methods-*.jsonl"
PAGES = ("control-ui-boot.jsonl", "control-ui-chat-turn.jsonl")
ROUTES = "control-ui-requests-by-route.jsonl"
COMMANDS = "cli-transcripts.jsonl"
TURNS = "turn-*.jsonl"


@dataclass
class Recorded:
    """What was seen of one method."""

    clients: set[str] = field(default_factory=set)
    params: list[Any] = field(default_factory=list)
    answers: list[Any] = field(default_factory=list)
    errors: set[str] = field(default_factory=set)

    def shape(self) -> dict[str, Shape]:
        """The line that is kept."""
        line: dict[str, Shape] = {"clients": sorted(self.clients)}
        line["params"] = merged(shape_of(value or {}, maps=MAPS, opaque=OPAQUE) for value in self.params)
        if self.answers:
            line["answer"] = merged(shape_of(value, maps=MAPS, opaque=OPAQUE) for value in self.answers)
        if self.errors:
            line["errors"] = sorted(self.errors)
        return line


def lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def _rows(folders: Sequence[Path], pattern: str) -> Iterator[dict[str, Any]]:
    for folder in folders:
        for path in sorted(folder.glob(pattern)):
            yield from lines(path)


def methods(folders: Sequence[Path]) -> dict[str, Shape]:
    """Each recorded method: who calls it, the shape of its parameters and of its answers, its error codes."""
    seen: dict[str, Recorded] = {}
    for row in _rows(folders, PAIRS):
        found = _of(seen, row["method"])
        found.params.append(row.get("params"))
        _answered(found, row)
    for name in PAGES:
        _exchange(seen, _rows(folders, name), "ui")
    for row in _rows(folders, COMMANDS):
        _exchange(seen, iter(row["frames"]), "cli")
    for row in _rows(folders, ROUTES):
        _of(seen, row["method"], "ui").params.append(row.get("params"))
    return {name: seen[name].shape() for name in sorted(seen) if name != "connect" and not name.startswith("nosuch")}


def _of(seen: dict[str, Recorded], method: str, client: str | None = None) -> Recorded:
    found = seen.setdefault(method, Recorded())
    if client:
        found.clients.add(client)
    return found


def _answered(found: Recorded, row: dict[str, Any]) -> None:
    if row["ok"]:
        found.answers.append(row.get("payload"))
    else:
        found.errors.add(row["error"]["code"])


def _exchange(seen: dict[str, Recorded], rows: Iterator[dict[str, Any]], client: str) -> None:
    asked: dict[tuple[Any, str], str] = {}
    for row in rows:
        frame = row.get("frame")
        if not isinstance(frame, dict):
            continue
        key = (row.get("conn"), frame.get("id", ""))
        if frame["type"] == "req":
            asked[key] = frame["method"]
            _of(seen, frame["method"], client).params.append(frame.get("params"))
        elif frame["type"] == "res" and key in asked:
            _answered(seen[asked[key]], frame)


def turns(folders: Sequence[Path]) -> dict[str, list[str]]:
    """The order of what each recorded turn's events say; what repeats itself is said once."""
    found = {}
    for path in sorted(path for folder in folders for path in folder.glob(TURNS)):
        frames = [row["frame"] for row in lines(path) if isinstance(row.get("frame"), dict)]
        found[path.stem.removeprefix("turn-")] = order(frames)
    return found


def order(frames: list[dict[str, Any]]) -> list[str]:
    """One word per event: its name, then stream, state, phase or reason; deltas in a row are one."""
    words = [word_of(frame) for frame in frames if frame["type"] == "event"]
    return [word for word, _ in groupby(words)]


def word_of(frame: dict[str, Any]) -> str:
    """`chat delta`, `agent lifecycle start`, `sessions.changed send`."""
    payload = frame.get("payload")
    if not isinstance(payload, dict):
        return str(frame["event"])
    data = payload.get("data") if isinstance(payload.get("data"), dict) else {}
    parts = [payload.get("stream"), payload.get("state"), (data or {}).get("phase"), payload.get("phase")]
    parts.append(payload.get("reason") if frame["event"] == "sessions.changed" else None)
    parts.append((payload.get("message") or {}).get("role") if frame["event"] == "session.message" else None)
    return " ".join([frame["event"], *(str(part) for part in parts if part)])


def write(folders: Sequence[Path]) -> None:
    """Both files, one line per method and turn, so that a change reads well."""
    SHAPES.mkdir(parents=True, exist_ok=True)
    for name, table in (("methods", methods(folders)), ("turns", turns(folders))):
        rows = ",\n".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in table.items())
        (SHAPES / f"{name}.json").write_text("{\n" + rows + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    write([Path(name) for name in sys.argv[1:]])
