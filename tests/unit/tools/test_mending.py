"""The command that brings a tool back. That it works for every rule is shown in tests/contract/test_tool_policy.py."""

from __future__ import annotations

from typing import Any

import pytest

from clawfleet.config.models.root import Config
from clawfleet.tools.layers import layers_for
from clawfleet.tools.mending import mend_for
from clawfleet.tools.policy import decide
from clawfleet.tools.subject import Occasion, Subject


@pytest.mark.parametrize(
    ("tools", "command"),
    [
        ({"allow": ["read"]}, "openclaw config unset tools.allow"),
        ({"deny": ["exec"]}, "openclaw config unset tools.deny"),
        ({"deny": ["exec", "read"]}, """openclaw config set tools.deny '["read"]'"""),
        ({"profile": "minimal"}, """openclaw config set tools.alsoAllow '["exec"]'"""),
        ({"profile": "minimal", "allow": ["*"]}, "openclaw config set tools.profile full"),
        (
            {"profile": "minimal", "alsoAllow": ["read"], "deny": ["bash"]},
            """openclaw config set tools.alsoAllow '["read", "exec"]' && openclaw config unset tools.deny""",
        ),
        ({"toolsBySender": {"*": {"deny": ["exec"]}}}, "openclaw config unset 'tools.toolsBySender.*.deny'"),
        ({}, None),
    ],
)
def test_every_layer_in_the_way_is_dealt_with(tools: dict[str, Any], command: str | None) -> None:
    layers = layers_for(Config.model_validate({"tools": tools}), Subject("main", "agent:main:main"))
    (decision,) = decide(["exec"], layers)
    assert mend_for(decision, layers) == command


def test_what_no_key_changes_has_no_command() -> None:
    layers = layers_for(Config(), Subject("main", "agent:main:subagent:1", Occasion(caps=("read",))))
    assert [mend_for(each, layers) for each in decide(["message", "exec"], layers)] == [None, None]
