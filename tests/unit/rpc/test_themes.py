"""The page keeps its own look."""

from tests.unit.rpc.house import House


async def test_the_page_s_own_look_is_the_one_there_is(house: House) -> None:
    answer = await house.call("themes.list")
    assert (answer["current"]["id"], answer["current"]["mode"]) == ("claw", "system")
    assert answer["themes"] == [answer["theme"]]
