"""Layers and what passes them. The rules as configs write them are in tests/contract/test_tool_policy.py."""

from __future__ import annotations

import pytest

from clawfleet.tools.catalogue import PROFILES
from clawfleet.tools.policy import Decision, Layer, canonical, decide, does_match, may_have, rules_against


def layer(allow: tuple[str, ...] = (), deny: tuple[str, ...] = (), also: tuple[str, ...] = ()) -> Layer:
    return Layer("global", "config", allow, "tools.allow", also, deny=deny, deny_key="tools.deny")


def test_a_decision_names_the_first_layer_that_took_the_tool() -> None:
    """Someone who asks why a tool is missing is told one key to change."""
    layers = (
        Layer("profile", "config", ("exec", "read"), "tools.profile", profile="coding"),
        layer(("exec", "process")),
        Layer("agent", "config", deny=("exec",), deny_key="own.deny"),
    )
    assert decide(["message", "read", "exec"], layers) == (
        Decision("message", False, "profile", "tools.profile", "not-in-allow"),
        Decision("read", False, "global", "tools.allow", "not-in-allow"),
        Decision("exec", False, "agent", "own.deny", "deny"),
    )


def test_an_empty_allow_lets_everything_through() -> None:
    assert rules_against(layer(), "exec") == ()
    assert rules_against(layer(also=("read",)), "exec") == ()


def test_a_tool_may_be_denied_and_unlisted_at_once() -> None:
    """Both have to be mended."""
    assert rules_against(layer(("read",), ("exec",)), "exec") == ("deny", "not-in-allow")


def test_who_may_write_may_patch_but_not_the_other_way_round() -> None:
    assert rules_against(layer(("write",)), "apply_patch") == ()
    assert rules_against(layer(deny=("write",)), "apply_patch") == ()
    assert rules_against(layer(("apply_patch",)), "write") == ("not-in-allow",)


def test_a_group_that_changed_its_meaning_gets_the_reading_that_lets_less_through() -> None:
    assert not does_match("group:openclaw", "exec")
    assert does_match("group:openclaw", "exec", in_deny=True)


@pytest.mark.parametrize("spelling", ["bash", " EXEC ", "Bash"])
def test_names_have_one_canonical_form(spelling: str) -> None:
    """However it is written, it is the same tool."""
    assert canonical(spelling) == "exec"


def test_a_profile_never_holds_an_unknown_name() -> None:
    """Profiles and groups are cut from one table."""
    assert all(canonical(name) == name for members in PROFILES.values() for name in members)


def test_a_layer_is_named_by_the_list_that_decides() -> None:
    assert layer(("exec",), ("read",)).key == "tools.allow"
    assert layer(deny=("read",)).key == "tools.deny"


@pytest.mark.parametrize(
    ("passes", "expected"),
    [
        (layer(), True),
        (layer(deny=("docs__*",)), False),
        (layer(deny=("bundle-mcp",)), False),
        (layer(deny=("docs__delete",)), True),
        (layer(("exec",)), False),
        (layer(("group:plugins",)), True),
        (layer(("Docs__Search",)), True),
        (layer(("exec",), also=("docs__search",)), True),
        (layer(("files__read",)), False),
    ],
)
def test_whether_a_server_is_worth_starting(passes: Layer, expected: bool) -> None:
    """Before anybody knows what its tools are called."""
    assert may_have("docs__", [passes]) is expected
