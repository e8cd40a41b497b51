"""What is chosen for a session is kept and acted upon; what nothing acts on is refused."""

from pathlib import Path

import pytest

from tests.unit.agents.fakes import say
from tests.unit.rpc.house import House, open_house

TWO = {
    "models": {
        "providers": {
            "fake": {
                "baseUrl": "http://127.0.0.1:9/v1",
                "apiKey": "k",
                "models": [{"id": "one"}, {"id": "two"}, {"id": "deep", "reasoning": True}],
            }
        }
    }
}


async def test_the_next_run_uses_the_chosen_model_and_level(tmp_path: Path) -> None:
    async with open_house(tmp_path, TWO, steps=[say("a"), say("b")]) as house:
        patched = await house.call("sessions.patch", key="main", model="fake/deep", thinkingLevel="high")
        assert patched["resolved"]["model"] == "deep"
        assert patched["entry"]["modelOverride"] == "deep"
        await house.say("hi")
        row = (await house.call("sessions.describe", key="main"))["session"]
        assert (row["model"], row["modelOverrideSource"], row["thinkingLevel"]) == ("deep", "user", "high")
        script = house.gateway.models.script  # type: ignore[attr-defined]
        assert (script.asked[0][0].model, script.asked[0][1].reasoning_effort) == ("deep", "high")
        await house.call("sessions.patch", key="main", model=None, thinkingLevel=None)
        await house.say("again", run="run-2")
        assert script.asked[1][0].model == "one"


async def test_a_patch_makes_the_session_and_names_it(house: House) -> None:
    patched = await house.call("sessions.patch", key="agent:main:ghost", label="g")
    assert (patched["ok"], patched["key"], patched["entry"]["label"]) == (True, "agent:main:ghost", "g")
    error = await house.refused("sessions.patch", {"key": "other", "label": "g"})
    assert error["message"] == "label already in use: g"
    assert (await house.call("sessions.patch", key="ghost", label=None))["entry"].get("label") is None


async def test_what_a_page_sends_when_it_is_read(house: House) -> None:
    await house.say("hi")
    await house.call("sessions.patch", key="main", agentId="main", expectedMarkedUnreadAt=None, unread=False)
    assert (await house.call("sessions.describe", key="main"))["session"]["unread"] is False


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"thinkingLevel": "high"}, 'thinkingLevel "high" is not supported for demo/echo (use off)'),
        ({"verboseLevel": "loud"}, "verboseLevel 'loud' cannot be chosen for a session of this gateway"),
        ({"fastMode": True}, "fastMode True cannot be chosen for a session of this gateway"),
        ({"expectedSessionId": "other"}, "session agent:main:main changed since it was read"),
    ],
)
async def test_what_cannot_be_chosen_is_refused(house: House, change: dict[str, object], message: str) -> None:
    assert (await house.refused("sessions.patch", {"key": "main", **change}))["message"] == message
    assert await house.call("sessions.describe", key="main") == {}, "a refused patch makes no session"


async def test_what_is_so_anyway_is_no_error_but_asks_for_an_administrator(house: House) -> None:
    await house.call("sessions.patch", key="main", verboseLevel="off", sendPolicy=None)
    writer = house.caller("operator.write")
    error = await house.refused("sessions.patch", {"key": "main", "verboseLevel": "on"}, caller=writer)
    assert error["details"]["missingScope"] == "operator.admin"
    (frame,) = await house.ask("sessions.patch", {"key": "main", "pinned": True}, caller=writer)
    assert frame["payload"]["entry"]["pinnedAt"] > 0


async def test_what_commands_choose_can_be_patched_too(house: House) -> None:
    """Administrators free a session that takes nothing; the value that is the default is no choice."""
    await house.call("sessions.patch", key="main", sendPolicy="deny", elevatedLevel="ask", execHost="gateway")
    chosen = await house.gateway.sessions.find("agent:main:main")
    assert chosen is not None
    assert (chosen.choices.send_policy, chosen.choices.elevated, chosen.choices.exec_host) == ("deny", "ask", "gateway")
    await house.call("sessions.patch", key="main", sendPolicy=None, elevatedLevel=None, execHost="auto")
    free = await house.gateway.sessions.find("agent:main:main")
    assert free is not None
    assert (free.choices.send_policy, free.choices.elevated, free.choices.exec_host) == (None, None, None)


async def test_what_is_shown_of_a_run_can_be_chosen_and_stands_in_rows(house: House) -> None:
    chosen = await house.call("sessions.patch", key="main", verboseLevel="full", reasoningLevel="stream")
    assert (chosen["entry"]["verboseLevel"], chosen["entry"]["reasoningLevel"]) == ("full", "stream")
    row = (await house.call("sessions.describe", key="main"))["session"]
    assert (row["verboseLevel"], row["reasoningLevel"]) == ("full", "stream")
    cleared = await house.call("sessions.patch", key="main", verboseLevel=None, reasoningLevel=None)
    assert {"verboseLevel", "reasoningLevel"}.isdisjoint(cleared["entry"])
