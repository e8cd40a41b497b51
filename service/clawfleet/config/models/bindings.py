"""`bindings`: which agent answers what comes from where. Source: channels §2.9."""

from typing import Literal

from pydantic import Field, field_validator

from clawfleet.config.models.base import Id, Section, Text
from clawfleet.config.models.session import DmScope


class BindingPeer(Section):
    """Who is on the other end."""

    kind: Literal["direct", "group", "channel"] = Field(description="A person, or a group or room (both are one).")
    id: Id = Field(description="The platform's id of the person, group or room; `*` is any.")

    @field_validator("kind", mode="before")
    @classmethod
    def _older_word(cls, value: object) -> object:
        return "direct" if value == "dm" else value


class BindingMatch(Section):
    """Where a message must come from; every key that is given must fit."""

    channel: Text = Field(min_length=1, description="Messaging platform.")
    account_id: Id | None = Field(None, description="Account on it; `*` is any. Unset: the account `default`.")
    peer: BindingPeer | None = Field(None, description="Who is on the other end.")
    guild_id: Id | None = Field(None, description="Server of the room (Discord).")
    team_id: Id | None = Field(None, description="Workspace of the room (Slack).")
    roles: tuple[Id, ...] = Field((), description="One of them the sender must have; needs guildId.")


class BindingSession(Section):
    """How conversations are separated where this binding decides."""

    dm_scope: DmScope | None = Field(None, description="Instead of session.dmScope.")


class Binding(Section):
    """One rule."""

    type: Literal["route", "acp"] = Field("route", description="`acp` bindings are kept and not used.")
    agent_id: Text = Field(min_length=1, description="Who answers.")
    comment: Text | None = Field(None, description="For people.")
    match: BindingMatch = Field(description="Where a message must come from.")
    session: BindingSession = Field(BindingSession(), description="Separation of conversations.")
