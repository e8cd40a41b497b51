"""Which layers a session's tools pass, in which order. What they remove is in tests/contract/test_tool_policy.py."""

from __future__ import annotations

from clawfleet.config.models.root import Config
from clawfleet.core.requester import Requester
from clawfleet.tools.layers import is_in_sandbox, layers_for
from clawfleet.tools.subject import Occasion, Subject

EVERYTHING = {
    "tools": {
        "profile": "coding",
        "allow": ["*"],
        "byProvider": {"fake": {"profile": "coding", "deny": ["ls"]}},
        "toolsBySender": {"*": {"deny": ["ls"]}},
        "subagents": {"tools": {"deny": ["ls"]}},
    },
    "agents": {
        "defaults": {"sandbox": {"mode": "all"}},
        "entries": {"coder": {"tools": {"deny": ["ls"], "byProvider": {"fake": {"deny": ["ls"]}}}}},
    },
    "channels": {"telegram": {"groups": {"*": {"tools": {"deny": ["ls"]}}}}},
}


def test_all_eleven_in_their_order() -> None:
    """§1.4 of tools-and-sessions."""
    asked = Requester("telegram", chat_type="group", chat_id="-1", sender_id="42")
    subject = Subject(
        "coder", "agent:coder:telegram:group:-1:subagent:x", Occasion("fake/f", asked, depth=1, caps=("exec",))
    )
    layers = layers_for(Config.model_validate(EVERYTHING), subject)
    assert [layer.name for layer in layers] == [
        *("profile", "provider-profile", "global", "global-provider", "agent", "agent-provider", "group", "sender"),
        *("sandbox", "subagent", "subagent", "run"),
    ]


def test_what_says_nothing_is_left_out_but_the_gateways_own_lists() -> None:
    layers = layers_for(Config(), Subject("main", "agent:main:main"))
    assert [(layer.name, layer.source) for layer in layers] == [("profile", "default"), ("global", "default")]


def test_the_sandbox_mode_decides_by_session() -> None:
    config = Config.model_validate({"agents": {"defaults": {"sandbox": {"mode": "non-main"}}}})
    assert not is_in_sandbox(config, Subject("main", "agent:main:main"))
    assert is_in_sandbox(config, Subject("main", "agent:main:notes"))
