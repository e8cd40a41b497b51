"""No newer release is looked for."""

from tests.unit.rpc.house import House


async def test_no_update_is_known_and_none_comes_by_itself(house: House) -> None:
    status = await house.call("update.status", refreshCheckout=True)
    assert (status["sentinel"], status["updateAvailable"]) == (None, None)
    assert status["schedule"] == {"channel": "stable", "autoEnabled": False, "install": {"kind": "package"}}
