"""What a change must not lose by accident: entries of the maps that people fill one by one.

Source: config-and-cli §2.6 and §3.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from clawfleet.config.path import KeyPath, look_up, show_path
from clawfleet.core.errors import RequestError

PROTECTED: tuple[KeyPath, ...] = (
    ("agents", "defaults", "models"),
    ("agents", "entries"),
    ("agents", "list"),
    ("models", "providers"),
    ("models", "providers", "*"),
    ("models", "providers", "*", "models"),
    ("plugins", "entries"),
    ("auth", "profiles"),
)
SMALL_FILE_CHARS = 512
"""Below this a file may shrink to anything: one long string is half of it."""


class WouldLose(RequestError):
    """The change would drop what was not named. `--replace` says that it is meant."""

    code = "CONFIG_WOULD_LOSE"
    exit_code = 1
    rejected: str | None = None
    """The text that would have been written, where the whole of it is at stake."""


def merged(old: object, new: object) -> object:
    """`new` on top of `old`: objects key by key, lists of things with an `id` item by item, all else replaced."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        return _merged_maps(old, new)
    if isinstance(old, list) and isinstance(new, list) and (rows := _by_id(old)) and (others := _by_id(new)):
        return list(_merged_maps(rows, others).values())
    return new


def _merged_maps(old: Mapping[str, object], new: Mapping[str, object]) -> dict[str, object]:
    both = {key: merged(value, new[key]) if key in new else value for key, value in old.items()}
    return {**both, **{key: value for key, value in new.items() if key not in old}}


def check_keeps(old: Mapping[str, object], new: Mapping[str, object], path: KeyPath) -> None:
    """Raise WouldLose when setting `path` turned `old` into a `new` that lacks entries."""
    for place, entries in _protected_places(old, (), PROTECTED):
        if place[: len(path)] != path:
            continue
        try:
            kept = _names(look_up(new, place))
        except KeyError:
            kept = []
        lost = [name for name in entries if name not in kept]
        if lost:
            how = "merge by id" if isinstance(look_up(old, place), list) else "merge object values"
            raise WouldLose(
                f"Refusing to replace {show_path(place)}; it would remove existing entries: {', '.join(lost)}. "
                f"Use --merge to {how} or --replace to replace intentionally."
            )


def check_mode(old: Mapping[str, object], new: Mapping[str, object], advice: str = "") -> None:
    """Raise WouldLose when gateway.mode is gone."""
    if _mode(old) is not None and _mode(new) is None:
        raise WouldLose(f"Refusing to drop gateway.mode: the gateway would not start.{advice}")


def check_size(old: str, new: str) -> None:
    """Raise WouldLose when a file of some size shrinks to less than half."""
    if len(old) >= SMALL_FILE_CHARS and 2 * len(new) < len(old):
        raise WouldLose(
            f"Refusing to shrink the config from {len(old)} to {len(new)} characters. Use --replace if that is meant."
        )


def _protected_places(
    tree: object, here: KeyPath, patterns: tuple[KeyPath, ...]
) -> Iterator[tuple[KeyPath, list[str]]]:
    """(place, names of its entries) of every protected map or list in a tree, outer ones first."""
    if () in patterns:
        yield here, _names(tree)
    if not isinstance(tree, Mapping):
        return
    for key, value in tree.items():
        below = tuple(pattern[1:] for pattern in patterns if pattern and pattern[0] in ("*", key))
        if below:
            yield from _protected_places(value, (*here, key), below)


def _names(entries: object) -> list[str]:
    if isinstance(entries, Mapping):
        return list(entries)
    return list(_by_id(entries)) if isinstance(entries, list) else []


def _by_id(rows: list[object]) -> dict[str, object]:
    """Items by their id; empty when one has none."""
    found: dict[str, object] = {
        row["id"]: row for row in rows if isinstance(row, Mapping) and isinstance(row.get("id"), str)
    }
    return found if len(found) == len(rows) else {}


def _mode(tree: Mapping[str, object]) -> object:
    gateway = tree.get("gateway")
    return gateway.get("mode") if isinstance(gateway, Mapping) else None
