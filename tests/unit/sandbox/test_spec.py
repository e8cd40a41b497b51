"""From the config to one container: names, mounts, limits, and what is refused."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

import pytest
from pydantic import ValidationError

from clawfleet.config.models.agents import Agents
from clawfleet.config.models.sandbox import Sandbox
from clawfleet.sandbox.binds import Bind, read_binds
from clawfleet.sandbox.failures import SandboxForbidden
from clawfleet.sandbox.spec import (
    NAME_LIMIT,
    ContainerSpec,
    Disk,
    Limits,
    Mount,
    Site,
    Tenant,
    agent_of,
    container_spec,
    instance_tag,
    is_sandboxed,
    mounts_for,
    scope_key,
    settings_for,
    slug,
    surroundings,
    workspace_target,
)

STATE = PurePosixPath("/home/claw/.openclaw")
SITE = Site("0123abcd", STATE, STATE / "sandboxes", STATE.parent)
WORKSPACE = PurePosixPath("/home/claw/.openclaw/workspace")
MAIN = Tenant("main", "agent:main:main")


def sandbox(**keys: Any) -> Sandbox:
    return Sandbox.model_validate(keys)


def spec(key: str = "agent:main", **docker: Any) -> ContainerSpec:
    settings = sandbox(docker=docker)
    return container_spec(settings, SITE, key, Disk(mounts_for(settings, SITE, key, WORKSPACE), "1000:1000"))


def test_the_default_container_is_closed() -> None:
    """No network, no capabilities, nothing writable but its own directory and memory."""
    made = spec()
    assert made == ContainerSpec(
        name="openclaw-sbx-0123abcd-agent-main-f331f052",
        tag="0123abcd",
        scope_key="agent:main",
        image="openclaw-sandbox:bookworm-slim",
        workdir="/workspace",
        user="1000:1000",
        network="none",
        mounts=(
            Mount("/home/claw/.openclaw/sandboxes/agent-main-f331f052", "/workspace", True),
            Mount("/home/claw/.openclaw/sandboxes/.skills/agent-main-f331f052", "/workspace/skills", False),
        ),
        env={"LANG": "C.UTF-8"},
        read_only_root=True,
        tmpfs=("/tmp:size=536870912", "/var/tmp:size=536870912", "/run:size=536870912"),
        cap_drop=("ALL",),
        limits=Limits(memory="2g", memory_swap="2g", pids=512),
    )


def test_configured_settings_reach_the_container() -> None:
    """Every docker key that the config accepts has its effect."""
    made = spec(
        image="mine:1",
        containerPrefix="ours-",
        workdir="/w",
        readOnlyRoot=False,
        tmpfs=["/tmp", "/var/tmp:size=1m"],
        network="bridge",
        user="5:6",
        capDrop=["NET_RAW"],
        env={"A": "1"},
        setupCommand="true",
        memory="512m",
        memorySwap="1g",
        cpus=1.5,
        pidsLimit=64,
        ulimits={"nofile": "1024:2048", "nproc": 64},
        gpus="all",
        apparmorProfile="claw",
        dns=["1.1.1.1"],
        extraHosts=["db:10.0.0.1"],
    )
    assert made == ContainerSpec(
        name="ours-agent-main-f331f052",
        tag="0123abcd",
        scope_key="agent:main",
        image="mine:1",
        workdir="/w",
        user="5:6",
        network="bridge",
        mounts=(
            Mount("/home/claw/.openclaw/sandboxes/agent-main-f331f052", "/w", True),
            Mount("/home/claw/.openclaw/sandboxes/.skills/agent-main-f331f052", "/w/skills", False),
        ),
        env={"LANG": "C.UTF-8", "A": "1"},
        read_only_root=False,
        tmpfs=("/tmp:size=134217728", "/var/tmp:size=1m"),
        cap_drop=("NET_RAW",),
        setup_command="true",
        limits=Limits("512m", "1g", 1.5, 64, (("nofile", 1024, 2048), ("nproc", 64, 64)), "all"),
        security=("no-new-privileges", "apparmor=claw"),
        dns=("1.1.1.1",),
        extra_hosts=("db:10.0.0.1",),
    )


@pytest.mark.parametrize(
    ("access", "mounts", "target"),
    [
        (
            "none",
            [
                ("/home/claw/.openclaw/sandboxes/agent-main-f331f052", "/workspace", True),
                ("/home/claw/.openclaw/sandboxes/.skills/agent-main-f331f052", "/workspace/skills", False),
            ],
            None,
        ),
        (
            "ro",
            [
                ("/home/claw/.openclaw/sandboxes/agent-main-f331f052", "/workspace", False),
                ("/home/claw/.openclaw/workspace", "/agent", False),
            ],
            "/agent",
        ),
        ("rw", [("/home/claw/.openclaw/workspace", "/workspace", True)], "/workspace"),
    ],
)
def test_workspace_access(access: str, mounts: list[tuple[str, str, bool]], target: str | None) -> None:
    """none hides the workspace, ro shows it beside, rw works in it."""
    settings = sandbox(workspaceAccess=access)
    assert mounts_for(settings, SITE, "agent:main", WORKSPACE) == tuple(Mount(*mount) for mount in mounts)
    assert workspace_target(settings) == target


@pytest.mark.parametrize(
    ("scope", "key"), [("session", "agent:main:main"), ("agent", "agent:main"), ("shared", "shared")]
)
def test_scope_keys(scope: Any, key: str) -> None:
    """What shares a container."""
    assert scope_key(scope, MAIN) == key


def test_two_gateways_never_share_a_name() -> None:
    """Another instance, or a copy of its state directory, is another gateway."""
    tags = {
        instance_tag("one", PurePosixPath("/a")),
        instance_tag("two", PurePosixPath("/a")),
        instance_tag("one", PurePosixPath("/b")),
    }
    assert len(tags) == 3
    settings = sandbox()
    names = {container_spec(settings, replace(SITE, tag=tag), "shared", Disk((), "1:1")).name for tag in tags}
    assert names == {f"openclaw-sbx-{tag}-shared" for tag in tags}


@pytest.mark.parametrize("prefix", [None, "p-", "a-rather-long-prefix-of-an-operator-", "x" * 80])
@pytest.mark.parametrize(
    "key", ["agent:main", "agent:main:telegram:group:-100123456789:topic:42", "agent:ü:" + "x" * 99]
)
def test_names_fit_and_differ(prefix: str | None, key: str) -> None:
    """Docker's limit holds, and keys that look alike keep apart by their digest."""
    name = spec(key, containerPrefix=prefix).name
    assert len(name) <= NAME_LIMIT
    assert name.isascii()
    assert name.endswith(hashlib.sha256(key.encode()).hexdigest()[:8])
    assert name != spec(key + "x", containerPrefix=prefix).name


