"""Nodes are seen, and nothing is asked of them."""

from typing import Any

from clawfleet.protocol.handshake import Client
from clawfleet.rpc.clients import Caller
from tests.unit.rpc.house import House

HOST = Client(id="node-host", version="2026.9.6", platform="linux", mode="node", display_name="host1")
NODE = Caller("n1", HOST, (), True, role="node", caps=("system",), device_id="d" * 64)


class Machine:
    """A connected node that is told nothing."""

    caller = NODE

    def post(self, head: str, *, droppable: bool = False) -> None: ...

    def put(self, frame: str) -> None: ...

    def close(self, code: int, reason: str) -> None: ...


async def told(house: House, method: str, **params: Any) -> Any:
    (frame,) = await house.ask(method, params, caller=NODE)
    assert frame["ok"], frame["error"]
    return frame["payload"]


async def test_a_node_is_listed_while_it_is_connected(house: House) -> None:
    assert (await house.call("node.list"))["nodes"] == []
    machine = Machine()
    house.broadcast.join(machine)
    (node,) = (await house.call("node.list"))["nodes"]
    assert (node["nodeId"], node["displayName"], node["clientMode"]) == ("d" * 64, "host1", "node")
    assert (node["caps"], node["commands"], node["connected"]) == (["system"], [], True)
    described = await house.call("node.describe", nodeId="d" * 64)
    assert described.pop("ts") > 0 and described == node
    house.broadcast.leave(machine)
    assert (await house.refused("node.describe", {"nodeId": "d" * 64}))["message"] == "unknown nodeId"


async def test_nothing_that_nodes_offer_waits_for_approval(house: House) -> None:
    assert await house.call("node.pair.list") == {"pending": [], "paired": []}


async def test_a_node_learns_that_nothing_of_its_offer_is_taken(house: House) -> None:
    assert await told(house, "node.event", event="node.host.stats", payloadJSON="{}") == {
        "ok": True,
        "event": "node.host.stats",
        "handled": False,
        "reason": "unsupported_event",
    }
    offered = [{"name": "x", "description": "d", "content": "c"}]
    assert await told(house, "node.skills.update", skills=offered) == {"nodeId": "d" * 64, "skills": []}
    assert await told(house, "node.pluginTools.update", tools=[]) == {"nodeId": "d" * 64, "tools": []}
    assert (await house.refused("node.event", {"event": "x"}))["message"] == "unauthorized role: operator"
