"""exec as a user meets it: a model calls it in a turn of a real gateway, and its output reaches the answer."""

from __future__ import annotations

import json
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import openai
import pytest

from tests.support.containers import containers_of, processes_of, remove_containers_of
from tests.support.fake_openai import FakeOpenAI
from tests.support.gateway import GatewayFactory, GatewayProcess
from tests.support.images import sandbox_image


def _gateway(gateway: GatewayFactory, fake: FakeOpenAI, **config: Any) -> GatewayProcess:
    """A gateway whose only model is the fake's, with chat completions over HTTP."""
    return gateway(
        {
            "gateway": {"http": {"endpoints": {"chatCompletions": {"enabled": True}}}},
            "models": {"providers": {"fake": fake.provider("fake-1")}},
            "agents": {"defaults": {"model": "fake/fake-1", **config.pop("defaults", {})}},
            **config,
        },
        env={"OPENAI_API_KEY": "sk-hunter2"},
    )


def _turn(running: GatewayProcess, fake: FakeOpenAI, **arguments: object) -> tuple[str, str]:
    """The answer of a turn in which the model calls exec with `arguments`, and the result that the model was given."""
    fake.reset()
    fake.script({"tool": "exec", "arguments": json.dumps(arguments)}, {"like": "fake-tool"})
    with openai.OpenAI(base_url=f"{running.url}/v1", api_key=running.token, max_retries=0, timeout=60) as client:
        reply = client.chat.completions.create(model="openclaw", messages=[{"role": "user", "content": "go"}])
    told = [row for row in fake.requests()[-1]["body"]["messages"] if row["role"] == "tool"]
    return str(reply.choices[0].message.content), str(told[-1]["content"] if told else "")


def _abandoned_turn(running: GatewayProcess, fake: FakeOpenAI) -> None:
    """A turn whose answer nobody gets."""
    with suppress(openai.APIError):
        _turn(running, fake, command="sleep 4242")


def _wait_for(condition: Callable[[], bool], limit_s: float = 30.0) -> None:
    deadline = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


@pytest.fixture
def swept() -> Iterator[list[GatewayProcess]]:
    """Gateways whose containers go with the test."""
    gateways: list[GatewayProcess] = []
    yield gateways
    for each in gateways:
        remove_containers_of(each)


def test_a_model_runs_a_command_on_the_host(gateway: GatewayFactory, fake_openai: FakeOpenAI) -> None:
    """Without a sandbox: in the workspace, without the gateway's keys, and the user reads what it said."""
    running = _gateway(gateway, fake_openai)
    answer, told = _turn(running, fake_openai, command="echo made > note; pwd; env")
    workspace = running.state_dir / "workspace"
    assert (workspace / "note").read_text() == "made\n"
    assert told.startswith(str(workspace))
    assert "hunter2" not in told
    assert running.token not in told
    assert str(workspace) in answer


@pytest.mark.docker
def test_a_model_runs_a_command_in_the_sandbox(
    gateway: GatewayFactory, fake_openai: FakeOpenAI, swept: list[GatewayProcess]
) -> None:
    """With agents.defaults.sandbox.mode "all": in a container, as an unprivileged user, away from the host's files."""
    sandbox_image()
    running = _gateway(gateway, fake_openai, defaults={"sandbox": {"mode": "all", "docker": {"user": "1000:1000"}}})
    swept.append(running)
    answer, told = _turn(running, fake_openai, command=f"id -u; pwd; ls {running.state_dir}; touch /x")
    assert told.splitlines()[:2] == ["1000", "/workspace"]
    assert "No such file or directory" in told
    assert "Read-only file system" in told
    assert "(Command exited with code 1)" in told
    assert "1000" in answer
    assert len(containers_of(running)) == 1


@pytest.mark.docker
def test_a_stopping_gateway_ends_the_command_inside(
    gateway: GatewayFactory, fake_openai: FakeOpenAI, swept: list[GatewayProcess]
) -> None:
    """An operator who does not want to wait leaves no command running, and a container that can be used again."""
    sandbox_image()
    running = _gateway(gateway, fake_openai, defaults={"sandbox": {"mode": "all"}})
    swept.append(running)
    turn = threading.Thread(target=_abandoned_turn, args=(running, fake_openai), daemon=True)
    turn.start()
    _wait_for(lambda: "sleep 4242" in processes_of(running))
    running.process.send_signal(signal.SIGTERM)
    _wait_for(lambda: "SIGTERM" in running.log())
    running.process.send_signal(signal.SIGTERM)  # a second one says: do not wait for turns
    assert running.wait_exit() == 0
    _wait_for(lambda: "sleep 4242" not in processes_of(running))
    assert "sleep infinity" in processes_of(running)
    turn.join(30)


def test_without_a_docker_the_model_is_told_and_nothing_runs(gateway: GatewayFactory, fake_openai: FakeOpenAI) -> None:
    """The turn goes on with a clear tool error; the host is no stand-in for the sandbox."""
    running = _gateway(gateway, fake_openai, defaults={"sandbox": {"mode": "all", "workspaceAccess": "rw"}})
    running.stop()
    running.env["DOCKER_HOST"] = f"unix://{running.home}/dead.sock"
    running.start()
    answer, told = _turn(running, fake_openai, command=f"touch {running.state_dir}/workspace/made")
    assert "Sandbox mode requires Docker, but the Docker daemon is not available." in told
    assert "agents.defaults.sandbox.mode" in told
    assert "Sandbox mode requires Docker" in answer
    assert not (running.state_dir / "workspace" / "made").exists()


def test_a_tool_that_policy_removed_is_not_offered(gateway: GatewayFactory, fake_openai: FakeOpenAI) -> None:
    """The request to the provider has no exec, under whatever name the operator took it away."""
    running = _gateway(gateway, fake_openai, tools={"deny": ["bash"]})
    _turn(running, fake_openai, command="touch made")
    offered = fake_openai.requests()[0]["body"].get("tools") or []
    assert "exec" not in [tool["function"]["name"] for tool in offered]
    assert not (running.state_dir / "workspace" / "made").exists()
