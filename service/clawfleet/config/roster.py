"""Agents are written as `agents.list` or as `agents.entries`; people may use either name whatever the file has.

Pure translation between the two, so that a command never adds a second roster beside the operator's. Source:
config-and-cli §0 row 2.
"""

from __future__ import annotations

from collections.abc import Mapping

from clawfleet.config.path import KeyPath, index_in

LIST: KeyPath = ("agents", "list")
ENTRIES: KeyPath = ("agents", "entries")


def with_both(source: Mapping[str, object]) -> Mapping[str, object]:
    """The tree with the roster under both names, for reading."""
    agents = source.get("agents")
    if not isinstance(agents, Mapping):
        return source
    both = dict(agents)
    if "entries" in agents and "list" not in agents:
        both["list"] = as_list(agents["entries"])
    elif "list" in agents and "entries" not in agents:
        both["entries"] = as_entries(agents["list"])
    return {**source, "agents": both}


def written_path(source: Mapping[str, object], path: KeyPath) -> KeyPath:
    """`path` by the name that the file uses for its roster; unchanged when it names no agent there."""
    rows, entries = _rosters(source)
    if len(path) > 2 and path[:2] == LIST and rows is None and entries is not None:
        names = list(entries)
        try:
            return (*ENTRIES, names[index_in(names, path[2])], *path[3:])
        except KeyError:
            return path
    if len(path) > 2 and path[:2] == ENTRIES and entries is None and rows is not None:
        index = next((i for i, row in enumerate(rows) if isinstance(row, Mapping) and row.get("id") == path[2]), None)
        return path if index is None else (*LIST, index, *path[3:])
    return path


def written(source: Mapping[str, object], path: KeyPath, value: object) -> tuple[KeyPath, object]:
    """Where and what to write so that the file keeps its one roster."""
    rows, entries = _rosters(source)
    if path == LIST and rows is None and entries is not None:
        return ENTRIES, as_entries(value)
    if path == ENTRIES and entries is None and rows is not None:
        return LIST, as_list(value)
    found = written_path(source, path)
    if found != path or len(path) <= 2:
        return found, value
    if path[:2] == ENTRIES and entries is None and rows is not None:
        inner = value
        for segment in reversed(path[3:]):
            inner = {str(segment): inner}
        return (*LIST, len(rows)), {"id": path[2], **inner} if isinstance(inner, Mapping) else inner
    if path[:2] == LIST and rows is None and entries is not None and len(path) == 3 and _has_id(value):
        return as_entry_path(value)
    return path, value


def as_entry_path(row: object) -> tuple[KeyPath, object]:
    """An item of a list as the path and value of a map entry."""
    [(name, rest)] = as_mapping(as_entries([row])).items()
    return (*ENTRIES, name), rest


def as_entries(rows: object) -> object:
    """A list of agents as a map by id; anything else as it is."""
    if not isinstance(rows, list) or not all(_has_id(row) for row in rows):
        return rows
    return {row["id"]: {key: value for key, value in row.items() if key != "id"} for row in rows}


def as_list(entries: object) -> object:
    """A map of agents as a list with ids; anything else as it is."""
    if not isinstance(entries, Mapping) or not all(isinstance(row, Mapping) for row in entries.values()):
        return entries
    return [{"id": name, **row} for name, row in entries.items()]


def as_mapping(value: object) -> Mapping[str, object]:
    """`value` if it is an object, else an empty one."""
    return value if isinstance(value, Mapping) else {}


def _has_id(row: object) -> bool:
    return isinstance(row, Mapping) and isinstance(row.get("id"), str)


def _rosters(source: Mapping[str, object]) -> tuple[list[object] | None, Mapping[str, object] | None]:
    agents = as_mapping(source.get("agents"))
    rows, entries = agents.get("list"), agents.get("entries")
    return (rows if isinstance(rows, list) else None), (entries if isinstance(entries, Mapping) else None)
