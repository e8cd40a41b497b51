"""`themes.list`: how the original's page is to look. Nobody chooses here: it is what the page starts with."""

from __future__ import annotations

from typing import Any

from clawfleet.rpc.call import Call
from clawfleet.rpc.registry import NoParams, Result, method


class CurrentTheme(Result):
    """What is chosen: `mode` is light, dark or system; `scope` says for whom."""

    id: str
    mode: str
    scope: str
    overrides: dict[str, Any]


class Theme(Result):
    """One look."""

    id: str
    name: str
    description: str
    source: str
    modes: list[str]


class Themes(Result):
    """The answer of `themes.list`."""

    current: CurrentTheme
    theme: Theme
    themes: list[Theme]


PLAIN = Theme(id="claw", name="Claw", description="What the page brings.", source="builtin", modes=["light", "dark"])


@method("themes.list", scope="operator.read")
async def list_themes(call: Call, params: NoParams) -> Themes:
    """The looks to choose from: the page's own."""
    current = CurrentTheme(id=PLAIN.id, mode="system", scope="gateway", overrides={})
    return Themes(current=current, theme=PLAIN, themes=[PLAIN])
