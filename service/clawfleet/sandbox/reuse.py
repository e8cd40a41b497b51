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
    """A container as Docker tells of it. `image` is the name it was made from, `image_id` what that meant then."""

    id: str
    name: str
    running: bool
    created_at_ms: int
    labels: Mapping[str, str]
    image: str = ""
    image_id: str = ""


def is_cold(idle_s: float | None) -> bool:
    """Whether nobody would miss what a container holds in memory; `idle_s` is None when this process never used it."""
    return idle_s is None or idle_s >= HOT_S


def choose(found: Found | None, spec: ContainerSpec, idle_s: float | None, image_id: str | None = None) -> Step:
    """The next step towards a running container that is what `spec` says.

    `idle_s`: seconds since this gateway last used it, None when it never did. `image_id` is what the image's name means
    now, None when nobody looked. A container whose settings or image changed is replaced when stopped or cold; while
    hot it is kept if it shows the same files (`keep`), else nothing runs in it (`refuse`). `foreign`: not of this
    gateway; never touched. Source: tools-and-sessions §5.2.
    """
    if found is None:
        return "create"
    if found.labels.get("openclaw.instance") != spec.tag:
        return "foreign"
    is_current = image_id is None or not found.image_id or image_id == found.image_id
    if found.labels.get("openclaw.configHash") == spec.config_hash and is_current:
        return "use" if found.running else "start"
    if not found.running or is_cold(idle_s):
        return "replace"
    return "keep" if found.labels.get("openclaw.mountHash") == spec.mount_hash else "refuse"
