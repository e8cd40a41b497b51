"""A patch as the changes that it asks for: objects merge, null takes away, everything else replaces. Pure.

Source: config-and-cli §3 (`config patch`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from clawfleet.config.change import Edit
from clawfleet.config.path import KeyPath, parse_path, show_path
from clawfleet.config.rewrite import with_entries
from clawfleet.config.roster import with_both


def edits_of_patch(
    source: Mapping[str, object], patch: Mapping[str, object], replace: Collection[str] = ()
) -> list[Edit]:
    """The changes that lead from what a config says to what it says after the patch; none where it says so already.

    `replace` are key paths whose objects are not merged. Agents merge by their id under either name of the roster.
    """
    whole = {show_path(parse_path(path)) for path in replace}
    return list(_edits((), with_both(source), with_entries(patch), whole))


def _edits(path: KeyPath, old: object, new: object, whole: Collection[str]) -> Iterator[Edit]:
    if new is None:
        if old is not None:
            yield Edit(path, removes=True)
        return
    if isinstance(new, Mapping) and isinstance(old, Mapping) and show_path(path) not in whole:
        for key, value in new.items():
            yield from _edits((*path, key), old.get(key), value, whole)
        return
    value = _without_nulls(new)
    if value != old:
        yield Edit(path, value)


def _without_nulls(value: object) -> object:
    if isinstance(value, Mapping):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    return value
