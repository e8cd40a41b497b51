"""What to do with a container of the wanted name that is already there. Decides; `containers` acts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from clawfleet.sandbox.spec import ContainerSpec

HOT_S = 300.0
"""A container used within this many seconds may hold a conversation's unfinished work."""

Step = Literal["create", "use", "start", "replace", "keep", "refuse", "foreign"]


@dataclass(frozen=True, slots=True)
class Found:
    """A container as Docker tells of it."""

    id: str
    name: str
    running: bool
    created_at_ms: int
    labels: Mapping[str, str]


def choose(found: Found | None, spec: ContainerSpec, idle_s: float | None) -> Step:
    """The next step towards a running container that is what `spec` says.

    `idle_s`: seconds since this gateway last used it, None when it never did. A container whose settings
    changed is replaced when stopped or cold; while hot it is kept if it shows the same files (`keep`), else
    nothing runs in it (`refuse`). `foreign`: not of this gateway; never touched. Source: tools-and-sessions §5.2.
    """
    if found is None:
        return "create"
    if found.labels.get("openclaw.instance") != spec.tag:
        return "foreign"
    if found.labels.get("openclaw.configHash") == spec.config_hash:
        return "use" if found.running else "start"
    if not found.running or idle_s is None or idle_s >= HOT_S:
        return "replace"
    return "keep" if found.labels.get("openclaw.mountHash") == spec.mount_hash else "refuse"
