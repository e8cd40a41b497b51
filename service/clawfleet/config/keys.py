"""Sorts out the keys of a tree: what the models take, what is accepted without effect, and what nobody knows."""

from __future__ import annotations

from dataclasses import dataclass, field

from clawfleet.config.nearest import nearest
from clawfleet.config.path import KeyPath
from clawfleet.config.shape import Shape, root_shape
from clawfleet.config.unused import reason_refused, reason_unused, siblings


@dataclass(frozen=True, slots=True)
class Problem:
    """Something to say about a place. `at` is the key it is about, when that lies deeper than `path`."""

    path: KeyPath
    message: str
    at: KeyPath = ()


@dataclass(slots=True)
class Sorted:
    """The tree with only the keys that the models take, and what is to be said about the others."""

    tree: object = None
    errors: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)


def sort_keys(tree: object) -> Sorted:
    """Take out of `tree` what the models do not know. Unknown keys are errors, except in sections that stay open."""
    found = Sorted()
    found.tree = _walk(tree, root_shape(), (), found)
    return found


def _walk(node: object, shape: Shape, path: KeyPath, found: Sorted) -> object:
    if isinstance(node, list) and shape.kind == "list" and shape.item:
        return [_walk(item, shape.item, (*path, index), found) for index, item in enumerate(node)]
    if not isinstance(node, dict) or shape.kind not in ("object", "map"):
        return node
    kept = {}
    for key, value in node.items():
        child = shape.child(key)
        if child is None:
            _leave_out(key, shape, path, found)
        else:
            kept[key] = _walk(value, child, (*path, key), found)
    return kept


def _leave_out(key: str, shape: Shape, path: KeyPath, found: Sorted) -> None:
    here = (*path, key)
    if (reason := reason_refused(here)) is not None:
        found.errors.append(Problem(here, reason))
    elif (reason := reason_unused(here)) is not None:
        if reason:
            found.warnings.append(Problem(here, f"accepted without effect: {reason}"))
    else:
        near = nearest(key, [*shape.keys, *siblings(path)])
        message = f'Unrecognized key: "{key}"' + (f' (did you mean "{near}"?)' if near else "")
        if shape.model is not None and shape.model.keeps_unknown:
            found.warnings.append(Problem(path, f"{message}; left out", at=here))
        else:
            found.errors.append(Problem(path, message, at=here))
