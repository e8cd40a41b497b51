"""`tools.*`: which tools there are, which a session may use, one run from outside a turn. Source: protocol §12."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import Field

from clawfleet.core.errors import ToolError
from clawfleet.core.ids import new_id
from clawfleet.core.messages import Image
from clawfleet.rpc.call import Call
from clawfleet.rpc.registry import Params, Result, method
from clawfleet.rpc.tools_explain import occasion_now
from clawfleet.tools.base import Tool, ToolContext
from clawfleet.tools.catalogue import GROUPS_ALLOWED, MCP, PROFILES
from clawfleet.tools.mcp.naming import BETWEEN
from clawfleet.tools.mcp.tool import McpTool
from clawfleet.tools.policy import canonical

LABELS = {"fs": "Files", "ui": "UI", "plugins": "Connected tools"}
SHOWN_FIRST = (
    "fs",
    "runtime",
    "web",
    "memory",
    "sessions",
    "ui",
    "messaging",
    "automation",
    "nodes",
    "agents",
    "media",
)
"""Groups in the order in which clients show them; others follow."""
PROFILE_LABELS = {"minimal": "Minimal", "coding": "Coding", "messaging": "Messaging", "full": "Full"}
IN_TURNS_ONLY = frozenset({
    *("exec", "process", "code_execution", "write", "edit", "apply_patch", "sessions_spawn", "sessions_send"),
    *("automations", "gateway", "nodes", "terminal", "plugins", "secrets"),
})  # fmt: skip
"""Tools that nobody may run from outside a turn: they change the machine, or act in somebody's name."""


class AgentParams(Params):
    """Whose tools."""

    agent_id: str | None = None


class CatalogProfile(Result):
    """One tool profile."""

    id: str
    label: str


class CatalogTool(Result):
    """One tool and the tool profiles that hold it."""

    id: str
    label: str
    description: str
    source: str = "core"
    default_profiles: list[str]


class CatalogGroup(Result):
    """Tools of one kind."""

    id: str
    label: str
    source: str = "core"
    tools: list[CatalogTool]


class ToolsCatalog(Result):
    """The answer of `tools.catalog`."""

    agent_id: str
    profiles: list[CatalogProfile]
    groups: list[CatalogGroup]


@method("tools.catalog", scope="operator.read")
async def tools_catalog(call: Call, params: AgentParams) -> ToolsCatalog:
    """Every tool of this gateway in its group, whether or not policy leaves it to somebody."""
    agent = call.gateway.roster.get(params.agent_id)
    groups: dict[str, list[CatalogTool]] = {}
    for spec in call.gateway.toolbox.specs():
        groups.setdefault(_group_of(spec.name), []).append(
            CatalogTool(
                id=spec.name,
                label=spec.name,
                description=_first_sentence(spec.description),
                source=_source_of(spec.name),
                default_profiles=[
                    name
                    for name, members in PROFILES.items()
                    if spec.name in members or (BETWEEN in spec.name and MCP in members)
                ],
            )
        )
    return ToolsCatalog(
        agent_id=agent.id,
        profiles=[CatalogProfile(id=name, label=label) for name, label in PROFILE_LABELS.items()],
        groups=[
            CatalogGroup(id=name, label=LABELS.get(name, name.capitalize()), source=tools[0].source, tools=tools)
            for name, tools in sorted(groups.items(), key=lambda each: _place_of(each[0]))
        ],
    )


class EffectiveParams(Params):
    """Which session."""

    session_key: str = Field(min_length=1)
    agent_id: str | None = None


class EffectiveTool(Result):
    """One tool that a session may use."""

    id: str
    label: str
    description: str
    raw_description: str
    source: str = "core"
    mcp_server: str | None = None
    mcp_tool_name: str | None = None

    @classmethod
    def of(cls, tool: Tool) -> EffectiveTool:
        """A tool as it is offered."""
        spec = tool.spec
        brought = tool if isinstance(tool, McpTool) else None
        return cls(
            id=spec.name,
            label=spec.name.replace("_", " ").title(),
            description=spec.description,
            raw_description=spec.description,
            source="mcp" if brought else "core",
            mcp_server=brought.server if brought else None,
            mcp_tool_name=brought.own_name if brought else None,
        )


