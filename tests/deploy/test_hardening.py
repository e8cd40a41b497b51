"""A strict unit of the system on a real systemd: it scores well, and its gateway does all its work."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from clawfleet.host.unit_templates import read_unit_template
from clawfleet.host.units import UnitLimits, UnitSpec, render_unit
from tests.deploy.service_host import ServiceHost, remove_service_host, start_service_host
from tests.fakes.openai.app import DEFAULT_KEY

pytestmark = pytest.mark.docker

PROVIDER_PORT = 8318
STATE, WORK = "/home/ada/.openclaw-strict", "/home/ada/work"
SPEC = UnitSpec(
    unit="openclaw-gateway-strict.service", scope="system", profile="strict", port=19700,
    program="/opt/clawfleet/bin/openclaw", home="/home/ada", state_dir=STATE,
    config_path=f"{STATE}/openclaw.json", user="ada", writable=(WORK,), limits=UnitLimits(hardening="strict"),
)  # fmt: skip
PREPARE = f"""
groupadd -f docker && usermod -aG docker ada
install -d -m 700 -o ada -g ada {STATE} {WORK}
python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("/run/docker.sock")'
chgrp docker /run/docker.sock && chmod 660 /run/docker.sock
"""
TRIED = f"""
for place in {WORK}/a {STATE}/a /tmp/a; do touch $place && echo "wrote $place"; done
for place in /home/ada/a /etc/a /usr/a /run/a /var/tmp-not/a; do touch $place 2>/dev/null && echo "WROTE $place"; done
test -w /run/docker.sock && echo "docker is reached"
cat /proc/1/environ >/dev/null 2>&1 && echo "READ another's memory"
python3 -c 'import pty; pty.openpty(); print("a terminal opens")'
true
"""
POST = "import sys, urllib.request as u; u.urlopen(u.Request(sys.argv[1], data=sys.argv[2].encode()), timeout=60)"


@pytest.fixture(scope="module")
def host(wheelhouse: Path) -> Iterator[ServiceHost]:
    """A host whose gateway runs in a strict unit and whose model calls a tool."""
    host = start_service_host(wheelhouse)
    try:
        prepared = host.root("sh", "-ec", PREPARE)
        assert prepared.code == 0, prepared.err
        host.start_provider(PROVIDER_PORT)
        host.write(SPEC.config_path, json.dumps(_config()))
        unit = render_unit(read_unit_template("system"), SPEC)
        host.root("install", "-m", "644", "/dev/stdin", f"/etc/systemd/system/{SPEC.unit}", stdin=unit)
        host.root("systemctl", "daemon-reload")
        started = host.root("systemctl", "start", SPEC.unit)
        assert started.code == 0, host.root("journalctl", "-u", SPEC.unit).out
        yield host
    finally:
        remove_service_host(host)


def _config() -> dict[str, object]:
    provider = {
        "baseUrl": f"http://127.0.0.1:{PROVIDER_PORT}/v1", "api": "openai-completions", "apiKey": DEFAULT_KEY,
        "models": [{"id": "fake-1", "name": "fake-1"}],
    }  # fmt: skip
    return {
        "gateway": {"mode": "local"},
        "models": {"providers": {"fake": provider}},
        "agents": {"defaults": {"workspace": WORK, "model": "fake/fake-1"}},
    }


def test_it_scores_at_most_two(host: ServiceHost) -> None:
    told = host.root("systemd-analyze", "security", "--no-pager", SPEC.unit).out
    score = re.search(r"Overall exposure level for \S+: ([\d.]+)", told)
    assert score and float(score[1]) <= 2.0, told


def test_systemd_understands_every_line(host: ServiceHost) -> None:
    told = host.root("systemd-analyze", "verify", f"/etc/systemd/system/{SPEC.unit}")
    assert [line for line in (told.out + told.err).splitlines() if SPEC.unit in line] == []


def test_a_command_of_the_agent_reaches_its_own_places_and_docker_and_nothing_else(host: ServiceHost) -> None:
    steps = [{"tool": "exec", "arguments": json.dumps({"command": TRIED})}, {"like": "fake-tool"}]
    host.root("python3", "-c", POST, f"http://127.0.0.1:{PROVIDER_PORT}/_script", json.dumps(steps))
    said = host.openclaw("--profile", "strict", "agent", "--message", "go")
    assert said.code == 0, said.err
    for line in (f"wrote {WORK}/a", f"wrote {STATE}/a", "wrote /tmp/a", "docker is reached", "a terminal opens"):
        assert line in said.out, said.out
    assert "WROTE" not in said.out and "READ" not in said.out, said.out
    assert host.root("test", "-e", "/tmp/a").code == 1, "its /tmp is its own"
