"""Ways to gateways of a fleet: Tailscale by a stand-in for the command (no tailnet was there), tunnels by real ssh."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.fleets import Fleet, remove, some_hosts
from tests.support.tailscale import SOURCE

pytestmark = [pytest.mark.docker, pytest.mark.full]

KEY = "key-of-a-tailnet-for-this-test"
PLACE = "/opt/stand-in"
PORTS = {"one": 18789, "two": 18909}
HOST = "edge-1"


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory, wheelhouse: Path) -> Iterator[Fleet]:
    """A host with the stand-in for Tailscale; the first gateway claims its route, the second has one kept for it."""
    gateways: dict[str, dict[str, Any]] = {
        "one": {"tailscale": {"mode": "serve"}},
        "two": {"tailscale": {"mode": "serve", "httpsPort": 8443}},
    }
    fleet = some_hosts(tmp_path_factory.mktemp("reach"), wheelhouse, {HOST: "user"}, gateways)
    fleet.tree["hosts"][HOST]["tailscale"] = {"authKey": "env:TAILNET_KEY", "operator": True}
    fleet.inside(HOST, "sh", "-c", f"mkdir -m 777 {PLACE} && cat >{PLACE}/tailscale && chmod 755 {PLACE}/tailscale && "
                 f"ln -s {PLACE}/tailscale /usr/local/bin/", stdin=SOURCE.read_text(encoding="utf-8"))  # fmt: skip
    state = {"backend": "NeedsLogin", "denied": True}
    fleet.inside(HOST, "sh", "-c", f"umask 000; cat >{PLACE}/state.json; touch {PLACE}/calls.jsonl",
                 stdin=json.dumps(state))  # fmt: skip
    yield fleet
    remove(fleet)


@pytest.fixture(scope="module")
def reached(edge: Fleet) -> Fleet:
    """The host after its first deploy, with a key of its gateways' user."""
    done = edge.openclaw("deploy", TAILNET_KEY=KEY)
    assert done.code == 0, done.stderr
    assert KEY not in done.stdout + done.stderr
    edge.inside(HOST, "runuser", "-u", "openclaw", "--", "sh", "-c",
                "umask 077; mkdir -p ~/.ssh && ssh-keygen -qt ed25519 -N '' -f ~/.ssh/tunnel")  # fmt: skip
    edge.inside(HOST, "sh", "-c", "ssh-keyscan 127.0.0.1 >/etc/ssh/ssh_known_hosts")
    return edge


def calls(fleet: Fleet) -> list[str]:
    """How the stand-in was called so far."""
    return [" ".join(json.loads(line)) for line in fleet.inside(HOST, "cat", f"{PLACE}/calls.jsonl").splitlines()]


def state(fleet: Fleet) -> dict[str, Any]:
    """What the stand-in keeps."""
    found: dict[str, Any] = json.loads(fleet.inside(HOST, "cat", f"{PLACE}/state.json"))
    return found


def test_the_host_joins_and_both_gateways_are_reached(reached: Fleet) -> None:
    found = state(reached)
    assert found["joined"] == [["0o600", hashlib.sha256(f"{KEY}\n".encode()).hexdigest()]]
    assert found["operator"] == "openclaw"
    assert found["routes"] == {"8443": f"http://127.0.0.1:{PORTS['two']}"}
    ((mode, target),) = found["foreground"].values()
    assert mode == "serve"
    assert int(target) not in PORTS.values()
    assert all(row["ready"] for row in reached.status())


def test_the_key_was_never_an_argument_and_is_nowhere(reached: Fleet) -> None:
    assert not [line for line in calls(reached) if KEY in line]
    places = "/run /tmp /etc /opt /home /var/log"
    assert reached.inside(HOST, "sh", "-c", f"grep -rlsF {KEY} {places} || true") == ""


def test_a_second_deploy_changes_nothing(reached: Fleet) -> None:
    before = [line for line in calls(reached) if not line.endswith("status --json")]
    done = reached.openclaw("drift", TAILNET_KEY=KEY)
    assert done.code == 0, done.stdout
    assert [line for line in calls(reached) if not line.endswith("status --json")] == before


def test_a_tunnel_opens_one_port_and_comes_back_when_sshd_restarts(reached: Fleet) -> None:
    spec = reached.tree["hosts"][HOST]
    wish = {"hostname": "127.0.0.1", "key": "~/.ssh/tunnel", "localPort": 29000, "remotePort": PORTS["one"]}
    spec |= {"tunnels": {"one": wish}, "tunnelKeys": [reached.inside(HOST, "cat", "/home/openclaw/.ssh/tunnel.pub")]}
    assert reached.openclaw("deploy", TAILNET_KEY=KEY).code == 0
    through = "python3 -c 'import urllib.request as http; http.urlopen(\"http://127.0.0.1:29000/healthz\", timeout=5)'"
    reached.wait_for(HOST, through)
    reached.inside(HOST, "sh", "-c", "systemctl restart ssh && pkill -u tunnel sshd")
    before = reached.inside(HOST, "date", "+%s")
    reached.wait_for(HOST, f"! {through}")
    reached.wait_for(HOST, through)
    assert int(reached.inside(HOST, "date", "+%s")) - int(before) < 60
    as_client = "runuser -u openclaw -- ssh -o BatchMode=yes -i /home/openclaw/.ssh/tunnel tunnel@127.0.0.1"
    assert "This account is currently not available" in reached.inside(HOST, "sh", "-c", f"{as_client} id || true")
    other = f"{as_client} -W 127.0.0.1:22 </dev/null 2>&1 || true"
    assert "administratively prohibited" in reached.inside(HOST, "sh", "-c", other)


def test_what_is_not_wanted_any_more_goes_and_the_rest_with_the_last_gateway(reached: Fleet) -> None:
    del reached.tree["hosts"][HOST]["gateways"]["two"]["tailscale"]
    assert reached.openclaw("deploy", TAILNET_KEY=KEY).code == 0
    assert state(reached)["routes"] == {}
    assert reached.openclaw("uninstall", "--purge", "--yes").code == 0
    found = state(reached)
    assert (found["backend"], found["operator"], found["foreground"]) == ("NeedsLogin", "", {})
    assert reached.inside(HOST, "sh", "-c", "ls -d /etc/clawfleet* 2>/dev/null || true") == ""