class EffectiveGroup(Result):
    """Tools of one origin."""

    id: str
    label: str
    source: str
    tools: list[EffectiveTool]


class ToolsEffective(Result):
    """The answer of `tools.effective`. `profile` is the tool profile that the policy begins with."""

    agent_id: str
    profile: str
    groups: list[EffectiveGroup]


@method("tools.effective", scope="operator.read")
async def tools_effective(call: Call, params: EffectiveParams) -> ToolsEffective:
    """The tools that policy leaves a session now, with the model that would answer in it."""
    gateway = call.gateway
    key, agent_id = gateway.roster.locate(params.session_key, params.agent_id)
    config = gateway.snapshot.config
    entry = config.agents.entries.get(agent_id)
    own = entry.tools.profile if entry and entry.tools else None
    occasion = await occasion_now(call, key, agent_id)
    await gateway.toolbox.prepare(agent_id, key, occasion)
    tools = [EffectiveTool.of(tool) for tool in gateway.toolbox.offered(agent_id, key, occasion).values()]
    groups = [
        EffectiveGroup(id=source, label=label, source=source, tools=own_tools)
        for source, label in (("core", "Built-in tools"), ("mcp", "MCP servers"))
        if (own_tools := [each for each in tools if each.source == source])
    ]
    return ToolsEffective(agent_id=agent_id, profile=own or config.tools.profile or "full", groups=groups)


class InvokeParams(Params):
    """Which tool, with what, in whose session."""

    name: str = Field(min_length=1)
    args: dict[str, Any] = Field(default_factory=dict)
    session_key: str | None = None
    agent_id: str | None = None
    idempotency_key: str | None = None


class InvokeError(Result):
    """Why nothing came of it."""

    code: str
    message: str


class Invoked(Result):
    """The answer of `tools.invoke`."""

    ok: bool
    tool_name: str
    output: dict[str, Any] | None = None
    source: str | None = None
    error: InvokeError | None = None


@method("tools.invoke", scope="operator.write", once=True)
async def invoke_tool(call: Call, params: InvokeParams) -> Invoked:
    """Run a tool that the session may use. What it refuses or cannot do is an answer, not an error of the request."""
    gateway, name = call.gateway, canonical(params.name)
    key, agent_id = gateway.roster.locate(params.session_key or "main", params.agent_id)
    await gateway.toolbox.prepare(agent_id, key)
    offered = gateway.toolbox.offered(agent_id, key)
    tool = None if name in IN_TURNS_ONLY else offered.get(name) or offered.get(params.name.strip())
    if tool is None:
        missing = InvokeError(code="not_found", message=f"Tool not available: {params.name}")
        return Invoked(ok=False, tool_name=params.name, error=missing)
    workspace = Path(gateway.roster.get(agent_id).workspace)
    context = ToolContext(new_id(), key, agent_id, workspace, new_id(), lambda output: None)
    try:
        result = await tool.run(context, params.args)
    except ToolError as error:
        return Invoked(ok=False, tool_name=name, error=InvokeError(code=error.code, message=error.message))
    if result.is_error:
        return Invoked(ok=False, tool_name=name, error=InvokeError(code="TOOL_FAILED", message=result.text))
    content = [{"type": "text", "text": result.text}, *map(_picture, result.images)]
    output = {"content": content, "details": dict(result.details)}
    return Invoked(ok=True, tool_name=name, output=output, source="mcp" if isinstance(tool, McpTool) else "core")


def _source_of(name: str) -> str:
    return "plugin" if BETWEEN in name else "core"


def _picture(image: Image) -> dict[str, str]:
    return {"type": "image", "mimeType": image.media_type, "data": image.data}


def _place_of(group: str) -> int:
    return SHOWN_FIRST.index(group) if group in SHOWN_FIRST else len(SHOWN_FIRST)


def _first_sentence(text: str) -> str:
    end = text.find(". ")
    return text if end < 0 else text[: end + 1]


def _group_of(name: str) -> str:
    if BETWEEN in name:
        return "plugins"
    found = (group for group, members in GROUPS_ALLOWED.items() if name in members and group != "group:openclaw")
    return next(found, "group:other").removeprefix("group:")
