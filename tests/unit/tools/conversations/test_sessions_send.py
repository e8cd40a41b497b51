"""sessions_send as a model meets it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from clawfleet.config.models.root import Config
from clawfleet.sessions.lifecycle import Patch
from clawfleet.tools.conversations.failures import NoSession, OutOfReach
from clawfleet.tools.conversations.sessions_send import SessionsSendTool
from clawfleet.tools.conversations.visibility import Reach
from clawfleet.tools.desk import Heard
from clawfleet.tools.failures import BadArguments
from tests.support.desk import CONTEXT, FakeDesk

GROUP = "agent:main:telegram:group:-7"
OPEN = {"tools": {"sessions": {"visibility": "all"}, "agentToAgent": {"enabled": True}}}


async def send(desk: FakeDesk, config: Any = None, **arguments: object) -> dict[str, Any]:
    reach = Reach.of(Config.model_validate(config or {}), "main", "agent:main:main", clamped=False)
    result = await SessionsSendTool(desk, reach).run(CONTEXT, {"message": "hi", **arguments})
    told: dict[str, Any] = json.loads(result.text)
    return told


async def test_an_answer_comes_back(desk: FakeDesk) -> None:
    """The other session reads where the message came from, and that no person wrote it."""
    told = await send(desk, sessionKey=GROUP)
    assert told == {
        "runId": "run-2",
        "sessionKey": GROUP,
        "status": "ok",
        "delivery": {"status": "skipped", "mode": "none"},
        "reply": "the answer",
    }
    (errand,) = desk.asked
    assert (errand.from_key, errand.from_run, errand.to_key, errand.wait_s) == ("agent:main:main", "run-1", GROUP, 30)
    assert errand.text.startswith("[Inter-session message from agent:main:main")
    assert errand.text.endswith("\nhi")


@pytest.mark.parametrize(
    ("heard", "field"), [(Heard("r", "timeout", "late"), "error"), (Heard("r", "error", "broken"), "error")]
)
async def test_no_answer_is_told_with_its_reason(desk: FakeDesk, heard: Heard, field: str) -> None:
    desk.answer = heard
    told = await send(desk, sessionKey=GROUP)
    assert (told["status"], told[field]) == (heard.status, heard.text)


async def test_a_note_starts_no_turn(desk: FakeDesk) -> None:
    told = await send(desk, sessionKey=GROUP, mode="notify")
    assert (told["status"], desk.asked, desk.notes[0][0]) == ("accepted", [], GROUP)


async def test_a_session_goes_by_label_and_by_agent(desk: FakeDesk) -> None:
    await desk.store.patch(GROUP, Patch(choices={"label": "team"}))
    assert (await send(desk, label="team"))["sessionKey"] == GROUP
    assert (await send(desk, OPEN, agentId="Coder", timeoutSeconds=0))["sessionKey"] == "agent:coder:main"
    assert desk.asked[-1].wait_s == 0
    for wrong in ({"label": "none"}, {"agentId": "nobody"}, {"label": "team", "agentId": "coder"}):
        with pytest.raises(NoSession):
            await send(desk, OPEN, **wrong)
    with pytest.raises(BadArguments, match="sessionKey, label or agentId"):
        await send(desk)


async def test_who_may_not_be_reached_is_not_asked(desk: FakeDesk) -> None:
    """Another agent by any name, and the session itself."""
    for target in ({"agentId": "coder"}, {"sessionKey": "agent:coder:main"}, {"sessionKey": "main"}):
        with pytest.raises(OutOfReach):
            await send(desk, **target)
    assert desk.asked == []
