"""`/exec`: what is kept for the session, what holds for one message."""

from collections.abc import Callable

from clawfleet.agents.commands.table import Commands
from clawfleet.agents.run import TurnInput
from clawfleet.core.requester import Requester
from clawfleet.sessions.sessions import Sessions
from tests.unit.agents.commands.typed import KEY, session, typed
from tests.unit.agents.fakes import House

BOXED = {"agents": {"defaults": {"sandbox": {"mode": "all"}}}}


async def test_what_holds_is_told(equipped: Callable[..., House]) -> None:
    assert await typed(equipped(tools={"exec": {"mode": "ask"}}), "/exec") == (
        "Current exec defaults: host=auto, effective=gateway, security=allowlist, ask=on-miss, node=(unset)."
    )


async def test_the_host_is_kept(equipped: Callable[..., House], sessions: Sessions) -> None:
    house = equipped(**BOXED)
    assert await typed(house, "/exec host=gateway") == "⚙️ Exec defaults set (host=gateway)."
    assert (await session(sessions)).choices.exec_host == "gateway"
    assert "effective=gateway" in await typed(house, "/exec")
    await typed(house, "/exec host=auto")
    assert (await session(sessions)).choices.exec_host is None


async def test_out_of_the_sandbox_only_who_may(equipped: Callable[..., House], sessions: Sessions) -> None:
    """The same gates as for /elevated, unless an owner asks."""
    text = await typed(equipped(**BOXED), "/exec host=gateway", Requester("telegram", sender_id="7"))
    assert text.startswith("elevated is not available")
    assert (await session(sessions)).choices.exec_host is None


async def test_words_that_mean_nothing_here(equipped: Callable[..., House]) -> None:
    house = equipped()
    assert (
        await typed(house, "/exec host=moon") == 'Unrecognized exec host "moon". Valid: auto, sandbox, gateway, node.'
    )
    assert "No node" in await typed(house, "/exec host=node")
    assert "No node" in await typed(house, "/exec node=mac")
    assert (await typed(house, "/exec please")).startswith("Usage: /exec")
    assert "hold for one message" in await typed(house, "/exec ask=always")


def test_security_and_ask_hold_for_the_message_behind_them() -> None:
    asked = TurnInput(KEY, "main", "/exec security=allowlist ask=always tidy up", may_command=True)
    read = Commands(None).read(asked)  # type: ignore[arg-type]
    assert (read.text, read.command) == ("tidy up", None)
    assert read.requester is not None
    assert read.requester.orders == {"security": "allowlist", "ask": "always"}
