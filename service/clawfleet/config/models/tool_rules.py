"""Lists of tools, and who may have commands run outside the sandbox. Source: tools-and-sessions §1 and §3.2."""

from typing import Literal, Self

from pydantic import Field, model_validator

from clawfleet.config.models.base import Flag, Id, Section, Text


class ToolLists(Section):
    """Which tools one rule lets through. A set `allow` is a whitelist; a deny always wins."""

    allow: tuple[Text, ...] | None = Field(None, description="Only these tools, groups or patterns.")
    also_allow: tuple[Text, ...] | None = Field(None, description="Adds to the profile; cannot stand beside `allow`.")
    deny: tuple[Text, ...] = Field((), description="Never these tools, groups or patterns.")

    @model_validator(mode="after")
    def _allow_or_also_allow(self) -> Self:
        if self.allow and self.also_allow:
            raise ValueError(
                "tools cannot set both allow and alsoAllow in the same scope "
                "(merge alsoAllow into allow, or remove allow and use profile + alsoAllow)"
            )
        return self


class ToolRules(ToolLists):
    """Which tools an agent may use, or may use with one model."""

    profile: Literal["minimal", "coding", "messaging", "full"] | None = Field(
        None, description="Named set of tools to start from. Unset: full."
    )


class ToolGate(Section):
    """One more list that tools must pass."""

    tools: ToolLists = Field(ToolLists(), description="The list.")


class Elevated(Section):
    """Who may have commands run outside the sandbox."""

    enabled: Flag = Field(True, description="Whether anybody may.")
    allow_from: dict[str, tuple[Id, ...]] = Field(
        {}, description="Senders by channel (`webchat` for the Control UI): ids, `name:`, `username:`, `e164:`, `*`."
    )
