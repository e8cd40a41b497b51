"""The tools of one session: policy first, then where they work."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from clawfleet.config.models.root import Config
from clawfleet.core.requester import Requester
from clawfleet.sandbox.failures import SandboxUnavailable
from clawfleet.tools.base import ToolContext
from clawfleet.tools.catalogue import GROUPS_DENIED
from clawfleet.tools.failures import ToolDenied
from clawfleet.tools.registry import ToolBox
from clawfleet.tools.runtime.exec import ExecTool
from clawfleet.tools.runtime.exec_arguments import ExecArguments
from clawfleet.tools.subject import ExecWish, Occasion, Subject
from clawfleet.tools.table import TOOLS


def toolbox(tmp_path: Path, **config: Any) -> ToolBox:
    return ToolBox(
        config=Config.model_validate(config),
        instance_id="one",
        state_dir=tmp_path,
        environ={"PATH": os.environ["PATH"]},
    )


def host_of(box: ToolBox, session_key: str = "agent:main:main", agent_id: str = "main") -> str:
    tool = box.offered(agent_id, session_key)["exec"]
    assert isinstance(tool, ExecTool)
    return tool._terms.home.host


def test_a_plain_config_offers_exec_on_the_host(tmp_path: Path) -> None:
    """Without any configuration an agent can work in its workspace."""
    box = toolbox(tmp_path)
    assert "exec" in box.offered("main", "agent:main:main")
    assert host_of(box) == "gateway"


def test_policy_decides_before_anything_is_built(tmp_path: Path) -> None:
    """A tool that policy removed is not there, and the decision says why."""
    box = toolbox(tmp_path, tools={"profile": "messaging"})
    assert "exec" not in box.offered("main", "agent:main:main")
    decision = next(each for each in box.decisions("main", "agent:main:main") if each.name == "exec")
    assert (decision.allowed, decision.key) == (False, "tools.profile")


@pytest.mark.parametrize(
    ("mode", "session_key", "expected"),
    [
        ("off", "agent:main:main", "gateway"),
        ("all", "agent:main:main", "sandbox"),
        ("non-main", "agent:main:main", "gateway"),
        ("non-main", "agent:main:telegram:direct:1", "sandbox"),
    ],
)
def test_the_sandbox_mode_decides_where(tmp_path: Path, mode: str, session_key: str, expected: str) -> None:
    """Per session, by its key."""
    box = toolbox(tmp_path, agents={"defaults": {"sandbox": {"mode": mode}}})
    assert host_of(box, session_key) == expected


def test_an_agent_may_be_sandboxed_alone(tmp_path: Path) -> None:
    """The agent's own mode wins over the default."""
    box = toolbox(tmp_path, agents={"entries": {"main": {}, "guest": {"sandbox": {"mode": "all"}}}})
    assert host_of(box) == "gateway"
    assert host_of(box, "agent:guest:main", "guest") == "sandbox"


def test_an_operator_may_name_the_host(tmp_path: Path) -> None:
    """tools.exec.host=gateway is the operator's word, sandbox or not."""
    box = toolbox(tmp_path, tools={"exec": {"host": "gateway"}}, agents={"defaults": {"sandbox": {"mode": "all"}}})
    assert host_of(box) == "gateway"


async def test_asking_for_a_sandbox_that_is_off_runs_nothing(tmp_path: Path) -> None:
    """tools.exec.host=sandbox without a sandbox is refused, not run on the host."""
    box = toolbox(tmp_path, tools={"exec": {"host": "sandbox"}})
    context = ToolContext("run", "agent:main:main", "main", tmp_path, "call", lambda text: None)
    with pytest.raises(SandboxUnavailable, match="no sandbox is active"):
        await box.offered("main", "agent:main:main")["exec"].run(context, {"command": "touch made"})
    assert os.listdir(tmp_path) == []  # noqa: PTH208 - the async rule dislikes the other form


async def test_closing_an_unused_toolbox_is_nothing(tmp_path: Path) -> None:
    """A gateway that never needed Docker ends without it."""
    await toolbox(tmp_path, agents={"defaults": {"sandbox": {"mode": "all"}}}).close()


