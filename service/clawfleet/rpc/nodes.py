"""`node.*`: machines that offer themselves to agents. They may connect; this gateway asks nothing of them yet."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from clawfleet.core.clock import now_ms
from clawfleet.core.errors import NotFoundError
from clawfleet.rpc.call import Call, Gateway
from clawfleet.rpc.clients import Caller
from clawfleet.rpc.registry import NoParams, Params, Result, method


class Node(Result):
    """One connected node. `commands` are what may be asked of it: nothing."""

    node_id: str
    display_name: str | None = None
    platform: str
    version: str
    client_id: str
    client_mode: str
    device_family: str | None = None
    caps: list[str]
    commands: tuple[str, ...] = ()
    session_host: bool = False
    approval_state: str = "approved"
    paired: bool = True
    connected: bool = True

    @classmethod
    def of(cls, caller: Caller) -> Node:
        """The row of a connected node."""
        client = caller.client
        return cls(
            node_id=_id_of(caller),
            display_name=client.display_name,
            platform=client.platform,
            version=client.version,
            client_id=client.id,
            client_mode=client.mode,
            device_family=client.device_family,
            caps=list(caller.caps),
        )


class Nodes(Result):
    """The answer of `node.list`."""

    ts: int
    nodes: list[Node]


@method("node.list", scope="operator.read")
async def list_nodes(call: Call, params: NoParams) -> Nodes:
    """The nodes that are connected."""
    return Nodes(ts=now_ms(), nodes=_nodes(call.gateway))


class NodeParams(Params):
    """Which node."""

    node_id: str = Field(min_length=1)


class NodeDetails(Node):
    """The answer of `node.describe`."""

    ts: int


@method("node.describe", scope="operator.read")
async def describe_node(call: Call, params: NodeParams) -> NodeDetails:
    """One connected node. Raises `NotFoundError`."""
    node = next((node for node in _nodes(call.gateway) if node.node_id == params.node_id), None)
    if node is None:
        raise NotFoundError("unknown nodeId", hint="`openclaw nodes status` lists the connected ones")
    return NodeDetails(**dict(node), ts=now_ms())


class NodePairing(Result):
    """The answer of `node.pair.list`: who waits for what they offer to be approved, and whose offer was."""

    pending: list[dict[str, Any]]
    paired: list[dict[str, Any]]


@method("node.pair.list", scope="operator.pairing")
async def list_node_pairing(call: Call, params: NoParams) -> NodePairing:
    """Nothing that nodes offer is used, so none of it waits or was approved; `device.pair.list` has the devices."""
    return NodePairing(pending=[], paired=[])


class NodeEventParams(Params):
    """What a node tells."""

    event: str = Field(min_length=1)


class NodeEventTaken(Result):
    """The answer of `node.event`."""

    ok: bool
    event: str
    handled: bool
    reason: str


@method("node.event", scope=None, role="node")
async def node_event(call: Call, params: NodeEventParams) -> NodeEventTaken:
    """Hear what a node tells; nothing here acts on it, and the node learns so."""
    return NodeEventTaken(ok=True, event=params.event, handled=False, reason="unsupported_event")


class NodeSkillsParams(Params):
    """The skills that a node offers."""

    skills: list[dict[str, Any]] = Field(max_length=64)


class NodeSkills(Result):
    """The answer of `node.skills.update`: the skills that were taken."""

    node_id: str
    skills: list[dict[str, Any]]


@method("node.skills.update", scope=None, role="node")
async def update_node_skills(call: Call, params: NodeSkillsParams) -> NodeSkills:
    """Take none of a node's skills: agents are told of none."""
    return NodeSkills(node_id=_id_of(call.caller), skills=[])


class NodeToolsParams(Params):
    """The tools that a node offers."""

    tools: list[dict[str, Any]]


class NodeTools(Result):
    """The answer of `node.pluginTools.update`: the tools that were taken."""

    node_id: str
    tools: list[dict[str, Any]]


@method("node.pluginTools.update", scope=None, role="node")
async def update_node_tools(call: Call, params: NodeToolsParams) -> NodeTools:
    """Take none of a node's tools: agents cannot call them."""
    return NodeTools(node_id=_id_of(call.caller), tools=[])


def _nodes(gateway: Gateway) -> list[Node]:
    return [Node.of(caller) for caller in gateway.clients.callers() if caller.role == "node"]


def _id_of(caller: Caller) -> str:
    return caller.device_id or caller.conn_id
