"""The same recipe over ssh, into a container without a network, and on the machine itself: one and the same host."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.fleets import ROOT, Fleet, Run, remove, some_hosts

pytestmark = [pytest.mark.docker, pytest.mark.full]

WAYS = ("ssh", "docker", "local")
PLACES = "/opt/clawfleet /etc/clawfleet /etc/systemd/system /usr/local/bin /home/openclaw"
# What the running gateway writes is its own; compiled files hold the time of their sources; a stamp holds its own.
OTHERS = r"\( -name __pycache__ -o -path '/home/openclaw/.openclaw-ops/*' ! -name openclaw.json ! -name .env \) -prune"
TREE = (
    rf"find {PLACES} {OTHERS} -o -printf '%p %m %u %g %l\n' | sort; "
    rf"find {PLACES} {OTHERS} -o -type f ! -name applied.json -print0 | sort -z | xargs -0 sha256sum"
)


@pytest.fixture(scope="module")
def fleets(tmp_path_factory: pytest.TempPathFactory, wheelhouse: Path) -> Iterator[dict[str, Fleet]]:
    """Three fleets of one host and the same secrets; each host has this checkout and its Python at hand."""
    made = {}
    places = {str(ROOT), sys.prefix, sys.base_prefix, str(wheelhouse)}
    mounts = [word for place in sorted(places) for word in ("-v", f"{place}:{place}:ro")]
    for way in WAYS:
        directory = tmp_path_factory.mktemp(way)
        mine = ("-v", f"{directory}:{directory}")
        fleet = some_hosts(directory, wheelhouse, {"edge": "system"}, {"ops": {}}, *mounts, *mine)
        made[way] = fleet
        host = fleet.tree["hosts"]["edge"]
        if way != "ssh":
            host["connect"] = {
                "via": way,
                "hostname": fleet.hosts["edge"].container if way == "docker" else "localhost",
            }
        if made["ssh"] is not fleet:
            shutil.copy(made["ssh"].directory / "secrets.env", directory)
        else:
            (directory / "secrets.env").touch(0o600)
            (directory / "secrets.env").write_text(f"EDGE_OPS__OPENCLAW_GATEWAY_TOKEN={'7' * 64}\n")
    offline = made["docker"]
    offline.tree["hosts"]["edge"]["offline"] = True
    subprocess.run(["docker", "network", "disconnect", "bridge", offline.hosts["edge"].container], check=True)
    yield made
    for fleet in made.values():
        remove(fleet)


def verb(fleet: Fleet, way: str, *words: str) -> Run:
    """`openclaw fleet <words>`, typed on the host itself where it is `local`."""
    if way != "local":
        return fleet.openclaw(*words)
    fleet.write()
    place = [f"CLAWFLEET_FLEET={fleet.path}", f"CLAWFLEET_WHEELHOUSE={fleet.wheelhouse}", "PYTHONDONTWRITEBYTECODE=1"]
    program = str(Path(sys.executable).with_name("openclaw"))
    line = ["docker", "exec", fleet.hosts["edge"].container, "env", *place, program, "fleet", *words]
    done = subprocess.run(line, capture_output=True, text=True, check=False, timeout=fleet.limit_s)
    return Run(done.returncode, done.stdout, done.stderr)


def test_every_way_leads_to_the_same_host(fleets: dict[str, Fleet]) -> None:
    """Path, mode, owner and content of every file; nothing to do the second time; the gateway answers."""
    trees, stamps = {}, {}
    for way, fleet in fleets.items():
        done = verb(fleet, way, "deploy")
        assert done.code == 0, (way, done.stderr)
        assert "edge/ops: ready" in done.stderr
        again = verb(fleet, way, "deploy", "--json")
        assert again.document["hosts"][0]["state"] == "unchanged", way
        assert verb(fleet, way, "drift").code == 0
        (row,) = verb(fleet, way, "status", "--json").document["gateways"]
        assert (row["ready"], row["drift"]) == (True, []), way
        trees[way] = fleet.inside("edge", "sh", "-c", TREE).splitlines()
        stamp = json.loads(fleet.inside("edge", "cat", "/etc/clawfleet/ops/applied.json"))
        stamps[way] = {key: value for key, value in stamp.items() if key != "at"}
    assert len(trees["ssh"]) > 1000
    for way in ("docker", "local"):
        assert set(trees["ssh"]) ^ set(trees[way]) == set(), way
        assert stamps[way] == stamps["ssh"]


def test_a_host_without_network_says_which_packages_it_lacks(fleets: dict[str, Fleet]) -> None:
    """Nothing is fetched, and the gateway runs on; with the package there again, all is well."""
    fleet = fleets["docker"]
    assert verb(fleet, "docker", "deploy").code == 0
    routes = fleet.inside("edge", "sh", "-c", "tail -n +2 /proc/net/route | wc -l")
    assert routes == "0"
    record = "/var/lib/dpkg/status"
    fleet.inside("edge", "sh", "-c", f"cp -p {record} /root/status; dpkg --force-all --remove ca-certificates")
    done = verb(fleet, "docker", "deploy")
    assert done.code == 1
    assert "this host is offline and lacks ca-certificates" in done.stderr
    assert verb(fleet, "docker", "status").code == 0
    fleet.inside("edge", "cp", "-p", "/root/status", record)
    assert verb(fleet, "docker", "deploy").code == 0
