"""`system-presence`: a bare array of who is in."""

from clawfleet.protocol.handshake import Client
from clawfleet.rpc.registry import to_wire
from clawfleet.rpc.system import PresenceEntry
from tests.unit.rpc.house import House

PAGE = Client(
    id="openclaw-control-ui", version="1.0", platform="Linux", mode="webchat", display_name="Web", instance_id="tab-1"
)


async def test_the_gateway_itself_is_always_in(house: House) -> None:
    (own,) = await house.call("system-presence")
    assert (own["mode"], own["reason"], own["version"]) == ("gateway", "self", "1.2.3")
    assert own["text"].startswith(f"Gateway: {own['host']}")
    assert own["text"].endswith(" · app 1.2.3 · mode gateway · reason self")
    assert own["ts"] > 0


async def test_a_page_comes_and_goes(house: House) -> None:
    house.gateway.presence.enter("c1", PAGE, ip="10.0.0.9", scopes=("operator.read",))
    own, page = await house.call("system-presence")
    assert own["mode"] == "gateway"
    assert (page["clientId"], page["mode"], page["reason"], page["ip"]) == (
        "openclaw-control-ui",
        "webchat",
        "connect",
        "10.0.0.9",
    )
    assert (page["roles"], page["scopes"], page["instanceId"]) == (["operator"], ["operator.read"], "tab-1")
    house.gateway.presence.leave("c1")
    assert len(await house.call("system-presence")) == 1


async def test_what_is_not_known_is_left_out(house: House) -> None:
    house.gateway.presence.enter("c1", PAGE, ip=None, scopes=())
    page = to_wire(PresenceEntry.of(house.gateway.presence.rows()[1]))
    assert not {"ip", "scopes", "deviceFamily", "deviceId"} & set(page)
