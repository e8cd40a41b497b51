"""An entry says what was chosen, in the protocol's words."""

from clawfleet.rpc.registry import to_wire
from clawfleet.rpc.sessions.shapes import ResolvedModel, SessionEntry
from clawfleet.sessions.model import Choices, Session
from tests.unit.rpc.house import House


async def test_a_chosen_model_is_an_override(house: House) -> None:
    session = Session("agent:main:x", "s", "main", 1, 2, choices=Choices(model="demo/echo", label="X"))
    wire = to_wire(SessionEntry.of(session))
    assert (wire["providerOverride"], wire["modelOverride"], wire["modelOverrideSource"]) == ("demo", "echo", "user")
    assert (wire["label"], wire["totalTokens"]) == ("X", 0)
    assert ResolvedModel.of(session, house.gateway).model == "echo"
    plain = Session("agent:main:x", "s", "main", 1, 2, model="gone/away")
    assert "modelOverride" not in to_wire(SessionEntry.of(plain))
    assert ResolvedModel.of(plain, house.gateway).model == "echo"
