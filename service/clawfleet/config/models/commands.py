"""`commands`: who may give control commands in a chat."""

from pydantic import Field

from clawfleet.config.models.base import Id, Section


class Commands(Section):
    """Control commands in chats."""

    owner_allow_from: tuple[Id, ...] = Field((), description="Owners as channel:id, e.g. telegram:42.")
