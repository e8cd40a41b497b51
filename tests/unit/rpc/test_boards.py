"""Boards and artifacts are empty."""

from tests.unit.rpc.house import House


async def test_nothing_is_laid_out_beside_a_chat(house: House) -> None:
    board = await house.call("board.get", sessionKey="main", agentId="main")
    assert board == {"sessionKey": "agent:main:main", "revision": 0, "tabs": [], "widgets": []}
    assert await house.call("artifacts.list", sessionKey="main", type="image", limit=4) == {"artifacts": []}


async def test_a_session_of_nobody_is_refused(house: House) -> None:
    for name in ("board.get", "artifacts.list"):
        error = await house.refused(name, {"sessionKey": "agent:nobody:x"})
        assert error["details"]["code"] == "UNKNOWN_AGENT"
