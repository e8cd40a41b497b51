"""Nothing is told of pull requests, and that is said."""

from tests.unit.rpc.house import House


async def test_nobody_is_subscribed(house: House) -> None:
    for keys in ([], ["agent:main:main"]):
        answer = await house.call("controlUi.sessionPullRequests.subscribe", sessionKeys=keys)
        assert answer == {"subscribed": False}
