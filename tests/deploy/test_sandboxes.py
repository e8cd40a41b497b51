"""A host that gets its Docker and its sandbox image from the fleet, and two strict gateways that both sandbox on it."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.fleets import ROOT, Fleet, remove, some_hosts
from tests.fakes.openai.app import DEFAULT_KEY

pytestmark = pytest.mark.docker

PROVIDER_PORT = 8318
IMAGE = "openclaw-sandbox:bookworm-slim"
CONFIG: dict[str, Any] = {
    "models": {
        "providers": {
            "fake": {
                "baseUrl": f"http://127.0.0.1:{PROVIDER_PORT}/v1", "api": "openai-completions", "apiKey": DEFAULT_KEY,
                "models": [{"id": "fake-1", "name": "fake-1"}],
            }
        }
    },
    "agents": {"defaults": {"model": "fake/fake-1", "sandbox": {"mode": "all", "workspaceAccess": "rw"}}},
}  # fmt: skip
INSIDE = """
grep -q docker /proc/1/cgroup || [ "$(cat /proc/1/comm)" = docker-init ] && echo "in a container"
id -u; ls /home/openclaw 2>&1; cat /etc/clawfleet/*/applied.json 2>&1
echo from-the-sandbox > /workspace/made-inside; touch /etc/x 2>&1
"""


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory, wheelhouse: Path, sandbox_image: str) -> Iterator[Fleet]:
    """One host without Docker, deployed: its own engine keeps its data on a volume, which goes with the container."""
    assert sandbox_image == IMAGE
    directory = tmp_path_factory.mktemp("sandboxes")
    gateways: dict[str, dict[str, Any]] = {"default": {}, "ops": {}}
    fleet = some_hosts(directory, wheelhouse, {"edge": "system"}, gateways, "--volume", "/var/lib/docker")
    fleet.limit_s = 900
    try:
        fleet.tree["hosts"]["edge"] |= {"docker": {"install": True}, "sandbox": {}, "config": CONFIG}
        done = deploy(fleet)
        assert done.code == 0, done.stdout + done.stderr
        start_provider(fleet)
        yield fleet
    finally:
        remove(fleet)


def deploy(fleet: Fleet) -> Any:
    """`openclaw fleet deploy`, with archives of images in a place of this test's own."""
    return fleet.openclaw("deploy", CLAWFLEET_CACHE=str(fleet.directory / "cache"))


def start_provider(fleet: Fleet) -> None:
    """The fake provider answers on a loopback port of the host."""
    container = fleet.hosts["edge"].container
    fleet.inside("edge", "mkdir", "-p", "/srv/tests")
    subprocess.run(["docker", "cp", str(ROOT / "tests" / "fakes"), f"{container}:/srv/tests/"], check=True)
    python = "/opt/clawfleet/instances/ops/current/bin/python"
    command = ["docker", "exec", "-d", "-w", "/srv", container, python, "-m", "tests.fakes.openai"]
    subprocess.run([*command, "--port", str(PROVIDER_PORT)], check=True)
    fleet.wait_for("edge", f"curl -sf -X POST -d '[]' http://127.0.0.1:{PROVIDER_PORT}/_script")


def tool_call(fleet: Fleet, gateway: str, command: str) -> str:
    """What the agent of a gateway answers after its model ran a command."""
    steps = [{"tool": "exec", "arguments": json.dumps({"command": command})}, {"like": "fake-tool"}]
    url = f"http://127.0.0.1:{PROVIDER_PORT}/_script"
    fleet.inside("edge", "curl", "-sf", "-X", "POST", "-d", json.dumps(steps), url)
    done = fleet.openclaw("exec", "--limit", f"edge/{gateway}", "--", "agent", "--message", "go")
    assert done.code == 0, done.stderr
    return done.stdout


def sandboxes(fleet: Fleet) -> dict[str, str]:
    """Container id → the instance that it is labelled with."""
    form = '{{.ID}} {{.Label "openclaw.instance"}}'
    words = ("docker", "ps", "-a", "--filter", "label=openclaw.sandbox=1", "--format", form)
    return dict(line.split() for line in fleet.inside("edge", *words).splitlines())


def test_a_strict_unit_scores_well_and_its_tool_calls_run_in_containers(fleet: Fleet) -> None:
    """The docker group is all it needs: the container sees the workspace and nothing else of the host."""
    told = fleet.inside("edge", "systemd-analyze", "security", "--no-pager", "openclaw-gateway-ops.service")
    score = re.search(r"Overall exposure level for \S+: ([\d.]+)", told)
    assert score and float(score[1]) <= 2.0, told
    said = tool_call(fleet, "ops", INSIDE)
    assert "in a container" in said, said
    assert "No such file or directory" in said and "Read-only file system" in said, said
    made = "/home/openclaw/.openclaw-ops/workspace/made-inside"
    assert fleet.inside("edge", "stat", "-c", "%U", made) == "openclaw"
    assert fleet.inside("edge", "cat", made) == "from-the-sandbox"


def test_two_gateways_never_take_each_others_containers(fleet: Fleet) -> None:
    """Each is labelled with its instance; what one removes leaves the other's alone."""
    for gateway in ("default", "ops"):
        assert "hello" in tool_call(fleet, gateway, "echo hello")
    before = sandboxes(fleet)
    assert len(before) == len(set(before.values())) == 2
    listed = {}
    for gateway in ("default", "ops"):
        done = fleet.openclaw("exec", "--limit", f"edge/{gateway}", "--", "sandbox", "list", "--json")
        listed[gateway] = [row["containerName"] for row in json.loads(done.stdout)["containers"]]
    assert len(listed["default"]) == len(listed["ops"]) == 1 and listed["default"] != listed["ops"]
    gone = fleet.openclaw("exec", "--limit", "edge/ops", "--", "sandbox", "recreate", "--all", "--force")
    assert gone.code == 0, gone.stderr
    (left,) = sandboxes(fleet).values()
    assert f"openclaw-sbx-{left}" in listed["default"][0] or left in listed["default"][0], (left, listed)


def test_an_unchanged_host_gets_nothing_again(fleet: Fleet) -> None:
    """The image does not travel when the host has it."""
    assert fleet.openclaw("drift").code == 0