def test_slugs_are_directory_names() -> None:
    """No separator or dot trick of a session key gets out."""
    assert "/" not in slug("../../etc")
    assert not slug("../../etc").startswith(".")
    assert slug("a/b") != slug("a:b")


@pytest.mark.parametrize(
    ("mode", "session_key", "expected"),
    [
        ("off", "agent:main:x", False),
        ("all", "agent:main:main", True),
        ("non-main", "agent:main:main", False),
        ("non-main", "agent:main:openai:1", True),
        ("non-main", "agent:other:main", True),
    ],
)
def test_which_sessions_are_sandboxed(mode: Any, session_key: str, expected: bool) -> None:
    """non-main spares the agent's own main session only."""
    assert is_sandboxed(mode, Tenant("main", session_key)) is expected


@pytest.mark.parametrize("network", ["host", "container:db"])
def test_a_network_of_others_never_gets_this_far(network: str) -> None:
    """The config refuses it in the words that OpenClaw's users know; nothing here needs to ask again."""
    words = f'Sandbox security: network mode "{network}" is blocked. Use "bridge" or "none" instead.'
    with pytest.raises(ValidationError, match=words):
        sandbox(docker={"network": network})


@pytest.mark.parametrize(
    "workspace", ["/", "/etc", "/etc/claw", "/var/run", "/var", "/proc/1", "/dev", "/home/claw", "/home"]
)
@pytest.mark.parametrize("access", ["ro", "rw"])
def test_dangerous_workspaces_are_refused(workspace: str, access: str) -> None:
    """Neither system directories nor the gateway's own secrets become visible by way of a workspace."""
    with pytest.raises(SandboxForbidden, match="Sandbox security"):
        mounts_for(sandbox(workspaceAccess=access), SITE, "agent:main", PurePosixPath(workspace))


def test_a_workspace_that_is_not_shown_may_be_anywhere() -> None:
    """Without access there is nothing to refuse."""
    assert len(mounts_for(sandbox(), SITE, "agent:main", PurePosixPath("/"))) == 2


def test_any_change_shows_in_the_hash_and_only_mounts_in_the_other() -> None:
    """Drift is noticed, and told apart from drift that changes what is visible."""
    first = spec()
    assert first.config_hash == spec().config_hash
    assert spec(memory="1g").config_hash != first.config_hash
    assert spec(memory="1g").mount_hash == first.mount_hash
    moved = replace(first, mounts=(Mount("/elsewhere", "/workspace", True),))
    assert moved.mount_hash != first.mount_hash
    assert first.labels["openclaw.configHash"] == first.config_hash
    assert first.labels["openclaw.sandbox"] == "1"
    assert first.labels["openclaw.instance"] == "0123abcd"
    assert first.labels["openclaw.sessionKey"] == "agent:main"


