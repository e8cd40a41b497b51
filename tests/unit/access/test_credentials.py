"""The order in which credentials are judged. The whole table of outcomes is in `test_gate`."""

from pathlib import Path

from clawfleet.access.gateway_auth import GatewayAuth
from tests.support.device import DeviceKey
from tests.unit.access.doors import TOKEN, doorway


async def test_the_shared_secret_comes_before_a_device_token(tmp_path: Path) -> None:
    async with doorway(tmp_path) as door:
        key = DeviceKey()
        token = await door.token_of(key)
        both = {"token": TOKEN, "deviceToken": token}
        assert (await door.enters(key=key, shown=both)).method == "token"


async def test_another_secret_counts_at_once(tmp_path: Path) -> None:
    async with doorway(tmp_path) as door:
        await door.enters()
        door.auth.adopt(GatewayAuth("token", "new", "config"))
        assert (await door.refused()).details["code"] == "AUTH_TOKEN_MISMATCH"
        assert (await door.enters(shown={"token": "new"})).method == "token"


async def test_a_device_token_that_was_tried_as_the_secret_is_no_guess(tmp_path: Path) -> None:
    async with doorway(tmp_path) as door:
        key = DeviceKey()
        token = await door.token_of(key)
        for _ in range(12):
            await door.enters(key=key, shown={"token": token})
        assert len(door.failures) == 0
