"""session_status as a model meets it."""

from __future__ import annotations

import pytest

from clawfleet.config.models.root import Config
from clawfleet.core.errors import ToolError
from clawfleet.tools.base import ToolResult
from clawfleet.tools.conversations.session_status import SessionStatusTool
from clawfleet.tools.conversations.visibility import Reach
from tests.support.desk import CONTEXT, FakeDesk


async def status(desk: FakeDesk, **arguments: object) -> ToolResult:
    reach = Reach.of(Config(), "main", "agent:main:main", clamped=False)
    return await SessionStatusTool(desk, reach).run(CONTEXT, arguments)


async def test_it_shows_this_session_unless_another_is_named(desk: FakeDesk) -> None:
    assert (await status(desk)).text == "status of agent:main:main, model None"
    assert "group:-7" in (await status(desk, sessionKey="telegram:group:-7")).text


async def test_it_sets_and_clears_the_model(desk: FakeDesk) -> None:
    assert (await status(desk, model="demo/x")).details["model"] == "demo/x"
    assert (await status(desk, model="default")).details["model"] == "demo/echo"


async def test_a_model_of_no_use_changes_nothing(desk: FakeDesk) -> None:
    with pytest.raises(ToolError, match="unknown model"):
        await status(desk, model="bad/model")