def test_secrets_of_the_environment_do_not_show() -> None:
    """A spec in a log keeps what the operator put into docker.env."""
    assert "hunter2" not in repr(spec(env={"TOKEN": "hunter2"}))


def test_an_agents_keys_win_one_by_one() -> None:
    """What the agent does not say stays as in the defaults; environments are joined."""
    agents = Agents.model_validate(
        {
            "defaults": {
                "sandbox": {
                    "mode": "all",
                    "docker": {"image": "base:1", "memory": "1g", "env": {"A": "1"}},
                    "prune": {"idleHours": 2},
                }
            },
            "entries": {
                "own": {
                    "sandbox": {
                        "scope": "session",
                        "prune": {"maxAgeDays": 3},
                        "docker": {"image": "own:1", "env": {"B": "2"}},
                    }
                },
                "shared": {"sandbox": {"scope": "shared", "docker": {"image": "own:1"}, "prune": {"maxAgeDays": 3}}},
                "plain": {},
            },
        }
    )
    own = settings_for(agents, "own")
    assert (own.mode, own.scope, own.docker.image, own.docker.memory) == ("all", "session", "own:1", "1g")
    assert own.docker.env == {"A": "1", "B": "2"}
    assert (own.prune.idle_hours, own.prune.max_age_days) == (2, 3)
    assert settings_for(agents, "shared").docker.image == "base:1"
    assert settings_for(agents, "shared").prune.max_age_days == 7
    assert settings_for(agents, "plain") is agents.defaults.sandbox
    assert settings_for(agents, "nobody") is agents.defaults.sandbox


@pytest.mark.parametrize(
    ("key", "agent"),
    [("agent:coder", "coder"), ("agent:coder:telegram:direct:1", "coder"), ("shared", ""), ("odd", "")],
)
def test_the_agent_of_a_scope_is_known_from_its_key(key: str, agent: str) -> None:
    """None owns what all share."""
    assert agent_of(key) == agent


@pytest.mark.parametrize(
    ("memory", "size"), [("0", ""), ("4096", ":size=1024"), ("1G", ":size=268435456"), ("8kb", ":size=2048")]
)
def test_what_is_written_to_memory_leaves_processes_some_of_it(memory: str, size: str) -> None:
    """A full /tmp must not make every later command fail."""
    assert spec(memory=memory, tmpfs=["/tmp"]).tmpfs == (f"/tmp{size}",)


def test_a_seccomp_profile_goes_with_the_container_as_text() -> None:
    """Docker's host may be another one."""
    settings = sandbox(docker={"seccompProfile": "/p.json"})
    made = container_spec(settings, SITE, "shared", Disk((), "1:1", '{"a": 1}'))
    assert made.security == ("no-new-privileges", 'seccomp={"a": 1}')


def test_binds_come_after_the_workspace_and_may_cover_it_only_when_meant() -> None:
    """One mount for each target, the operator's before ours."""
    settings = sandbox(
        docker={"dangerouslyAllowExternalBindSources": True, "dangerouslyAllowReservedContainerTargets": True}
    )
    binds = (Bind("/srv/data", "/data", False), Bind("/srv/work", "/workspace", True))
    assert mounts_for(settings, SITE, "shared", WORKSPACE, binds) == (
        Mount("/srv/work", "/workspace", True),
        Mount("/home/claw/.openclaw/sandboxes/.skills/shared", "/workspace/skills", False),
        Mount("/srv/data", "/data", False),
    )
    with pytest.raises(SandboxForbidden):
        mounts_for(settings, SITE, "shared", WORKSPACE, (Bind("/etc", "/data", False),))


def test_an_agents_binds_are_added_to_those_of_all() -> None:
    """The last one of a target counts, and the agent's come last."""
    agents = Agents.model_validate(
        {
            "defaults": {"sandbox": {"docker": {"binds": ["/a:/x:ro", "/b:/y"]}}},
            "entries": {"own": {"sandbox": {"docker": {"binds": ["/c:/x:rw"]}}}},
        }
    )
    assert read_binds(settings_for(agents, "own").docker) == (Bind("/c", "/x", True), Bind("/b", "/y", True))
    assert read_binds(settings_for(agents, "other").docker) == (Bind("/a", "/x", False), Bind("/b", "/y", True))


def test_a_model_is_told_what_its_sandbox_shows() -> None:
    """Where it works, whether that is the workspace, and which network there is."""
    assert surroundings(sandbox()) == (
        "Tools work in a container whose working directory is /workspace. "
        "The workspace on the host is not visible there; its skills are in /workspace/skills. It has no network."
    )
    assert "/agent, and cannot be written" in surroundings(sandbox(workspaceAccess="ro"))
    shown = surroundings(sandbox(workspaceAccess="rw", docker={"network": "bridge"}))
    assert "/workspace is the workspace itself. Its network is bridge." in shown
