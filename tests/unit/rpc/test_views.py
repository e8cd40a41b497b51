"""What pages say of what they show."""

from tests.unit.rpc.house import House


async def test_nobody_is_told_who_looks_at_what(house: House) -> None:
    assert await house.call("sessions.viewers.set", sessionKeys=["agent:main:main"]) == {"sessionKeys": []}
    assert "at /sessionKeys" in (await house.refused("sessions.viewers.set", {"sessionKeys": ["x"] * 33}))["message"]


async def test_a_page_may_say_whether_it_is_in_front(house: House) -> None:
    assert await house.call("sessions.observer.visibility", visible=True) == {"ok": True}
    assert "'visible'" in (await house.refused("sessions.observer.visibility", {}))["message"]
