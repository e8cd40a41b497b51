"""`auth`: which stored credentials there are and in which order they are tried; the secrets are in the store.

Source: models-and-auth §7.4.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from clawfleet.config.models.base import OpenSection, Section, Text


class AuthProfileEntry(OpenSection):
    """What is told of one stored credential. Its secret is not here."""

    provider: Text = Field(min_length=1, description="Whose credential it is.")
    mode: Literal["api_key", "token", "oauth"] = Field("api_key", description="What kind it is.")
    email: Text | None = Field(None, description="Whose account it belongs to.")


class Auth(Section):
    """Stored credentials by id, `provider:name`."""

    profiles: dict[str, AuthProfileEntry] = Field(
        {}, description="Stored credentials by id; their secrets are in the store."
    )
    order: dict[str, tuple[Text, ...]] = Field(
        {}, description="By provider: which stored credentials are tried, in this order. All others are left out."
    )
