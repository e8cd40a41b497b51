"""The table of known tool names."""

from __future__ import annotations

import pytest

from clawfleet.tools.catalogue import ALIASES, GROUPS_ALLOWED, GROUPS_DENIED, MCP, PROFILES

EVERYTHING = GROUPS_DENIED["group:openclaw"]


@pytest.mark.parametrize(
    ("group", "members"),
    [
        ("runtime", {"exec", "process", "code_execution", "secrets"}),
        ("fs", {"read", "write", "edit", "apply_patch", "ls"}),
        ("memory", {"memory_search", "memory_get"}),
        ("web", {"web_search", "x_search", "web_fetch"}),
        ("messaging", {"message"}),
        ("nodes", {"nodes", "computer", "mobile_ui"}),
    ],
)
def test_groups_hold_the_members_of_both_generations(group: str, members: set[str]) -> None:
    """A list written for an older version still means all it meant."""
    assert set(GROUPS_ALLOWED[f"group:{group}"]) == members == set(GROUPS_DENIED[f"group:{group}"])


def test_profiles_have_the_observed_sizes() -> None:
    """minimal 2, messaging 18; coding has today's 40 and the older members."""
    older = {"code_execution", "x_search", "view_image", "image_generate", "music_generate", "video_generate"}
    assert len(PROFILES["minimal"]) == 2
    assert len(set(PROFILES["messaging"]) - {MCP}) == 18
    assert len(set(PROFILES["coding"]) - older - {MCP}) == 40
    assert MCP in PROFILES["coding"] and MCP in PROFILES["messaging"] and MCP not in PROFILES["minimal"]
    assert older <= set(PROFILES["coding"])


def test_names_are_unique_and_aliases_lead_to_them() -> None:
    """No name twice, no alias into nowhere, no alias of an alias."""
    assert len(EVERYTHING) == len(set(EVERYTHING))
    assert set(ALIASES.values()) <= set(EVERYTHING)
    assert not set(ALIASES) & set(EVERYTHING)
