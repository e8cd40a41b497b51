"""`/tools`: what the session has, and why it has not more."""

from collections.abc import Callable

from tests.unit.agents.commands.typed import typed
from tests.unit.agents.fakes import House


async def test_the_head_says_what_narrows(equipped: Callable[..., House]) -> None:
    house = equipped(tools={"profile": "full", "allow": ["exec"]})
    lines = (await typed(house, "/tools")).splitlines()
    assert lines[2].startswith("Profile: full, narrowed by tools.allow (1 of ")
    assert lines[4] == "exec"


async def test_nothing_that_narrows_is_not_mentioned(equipped: Callable[..., House]) -> None:
    assert "narrowed" not in await typed(equipped(), "/tools")


async def test_verbose_describes_and_says_why_the_others_are_not_there(equipped: Callable[..., House]) -> None:
    text = await typed(equipped(tools={"deny": ["web_fetch"]}), "/tools verbose")
    assert "\nexec - " in text and "\nweb_fetch: removed by tools.deny" in text
    assert "\nweb_search: cannot work here, no key for a search" in text
