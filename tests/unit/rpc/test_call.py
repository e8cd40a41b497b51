"""What a method is handed."""

from tests.unit.rpc.house import House


def test_nothing_secret_or_endless_stands_in_the_repr_of_a_caller(house: House) -> None:
    caller = house.caller("operator.read")
    assert (caller.scopes, caller.is_local, caller.client.id) == (("operator.read",), True, "cli")
    assert "conn-1" in repr(caller)


async def test_a_second_response_follows_the_first(house: House) -> None:
    """`follow_up` is what lets `agent` answer twice to one request (protocol §11)."""
    frames = await house.ask("agent", {"message": "hi", "idempotencyKey": "k"})
    assert [frame["id"] for frame in frames] == ["r1", "r1"]
    assert [frame["payload"]["status"] for frame in frames] == ["accepted", "ok"]
