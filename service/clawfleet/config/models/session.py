"""`session`: which messages share one conversation."""

from typing import Literal

from pydantic import Field

from clawfleet.config.models.base import Section

DmScope = Literal["main", "per-peer", "per-channel-peer", "per-account-channel-peer"]


class Session(Section):
    """Which messages share one conversation."""

    dm_scope: DmScope = Field(
        "main", description="What separates direct messages into sessions; `main` puts all in one."
    )
