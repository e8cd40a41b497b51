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


def test_the_names_of_configs_follow_text_and_meaning(house: House) -> None:
    live = house.gateway.live
    assert live.hash_of("{}") != live.hash_of("{ }")
    assert live.revision_of({"a": 1}) == live.revision_of({"a": 1}) != live.revision_of({"a": 2})
    assert house.gateway.applied_hash == live.revision_of(house.gateway.snapshot.source)


def test_the_parts_are_those_of_this_moment(house: House) -> None:
    gateway, current = house.gateway, house.gateway.live.current
    assert (gateway.instance, gateway.snapshot, gateway.roster) == (current.instance, current.snapshot, current.roster)
    assert (gateway.models, gateway.toolbox) == (current.models, current.toolbox)
