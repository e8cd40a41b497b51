"""How hard a model may be told to think, as clients name it. Decides only. Source: protocol §12."""

from __future__ import annotations

from clawfleet.core.errors import RequestError
from clawfleet.models.catalog import ModelRow

OFF = "off"
LEVELS = (OFF, "minimal", "low", "medium", "high")
STRONGEST = ("xhigh", "max")


def levels(row: ModelRow | None) -> tuple[str, ...]:
    """The levels of a model; one that does not reason knows `off` only.

    The config may take away levels, and add the strongest ones.
    """
    if row is None or not row.reasoning:
        return (OFF,)
    efforts = row.compat.get("supportedReasoningEfforts")
    added = {*row.levels, *(efforts if isinstance(efforts, list | tuple) else ())}
    offered = (*LEVELS, *(level for level in STRONGEST if level in added))
    return tuple(level for level in offered if row.levels.get(level, level) is not None) or (OFF,)


def default_level(row: ModelRow | None) -> str:
    """The level of a model that nobody chose one for."""
    known = levels(row)
    return "medium" if "medium" in known else known[-1]


def checked(level: str, row: ModelRow) -> str:
    """`level` as the model knows it. Raises `RequestError` with what it knows."""
    known, wanted = levels(row), level.strip().lower()
    if wanted not in known:
        raise RequestError(f'thinkingLevel "{level}" is not supported for {row.ref} (use {", ".join(known)})')
    return wanted


def effort(level: str | None, row: ModelRow) -> str | None:
    """What the provider is told; None leaves it to its default, also for a level that another model had."""
    return level if level in (*LEVELS, *STRONGEST) and row.reasoning else None
