"""Docker on a host, and the image that sandboxes are made of there. Source: deploy §4.1, §12."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from clawfleet.fleet.models.base import ImageName, Section

SANDBOX_IMAGE = "openclaw-sandbox:bookworm-slim"
"""What a gateway's config names when it names none."""


class Docker(Section):
    """Docker for the sandboxes of a host: its gateways' OS users are let in."""

    install: bool = Field(False, description="Install the distribution's Docker where there is none.")


class SandboxImage(Section):
    """The image of a host's sandboxes: brought there when it is not the same as here."""

    image: ImageName = Field(SANDBOX_IMAGE, description="Its name, as configs say it.")
    build: Literal["control", "host"] = Field("control", description="Where it is built: here once, or on the host.")
    archive: str | None = Field(None, description="What `docker save` wrote, instead of this machine's own image.")
    keep: int = Field(2, ge=1, le=20, description="How many versions stay on a host.")