def test_every_tool_is_known_to_policy() -> None:
    """A tool that no group or profile knows could not be governed."""
    assert set(TOOLS) <= set(GROUPS_DENIED["group:openclaw"])


def test_docker_is_not_imported_before_it_is_needed() -> None:
    """A gateway without a sandbox does not pay for one."""
    code = "import sys, clawfleet.tools.registry as r; print({'docker', 'requests'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_containers_are_kept_as_long_as_their_agent_says(tmp_path: Path) -> None:
    """Its own keys over the defaults; what all share has the defaults."""
    agents = {
        "defaults": {"sandbox": {"prune": {"idleHours": 2}}},
        "entries": {"coder": {"sandbox": {"prune": {"maxAgeDays": 0}}}},
    }
    prune_for = toolbox(tmp_path, agents=agents)._containers()._prune_for
    coder, shared = prune_for("agent:coder:telegram:direct:1"), prune_for("shared")
    assert (coder.idle_hours, coder.max_age_days) == (2, 0)
    assert (shared.idle_hours, shared.max_age_days) == (2, 7)


async def test_tools_of_another_config_leave_the_first_as_they_were(tmp_path: Path) -> None:
    first = toolbox(tmp_path)
    second = first.renewed(Config.model_validate({"tools": {"deny": ["exec"]}}), {})
    assert "exec" in first.offered("main", "agent:main:main")
    assert "exec" not in second.offered("main", "agent:main:main")


async def test_containers_are_shared_and_pruned_as_the_newest_config_says(tmp_path: Path) -> None:
    first = toolbox(tmp_path)
    prune = {"agents": {"defaults": {"sandbox": {"prune": {"idleHours": 7}}}}}
    second = first.renewed(Config.model_validate(prune), {})
    assert first._containers() is second._containers()
    assert first._docker.agents.defaults.sandbox.prune.idle_hours == 7
    await first.close()


ELEVATED = {
    "tools": {"elevated": {"allowFrom": {"telegram": ["42"]}}},
    "agents": {"defaults": {"sandbox": {"mode": "all"}}},
}


@pytest.mark.parametrize(
    ("level", "sender", "arguments", "expected"),
    [
        (None, "42", {}, "sandbox"),
        ("on", "42", {}, "gateway"),
        ("full", "42", {}, "gateway"),
        ("on", "42", {"elevated": False}, "sandbox"),
        (None, "42", {"elevated": True}, "gateway"),
        ("full", "7", {}, "sandbox"),
        ("full", "7", {"elevated": True}, "elevated is not available right now"),
        (None, "42", {"host": "gateway"}, "exec host not allowed"),
        (None, "42", {"node": "mac"}, "no node runs commands"),
    ],
)
async def test_elevated_commands_leave_the_sandbox_for_whom_it_is_meant(
    tmp_path: Path, level: str | None, sender: str, arguments: dict[str, Any], expected: str
) -> None:
    """By the level of the session, or as the model asks; nobody else, whatever they ask."""
    box = toolbox(tmp_path, **ELEVATED)
    occasion = Occasion(requester=Requester("telegram", sender_id=sender), wish=ExecWish(elevated=level))
    tool = box.offered("main", "agent:main:main", occasion)["exec"]
    assert isinstance(tool, ExecTool)
    asked = ExecArguments.read("exec", {"command": "id", **arguments})
    context = ToolContext("run", "agent:main:main", "main", tmp_path, "call", lambda text: None)
    if expected in ("sandbox", "gateway"):
        assert tool._choose(asked, context).host == expected
    else:
        with pytest.raises(ToolDenied, match=expected):
            tool._choose(asked, context)
    await box.close()


def test_a_host_that_was_chosen_for_the_session_holds(tmp_path: Path) -> None:
    box = toolbox(tmp_path, **ELEVATED)
    subject = Subject("main", "agent:main:main", Occasion(wish=ExecWish(host="gateway")))
    assert box.exec_host(subject) == "gateway" and box.is_sandboxed(subject)
    assert box.elevation(subject)[0] == "off"
