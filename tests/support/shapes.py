"""The shape of JSON: which keys it has and of which types, without any of its values; and how a value differs from one.

A shape is JSON itself: `"string"`, `"number"`, `"boolean"`, `"null"`, `"any"`; `{"key": shape, "maybe?": shape}`;
`[shape of the items]`, `[]` when none was ever seen; `{"*": shape}` for keys that are names or ids;
`{"|": [shape, …]}` for one of several. `{"...": "any"}` among keys says that there are more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

Shape = Any
ANY, NULL, OR, EACH, MORE = "any", "null", "|", "*", "..."
OPTIONAL = "?"
_TRIMMED = "__trimmed__"


def shape_of(value: Any, *, maps: frozenset[str] = frozenset(), opaque: frozenset[str] = frozenset()) -> Shape:
    """The shape of a value. `maps` names keys whose values have free keys, `opaque` those that are left unlooked at."""
    if isinstance(value, dict):
        keys: dict[str, Shape] = {}
        for key, item in value.items():
            if key == _TRIMMED:
                keys[MORE] = ANY
            elif key in opaque:
                keys[key] = ANY if item is not None else NULL
            elif key in maps and isinstance(item, dict):
                keys[key] = {EACH: merged(shape_of(each, maps=maps, opaque=opaque) for each in item.values())}
            else:
                keys[key] = shape_of(item, maps=maps, opaque=opaque)
        return keys
    if isinstance(value, list):
        items = [item for item in value if not (isinstance(item, str) and item.startswith(_TRIMMED))]
        return [] if not items else [merged(shape_of(item, maps=maps, opaque=opaque) for item in items)]
    return _scalar(value)


def _scalar(value: Any) -> str:
    if value is None:
        return NULL
    if isinstance(value, bool):
        return "boolean"
    return "number" if isinstance(value, int | float) else "string"


def merged(shapes: Iterable[Shape]) -> Shape:
    """The shape that all of them have: keys that some lack may be absent, types that differ stand side by side."""
    options: list[Shape] = []
    for shape in shapes:
        for option in _options(shape):
            _add(options, option)
    if not options or ANY in options:
        return ANY
    return options[0] if len(options) == 1 else {OR: sorted(options, key=str)}


def _options(shape: Shape) -> list[Shape]:
    return list(shape[OR]) if isinstance(shape, dict) and OR in shape else [shape]


def _add(options: list[Shape], fresh: Shape) -> None:
    for index, known in enumerate(options):
        if isinstance(known, dict) and isinstance(fresh, dict):
            options[index] = _merged_keys(known, fresh)
            return
        if isinstance(known, list) and isinstance(fresh, list):
            options[index] = [merged(known + fresh)] if known or fresh else []
            return
    if fresh not in options:
        options.append(fresh)


def _merged_keys(one: dict[str, Shape], two: dict[str, Shape]) -> dict[str, Shape]:
    if EACH in one and EACH in two:
        return {EACH: merged(shape for shape in (one[EACH], two[EACH]) if shape != ANY)}
    keys: dict[str, Shape] = {}
    for name in sorted({key.removesuffix(OPTIONAL) for key in (*one, *two)}):
        found = [side[key] for side in (one, two) for key in (name, name + OPTIONAL) if key in side]
        always = name in one and name in two
        keys[name if always or name == MORE else name + OPTIONAL] = merged(found)
    return keys


def differences(shape: Shape, value: Any, path: str = "") -> Iterator[str]:
    """What of a value is not of the shape: `missing <path>`, `extra <path>` or `type <path>`, of items by `[]`.

    Where only null, or no item, was ever seen, everything fits.
    """
    options = _options(shape)
    if ANY in options or options == [NULL] or (value is None and NULL in options):
        return
    if isinstance(value, dict) and (keys := next((o for o in options if isinstance(o, dict)), None)) is not None:
        yield from _of_keys(keys, value, path)
    elif isinstance(value, list) and (items := next((o for o in options if isinstance(o, list)), None)) is not None:
        for item in value if items else ():
            yield from differences(items[0], item, f"{path}[]")
    elif _is_composed(value) or _scalar(value) not in options:
        yield f"type {path or '.'}"


def _is_composed(value: Any) -> bool:
    return isinstance(value, dict | list)


def _of_keys(keys: dict[str, Shape], value: dict[str, Any], path: str) -> Iterator[str]:
    if EACH in keys:
        for item in value.values():
            yield from differences(keys[EACH], item, f"{path}.*")
        return
    for key, shape in keys.items():
        name = key.removesuffix(OPTIONAL)
        if name in value:
            yield from differences(shape, value[name], f"{path}.{name}")
        elif key == name and name != MORE:
            yield f"missing {path}.{name}"
    for name in value if MORE not in keys else ():
        if name not in keys and name + OPTIONAL not in keys:
            yield f"extra {path}.{name}"
