"""`tools`: which tools are on offer and how they work. Source: tools-and-sessions §1 to §4."""

from typing import Annotated, Literal

from pydantic import Field

from clawfleet.config.models.base import Flag, Section, Text, Whole
from clawfleet.config.models.loop_detection import LoopDetection
from clawfleet.config.models.tool_rules import Elevated, ToolGate, ToolLists, ToolRules
from clawfleet.config.models.web import Web


class FileTools(Section):
    """What tools that read and write files may touch."""

    workspace_only: Flag = Field(
        False, description="Only the agent's workspace: paths and links that lead out of it are refused."
    )


class PatchConfig(Section):
    """The apply_patch tool."""

    enabled: Flag = Field(True, description="Whether the tool is offered.")
    workspace_only: Flag = Field(
        True, description="Only the agent's workspace; `tools.fs.workspaceOnly` holds besides."
    )
    allow_models: tuple[Text, ...] = Field(
        (), description="Only for these models, as `provider/model` or by the model's id alone. Empty: all."
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
    background_ms: Annotated[Whole, Field(ge=0)] = Field(
        10_000, description="A command that takes longer goes to the background; at most two minutes."
    )
    timeout_seconds: Annotated[Whole, Field(ge=0)] = Field(
        1800, description="Longest life of a command, in the background too; 0 is no limit."
    )
    cleanup_ms: Whole = Field(
        1_800_000,
        description="How long the result of a command in the background is kept; from a minute to three hours.",
    )
    notify_on_exit: Flag = Field(True, description="Tell the session when a command in the background ends.")
    notify_on_exit_empty_success: Flag = Field(False, description="Also when it went well and printed nothing.")
    apply_patch: PatchConfig = Field(PatchConfig(), description="Changing files by patches.")
    path_prepend: tuple[Text, ...] = Field((), description="Directories put before PATH.")


class SessionTools(Section):
    """Which sessions an agent's session tools reach."""

    visibility: Literal["self", "tree", "agent", "all"] = Field(
        "tree",
        description="`self`: its own; `tree`: and those it spawned, from the main session all of the agent; "
        "`agent`: all of the agent; `all`: other agents' too, where agentToAgent lets it.",
    )


class AgentToAgent(Section):
    """Whether agents reach each other's sessions."""

    enabled: Flag = Field(False, description="Let them.")
    allow: tuple[Text, ...] = Field((), description="Only these agents, both of a pair; `*` matches any part.")


class AgentTools(ToolRules):
    """The tools of one agent, or of all."""

    by_provider: dict[str, ToolRules] = Field(
        {}, description="Further rules by `provider` or `provider/model` of the model that answers; one applies."
    )
    tools_by_sender: dict[str, ToolLists] = Field(
        {}, description="Further rules by who asks: `channel:<id>:<sender>`, `id:`, `e164:`, `username:`, `name:`, `*`."
    )
    sandbox: ToolGate = Field(ToolGate(), description="What sandboxed sessions keep. Unset: what works in there.")
    exec: ExecConfig = Field(ExecConfig(), description="How exec runs commands.")
    elevated: Elevated = Field(Elevated(), description="Who may have commands run outside the sandbox.")
    fs: FileTools | None = Field(None, description="Limits of the tools that read and write files.")
    loop_detection: LoopDetection = Field(LoopDetection(), description="Notices an agent that repeats itself.")


class ToolsConfig(AgentTools):
    """The gateway's tools."""

    sessions: SessionTools = Field(SessionTools(), description="Which sessions session tools reach.")
    agent_to_agent: AgentToAgent = Field(AgentToAgent(), description="Whether agents reach each other's sessions.")
    update_plan: Flag = Field(True, description="Offer progress_card: the card that says how far the work is.")
    web: Web = Field(Web(), description="What agents may read of the web.")
    subagents: ToolGate = Field(ToolGate(), description="What subagents keep, of what they may have at all.")
