"""`/status` says what this session uses."""

from clawfleet.sessions.lifecycle import Patch
from clawfleet.sessions.sessions import Sessions
from tests.unit.agents.commands.typed import KEY, typed
from tests.unit.agents.fakes import House


async def test_the_card_names_model_tokens_and_context(sessions: Sessions, house: House) -> None:
    await typed(house, "hello")
    await sessions.patch(KEY, Patch({"model": "fake/one"}))
    card = await typed(house, "/status")
    assert "🧠 Model: fake/one (chosen for this session)" in card
    assert "🧮 Tokens: 10 in / 1 out" in card
    assert "Context: 10/100k (0%)" in card
    assert f"🧵 Session: {KEY}" in card
    assert "🏃 Runs: none" in card
