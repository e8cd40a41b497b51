"""`/model` chooses for one session, and for more when its owner says so."""

import pytest

from clawfleet.core.requester import Requester
from clawfleet.sessions.sessions import Sessions
from tests.unit.agents.commands.typed import session, typed, with_models
from tests.unit.agents.fakes import House


async def test_a_model_is_chosen_shown_and_taken_back(sessions: Sessions, house: House) -> None:
    with_models(house)
    text = await typed(house, "/model DEUX")
    assert text == "Model set to lan/two for this session only; configured default unchanged."
    assert (await session(sessions)).choices.model == "lan/two"
    shown = await typed(house, "/model")
    assert shown.startswith("Current: lan/two\nDefault: lan/one\nThink: off\n") and "-s this session" in shown
    assert await typed(house, "/model default") == "Session model reset to configured default (lan/one)."
    assert (await session(sessions)).choices.model is None
    assert "- lan/one (default)\n- lan/two (alias:deux)" in await typed(house, "/model list")


async def test_status_says_how_each_provider_is_reached_and_shows_no_key(sessions: Sessions, house: House) -> None:
    with_models(house)
    shown = await typed(house, "/model status")
    line = "[lan] endpoint: http://127.0.0.1:9/v1 api: openai-completions auth: key-of-t...e-config"
    assert f"{line} (models.providers.lan.apiKey)\n• lan/one (default)" in shown
    assert "key-of-the-config" not in shown


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("/model nosuch/x", 'Unknown provider "nosuch". Use /models to list providers.'),
        ("/model nope", '⚠️ Unknown model "nope"'),
        ("/model lan/one@lan:gone", "⚠️ Auth profile"),
        ("/model lan/one -x", "⚠️ -x is no scope of a model."),
    ],
)
async def test_what_is_no_model_says_so(sessions: Sessions, house: House, text: str, told: str) -> None:
    with_models(house)
    assert (await typed(house, text)).startswith(told)
    assert (await session(sessions)).choices.model is None


async def test_a_model_that_is_not_allowed_says_what_to_add(sessions: Sessions, house: House) -> None:
    with_models(house, modelPolicy={"allow": ["lan/one"]})
    told = await typed(house, "/model lan/two")
    assert told == (
        '⚠️ Model override "lan/two" is not allowed by agents.defaults.modelPolicy.allow. '
        'Add "lan/two" or "lan/*" to that list.'
    )


async def test_an_owner_keeps_a_choice_for_the_agent_or_for_all(sessions: Sessions, house: House) -> None:
    with_models(house)
    kept: list[tuple[str, str | None]] = []

    async def keep(ref: str, agent_id: str | None) -> None:
        kept.append((ref, agent_id))

    assert await typed(house, "/model deux -g") == "⚠️ this gateway cannot write its config"
    house.runs.keep_choice = keep
    await typed(house, "/model lan/one -s")
    assert await typed(house, "/model deux -a") == "Model set to lan/two for agent main."
    assert await typed(house, "/model deux -g") == "Model set to lan/two for all agents without their own."
    assert (await session(sessions)).choices.model is None, "the session follows what was kept"
    stranger = Requester("telegram", sender_id="7")
    assert "Only an owner" in await typed(house, "/model deux -g", stranger)
    assert kept == [("lan/two", "main"), ("lan/two", None)]
