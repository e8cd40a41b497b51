"""The table of tools. A tool's code is imported when a session is first offered it.

A factory takes the `Seat` of a session and gives its tool, or None when the tool cannot work there: it is then not
offered.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import cast

from clawfleet.tools.base import Tool
from clawfleet.tools.seat import Seat

Factory = Callable[[Seat], Tool | None]

TOOLS: Mapping[str, str] = {
    "exec": "clawfleet.tools.runtime.exec:for_seat",
    "process": "clawfleet.tools.runtime.process:for_seat",
    "read": "clawfleet.tools.files.read:for_seat",
    "write": "clawfleet.tools.files.write:for_seat",
    "edit": "clawfleet.tools.files.edit:for_seat",
    "apply_patch": "clawfleet.tools.files.apply_patch:for_seat",
    "ls": "clawfleet.tools.files.ls:for_seat",
    "agents_list": "clawfleet.tools.conversations.agents_list:for_seat",
    "message": "clawfleet.tools.conversations.message:for_seat",
    "progress_card": "clawfleet.tools.conversations.progress_card:for_seat",
    "session_status": "clawfleet.tools.conversations.session_status:for_seat",
    "sessions_history": "clawfleet.tools.conversations.sessions_history:for_seat",
    "sessions_list": "clawfleet.tools.conversations.sessions_list:for_seat",
    "sessions_send": "clawfleet.tools.conversations.sessions_send:for_seat",
    "sessions_spawn": "clawfleet.tools.conversations.sessions_spawn:for_seat",
    "sessions_yield": "clawfleet.tools.conversations.sessions_yield:for_seat",
    "subagents": "clawfleet.tools.conversations.subagents:for_seat",
    "view_image": "clawfleet.tools.media.view_image:for_seat",
    "web_fetch": "clawfleet.tools.web.fetch:for_seat",
    "web_search": "clawfleet.tools.web.search:for_seat",
}
"""Every tool by its canonical name, which `catalogue` has a row for. A new one is its file, its test, one line here."""


WHY_ABSENT: Mapping[str, str] = {
    "apply_patch": "tools.exec.applyPatch.enabled is false, or the workspace is read-only",
    "edit": "the workspace is read-only",
    "message": "no channel is configured",
    "progress_card": "tools.updatePlan is false",
    "view_image": "no configured model sees pictures",
    "web_fetch": "tools.web.fetch.enabled is false",
    "web_search": "no key for a search (BRAVE_API_KEY), or tools.web.search.enabled is false",
    "write": "the workspace is read-only",
}
"""What keeps a tool from working somewhere, in words of its operator; the others need nothing but a gateway."""


def names() -> list[str]:
    """Every tool there is, sorted."""
    return sorted(TOOLS)


def build(name: str, seat: Seat) -> Tool | None:
    """The tool of that name for one session; None when it cannot work there."""
    module, _, factory = TOOLS[name].partition(":")
    return cast(Factory, getattr(import_module(module), factory))(seat)
