"""`tools`: which tools are on offer and how exec runs. Source: tools-and-sessions §1 and §3.1."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from clawfleet.config.models.base import Flag, Section, Text, Whole
from clawfleet.config.models.web import Web


class FileTools(Section):
    """What tools that read and write files may touch."""

    workspace_only: Flag = Field(
        False, description="Only the agent's workspace: paths and links that lead out of it are refused."
    )


class ToolRules(Section):
    """Which tools an agent may use. A set `allow` is a whitelist; a deny always wins."""

    profile: Literal["minimal", "coding", "messaging", "full"] | None = Field(
        None, description="Named set of tools to start from. Unset: full."
    )
    allow: tuple[Text, ...] | None = Field(None, description="Only these tools, groups or patterns.")
    also_allow: tuple[Text, ...] | None = Field(None, description="Adds to the profile; cannot stand beside `allow`.")
    deny: tuple[Text, ...] = Field((), description="Never these tools, groups or patterns.")
    fs: FileTools | None = Field(None, description="Limits of the tools that read and write files.")

    @model_validator(mode="after")
    def _allow_or_also_allow(self) -> Self:
        if self.allow and self.also_allow:
            raise ValueError(
                "tools cannot set both allow and alsoAllow in the same scope "
                "(merge alsoAllow into allow, or remove allow and use profile + alsoAllow)"
            )
        return self


class PatchConfig(Section):
    """The apply_patch tool."""

    enabled: Flag = Field(True, description="Whether the tool is offered.")
    workspace_only: Flag = Field(
        True, description="Only the agent's workspace; `tools.fs.workspaceOnly` holds besides."
    )


class ExecConfig(Section):
    """How the exec tool runs commands."""

    host: Literal["auto", "sandbox", "gateway"] = Field(
        "auto", description="Where: `auto` is the sandbox if one is active, else the gateway's host."
    )
    mode: Literal["deny", "allowlist", "ask", "full"] | None = Field(
        None,
        description="What runs on the host: nothing, the allowlist, that and what a person allows, everything. "
        "Unset: full. The approvals document can be stricter.",
    )
    security: Literal["deny", "allowlist", "full"] | None = Field(
        None, description="Older spelling of `mode`: nothing, the allowlist, everything."
    )
    ask: Literal["off", "on-miss", "always"] | None = Field(
        None, description="Older spelling of `mode`: when a person is asked."
    )
    timeout_seconds: Annotated[Whole, Field(ge=0)] = Field(
        1800, description="Longest life of a command; 0 is no limit."
    )
    apply_patch: PatchConfig = Field(PatchConfig(), description="Changing files by patches.")
    path_prepend: tuple[Text, ...] = Field((), description="Directories put before PATH.")


class ToolsConfig(ToolRules):
    """The gateway's tools."""

    exec: ExecConfig = Field(ExecConfig(), description="How exec runs commands.")
    web: Web = Field(Web(), description="What agents may read of the web.")
