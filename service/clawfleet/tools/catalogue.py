"""Every tool name that policy knows, its group and the tool profiles that hold it; groups and profiles are derived.

A name stands here whether or not this gateway has the tool: an operator's list may name it and means what it always
meant. Source: tools-and-sessions §1.1-§1.3; where the two OpenClaw generations differ, a set holds the members of both.
"""

from __future__ import annotations

# name, group (may be empty), tool profiles
_ROWS: tuple[tuple[str, str, str], ...] = (
    ("exec", "runtime", "coding"),
    ("process", "runtime", "coding"),
    ("code_execution", "runtime", "coding"),
    ("secrets", "runtime", "coding messaging"),
    ("read", "fs", "coding"),
    ("write", "fs", "coding"),
    ("edit", "fs", "coding"),
    ("apply_patch", "fs", "coding"),
    ("ls", "fs", "coding"),
    ("sessions", "sessions", "coding messaging"),
    ("sessions_list", "sessions", "coding messaging"),
    ("sessions_history", "sessions", "coding messaging"),
    ("sessions_search", "sessions", "coding messaging"),
    ("sessions_send", "sessions", "coding messaging"),
    ("sessions_spawn", "sessions", "coding messaging"),
    ("sessions_yield", "sessions", "coding messaging"),
    ("session_status", "sessions", "minimal coding messaging"),
    ("subagents", "sessions", "coding messaging"),
    ("conversations_list", "sessions", "coding messaging"),
    ("conversations_send", "sessions", "coding messaging"),
    ("conversations_turn", "sessions", "coding messaging"),
    ("agents_wait", "sessions", "coding"),
    ("suggest_task", "sessions", ""),
    ("dismiss_task", "sessions", ""),
    ("github_identity_status", "sessions", "coding"),
    ("memory_search", "memory", "coding"),
    ("memory_get", "memory", "coding"),
    ("web_search", "web", "coding"),
    ("x_search", "web", "coding"),
    ("web_fetch", "web", "coding"),
    ("browser", "ui", ""),
    ("canvas", "ui", ""),
    ("screen", "ui", ""),
    ("theme", "ui", "coding messaging"),
    ("dashboard", "ui", "coding"),
    ("terminal", "ui", "coding"),
    ("portal", "ui", "coding"),
    ("show_widget", "ui", ""),
    ("heartbeat_respond", "automation", ""),
    ("automations", "automation", "coding"),
    ("gateway", "automation", "minimal coding messaging"),
    ("plugins", "automation", "coding"),
    ("openclaw", "automation", ""),
    ("message", "messaging", "messaging"),
    ("nodes", "nodes", ""),
    ("computer", "nodes", ""),
    ("mobile_ui", "nodes", ""),
    ("agents_list", "agents", ""),
    ("get_goal", "agents", "coding"),
    ("create_goal", "agents", "coding"),
    ("update_goal", "agents", "coding"),
    ("progress_card", "agents", "coding"),
    ("ask_user", "agents", "coding messaging"),
    ("skill_workshop", "agents", "coding"),
    ("view_image", "media", "coding"),
    ("image_generate", "media", "coding"),
    ("music_generate", "media", "coding"),
    ("video_generate", "media", "coding"),
    ("tts", "media", ""),
    ("pdf", "media", ""),
    ("intent", "", "coding messaging"),
)

ALIASES = {
    "bash": "exec",
    "apply-patch": "apply_patch",
    "cron": "automations",
    "update_plan": "progress_card",
    "image": "view_image",
}
"""Other spellings of names, in lists as in tool calls."""

_PRIMITIVES = frozenset({"exec", "process", "code_execution", "canvas"})


def _where(column: int, word: str) -> tuple[str, ...]:
    return tuple(row[0] for row in _ROWS if word in row[column].split())


MCP = "*__*"
"""The names of tools that MCP servers bring: `<server>__<tool>`."""

_GROUPS = {f"group:{group}": _where(1, group) for group in dict.fromkeys(row[1] for row in _ROWS) if group}
_GROUPS |= {"group:plugins": (MCP,), "bundle-mcp": (MCP,)}
_EVERYTHING = tuple(row[0] for row in _ROWS)

GROUPS_ALLOWED = {
    **_GROUPS,
    "group:openclaw": tuple(row[0] for row in _ROWS if row[1] != "fs" and row[0] not in _PRIMITIVES),
}
"""Members of a group in an allow list."""

GROUPS_DENIED = {**_GROUPS, "group:openclaw": _EVERYTHING}
"""Members of a group in a deny list. `group:openclaw` once held every built-in tool and today leaves out the ones that
touch files and run commands; each list gets the reading that lets less through."""

PROFILES = {
    "minimal": _where(2, "minimal"),
    "coding": (*_where(2, "coding"), MCP),
    "messaging": (*_where(2, "messaging"), MCP),
}
"""Tools of each tool profile. `full`, and none, are not here: they hold everything."""
