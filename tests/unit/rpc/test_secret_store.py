"""There is no secret store."""

from tests.unit.rpc.house import House


async def test_nothing_is_in_it(house: House) -> None:
    assert await house.call("secrets.store.list") == {"entries": []}


async def test_it_is_an_administrators(house: House) -> None:
    error = await house.refused("secrets.store.list", caller=house.caller("operator.write"))
    assert error["details"]["missingScope"] == "operator.admin"
