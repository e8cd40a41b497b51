"""sessions_list as a model meets it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from clawfleet.config.models.root import Config
from clawfleet.core.messages import Message
from clawfleet.secrets.redact import Redactor
from clawfleet.sessions.lifecycle import Patch
from clawfleet.tools.conversations.sessions_list import SessionsListTool
from clawfleet.tools.conversations.visibility import Reach
from clawfleet.tools.failures import BadArguments
from tests.support.desk import CONTEXT, FakeDesk

GROUP = "agent:main:telegram:group:-7"


async def listed(
    desk: FakeDesk, key: str = "agent:main:main", config: Any = None, **arguments: object
) -> dict[str, Any]:
    reach = Reach.of(Config.model_validate(config or {}), key.split(":")[1], key, clamped=False)
    result = await SessionsListTool(desk, reach, Redactor(["hidden-word"])).run(CONTEXT, arguments)
    told: dict[str, Any] = json.loads(result.text)
    return told


def keys(told: dict[str, Any]) -> set[str]:
    return {row["key"] for row in told["sessions"]}


async def test_a_session_lists_what_it_may_reach(desk: FakeDesk) -> None:
    """And says that there may be more."""
    own = {"agent:main:main", GROUP, "agent:main:subagent:a", "agent:main:subagent:b"}
    told = await listed(desk)
    assert keys(told) == own
    assert (told["count"], told["hasMore"], told["limitApplied"]) == (4, False, 100)
    assert told["visibility"]["mode"] == "tree"
    assert "tools.sessions.visibility" in told["visibility"]["warning"]
    assert keys(await listed(desk, GROUP)) == own - {"agent:main:main"}
    everything = {"tools": {"sessions": {"visibility": "all"}, "agentToAgent": {"enabled": True}}}
    told = await listed(desk, GROUP, everything)
    assert keys(told) == own | {"agent:coder:main"}
    assert told["visibility"] == {"mode": "all", "restricted": False}


async def test_a_list_is_narrowed_and_turned_over(desk: FakeDesk) -> None:
    assert keys(await listed(desk, kinds=["group"])) == {GROUP}
    assert keys(await listed(desk, excludeSubagents=True)) == {"agent:main:main", GROUP}
    assert keys(await listed(desk, search="group:-7")) == {GROUP}
    assert keys(await listed(desk, agentId="coder")) == set()
    assert keys(await listed(desk, archived=True)) == set()
    desk.running.add(GROUP)
    assert keys(await listed(desk, activeOnly=True)) == {GROUP}
    await desk.store.patch(GROUP, Patch(choices={"category": "Work"}, pinned=True))
    assert keys(await listed(desk, group="Work")) == {GROUP}
    assert keys(await listed(desk, pinned=True)) == {GROUP}
    first = await listed(desk, limit=3)
    rest = await listed(desk, limit=3, offset=first["nextOffset"])
    assert (first["hasMore"], rest["hasMore"], len(keys(first) | keys(rest))) == (True, False, 4)


async def test_rows_can_show_what_was_said(desk: FakeDesk) -> None:
    """Without secrets."""
    session = await desk.store.find(GROUP)
    assert session is not None
    await desk.store.append(session.session_id, None, [Message("user", "the hidden-word"), Message("assistant", "yes")])
    told = await listed(desk, kinds=["group"], messageLimit=2, includeLastMessage=True)
    row = told["sessions"][0]
    assert [each["content"] for each in row["messages"]] == ["the ***", "yes"]
    assert row["lastMessagePreview"] == "yes"


async def test_wrong_arguments_are_said(desk: FakeDesk) -> None:
    with pytest.raises(BadArguments):
        await listed(desk, kinds=["unknown"])
