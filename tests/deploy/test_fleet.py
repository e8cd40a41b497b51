"""Two hosts, two gateways each: deployed, left alone, healed, restarted when needed, and never talkative."""

from __future__ import annotations

import json
import signal
import subprocess
import urllib.request

import pytest

from tests.deploy.faults import HELD, held_after
from tests.deploy.fleets import Fleet, Run, finished, start

pytestmark = pytest.mark.docker

GATEWAYS = ("edge-1/default", "edge-1/ops", "edge-2/default", "edge-2/ops")

# Runs inside a host; ports and tokens come on standard input, so that no process list shows them.
KNOCK = """
import json, sys, urllib.error, urllib.request
answers = []
for port, token in json.load(sys.stdin):
    request = urllib.request.Request(f"http://127.0.0.1:{port}/v1/models", headers={"Authorization": f"Bearer {token}"})
    try:
        answers.append(urllib.request.urlopen(request, timeout=10).status)
    except urllib.error.HTTPError as error:
        answers.append(error.code)
print(json.dumps(answers))
"""

# Runs inside a host until it is told to stop: every command line, and every file around the secrets that others can
# read. The words to look for come on standard input.
WATCH = """
import json, os, pathlib, sys
words = json.loads(sys.stdin.readline())
print("watching", flush=True)
os.set_blocking(0, False)
seen, wide, rounds = set(), set(), 0
while sys.stdin.buffer.read() is None:
    rounds += 1
    for process in pathlib.Path("/proc").iterdir():
        if process.name.isdigit():
            for file in ("cmdline", "environ"):
                try:
                    data = (process / file).read_bytes()
                except OSError:
                    continue
                if any(word.encode() in data for word in words):
                    seen.add(f"{file} of {data.split(bytes(1))[0].decode(errors='replace')}")
    for place in ("/tmp", "/home/openclaw/.openclaw", "/home/openclaw/.openclaw-ops"):
        for entry in os.scandir(place):
            try:
                if not entry.is_file(follow_symlinks=False):
                    continue
                with open(entry.path, errors="replace") as file:  # mode and text of one and the same file
                    if os.fstat(file.fileno()).st_mode & 0o077 and any(word in file.read() for word in words):
                        wide.add(entry.path)
            except OSError:
                continue
print(json.dumps({"rounds": rounds, "seen": sorted(seen), "wide": sorted(wide)}))
"""


def inside(fleet: Fleet, host: str, *words: str, stdin: str = "") -> str:
    """Standard output of a command in a host, as root."""
    command = ["docker", "exec", "-i", fleet.hosts[host].container, *words]
    return subprocess.run(command, input=stdin, capture_output=True, text=True, check=True).stdout.strip()


def port(gateway: str) -> int:
    return 18789 if gateway.endswith("/default") else 18909


def knock(fleet: Fleet, gateway: str, *tokens: str) -> list[int]:
    """The gateway's answers to requests with these tokens."""
    wanted = json.dumps([(port(gateway), token) for token in tokens])
    answers: list[int] = json.loads(
        inside(fleet, gateway.split("/", maxsplit=1)[0], "python3", "-c", KNOCK, stdin=wanted)
    )
    return answers


def main_pid(fleet: Fleet, gateway: str) -> str:
    """The pid of a gateway's unit on edge-2, where units are the system's."""
    host, name = gateway.split("/")
    unit = "openclaw-gateway" if name == "default" else f"openclaw-gateway-{name}"
    return inside(fleet, host, "systemctl", "show", "-p", "MainPID", "--value", unit)


def test_four_gateways_answer_on_their_own_ports_with_their_own_tokens(fleet: Fleet, first_run: Run) -> None:
    """Each opens for its own token and for no other of the fleet."""
    tokens = fleet.tokens()
    assert set(tokens) == set(GATEWAYS)
    assert len(set(tokens.values())) == 4
    for gateway in GATEWAYS:
        others = [token for name, token in tokens.items() if name != gateway]
        assert knock(fleet, gateway, tokens[gateway], *others) == [200, 401, 401, 401]
    assert first_run.report["results"]["failed_hosts"] == []


def test_a_second_run_changes_nothing(fleet: Fleet) -> None:
    """Not a file, not a restart; a run that only looks says so too."""
    pids = [main_pid(fleet, "edge-2/default"), main_pid(fleet, "edge-2/ops")]
    again = fleet.deploy()
    assert again.changed() == {}
    assert again.report["results"]["totals"]["no_change"] > 40
    assert fleet.run("--dry", "--json").would_change() == {}
    assert [main_pid(fleet, "edge-2/default"), main_pid(fleet, "edge-2/ops")] == pids


def test_what_lies_on_a_host_is_owner_only(fleet: Fleet) -> None:
    """State, config and secrets are the service user's, units hold no secret."""
    tokens = fleet.tokens()
    listing = inside(
        fleet,
        "edge-2",
        *("stat", "-c", "%a %U %n", "/home/openclaw/.openclaw-ops", "/home/openclaw/.openclaw-ops/.env"),
        *("/home/openclaw/.openclaw-ops/openclaw.json", "/home/openclaw/.openclaw-ops/workspace"),
    )
    assert [line.split()[:2] for line in listing.splitlines()] == [
        ["700", "openclaw"],
        ["600", "openclaw"],
        ["600", "openclaw"],
        ["700", "openclaw"],
    ]
    shown = inside(fleet, "edge-2", "systemctl", "cat", "openclaw-gateway-ops")
    config = inside(fleet, "edge-2", "cat", "/home/openclaw/.openclaw-ops/openclaw.json")
    assert tokens["edge-2/ops"] not in shown + config
    assert "${OPENCLAW_GATEWAY_TOKEN}" in config


def test_systemd_finds_no_fault_in_the_units(fleet: Fleet) -> None:
    """On the host itself, with the programs in their places."""
    for host, words in (
        ("edge-1", ["runuser", "-u", "openclaw", "--", "systemd-analyze", "verify", "--user"]),
        ("edge-2", ["systemd-analyze", "verify"]),
    ):
        folder = "/home/openclaw/.config/systemd/user" if host == "edge-1" else "/etc/systemd/system"
        script = f"cd / && {' '.join(words)} {folder}/openclaw-gateway-ops.service 2>&1 | grep openclaw || true"
        assert inside(fleet, host, "sh", "-c", script) == ""


def test_looking_shows_what_would_change_and_changes_nothing(fleet: Fleet) -> None:
    """A new limit means a new unit and a restart, for that gateway alone."""
    fleet.tree["hosts"]["edge-2"]["gateways"]["ops"] = {"memoryMax": "768M"}
    pid = main_pid(fleet, "edge-2/ops")
    assert fleet.run("--dry", "--json").would_change() == {
        "gateway ops: openclaw-gateway-ops.service": ["edge-2"],
        "gateway ops: running": ["edge-2"],
    }
    assert main_pid(fleet, "edge-2/ops") == pid
    assert inside(fleet, "edge-2", "systemctl", "show", "-p", "MemoryMax", "--value", "openclaw-gateway-ops") == str(
        1024**3
    )


def test_a_tampered_env_file_is_healed_without_ever_showing_a_secret(fleet: Fleet) -> None:
    """Neither in pyinfra's most talkative output, nor in a process list, nor in a file that others can read."""
    tokens = fleet.tokens()
    env = "/home/openclaw/.openclaw-ops/.env"
    inside(fleet, "edge-2", "sh", "-c", f"echo OPENCLAW_GATEWAY_TOKEN=stolen > {env}; chmod 640 {env}")
    watcher = subprocess.Popen(
        ["docker", "exec", "-i", fleet.hosts["edge-2"].container, "python3", "-c", WATCH],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert watcher.stdin and watcher.stdout
    watcher.stdin.write(json.dumps(list(tokens.values())) + "\n")
    watcher.stdin.flush()
    assert watcher.stdout.readline() == "watching\n"
    pid = main_pid(fleet, "edge-2/ops")

    talkative = fleet.run("-y", "-vvv", "--diff", "--debug")

    watched = json.loads(watcher.communicate()[0])
    assert talkative.code == 0, talkative.stderr[-3000:]
    for token in tokens.values():
        assert token not in talkative.stdout + talkative.stderr
    assert watched["rounds"] > 10
    assert (watched["seen"], watched["wide"]) == ([], [])
    assert inside(fleet, "edge-2", "stat", "-c", "%a %U", env) == "600 openclaw"
    assert main_pid(fleet, "edge-2/ops") != pid
    assert knock(fleet, "edge-2/ops", tokens["edge-2/ops"], "stolen") == [200, 401]


def test_a_run_that_breaks_off_before_the_restart_is_made_up_for(fleet: Fleet) -> None:
    """Killed after the config was written: the next run finds nothing to write and restarts all the same."""
    fleet.tree["hosts"]["edge-2"]["gateways"]["default"] = {"config": {"logging": {"level": "debug"}}}
    pid = main_pid(fleet, "edge-2/default")
    with held_after(fleet, "edge-2", "cp"):
        process = fleet.start("-y", "--limit", "edge-2")
        fleet.wait_for("edge-2", f"test -e {HELD}")
        process.kill()
        finished(process)
    config = "/home/openclaw/.openclaw/openclaw.json"
    assert '"debug"' in inside(fleet, "edge-2", "cat", config)
    assert main_pid(fleet, "edge-2/default") == pid

    made_up = fleet.deploy()

    assert made_up.changed() == {"gateway default: running": ["edge-2"]}
    assert main_pid(fleet, "edge-2/default") != pid


def test_a_key_taken_out_of_the_fleet_file_leaves_the_config(fleet: Fleet) -> None:
    """What the fleet gave, the fleet takes."""
    config = "/home/openclaw/.openclaw-ops/openclaw.json"
    fleet.tree["hosts"]["edge-1"]["gateways"]["ops"] = {"config": {"logging": {"level": "warn"}}}
    fleet.deploy()
    assert '"warn"' in inside(fleet, "edge-1", "cat", config)
    fleet.tree["hosts"]["edge-1"]["gateways"]["ops"] = {}
    fleet.deploy()
    assert '"warn"' not in inside(fleet, "edge-1", "cat", config)


def test_what_people_wrote_into_the_config_stays(fleet: Fleet) -> None:
    """A key of their own survives, an owned one is put right; comments stay."""
    config = "/home/openclaw/.openclaw/openclaw.json"
    written = '{\\n  // ours\\n  logging: { level: \\"warn\\" },\\n  gateway: { port: 1 },\\n}\\n'
    inside(fleet, "edge-1", "sh", "-c", f'printf "{written}" > {config}')
    assert set(fleet.deploy().changed()) == {"gateway default: openclaw.json", "gateway default: running"}
    text = inside(fleet, "edge-1", "cat", config)
    assert "// ours" in text and "18789" in text and "warn" in text
    assert fleet.deploy().changed() == {}


def test_a_gateway_that_does_not_come_up_fails_its_host_alone_and_says_why(fleet: Fleet) -> None:
    """The step and the gateway are named; the other host is done; mending the cause is enough.

    What ran before cannot come back either, as its config was broken by hand: files are as before, and it is told.
    """
    config = "/home/openclaw/.openclaw-ops/openclaw.json"
    inside(
        fleet, "edge-2", "sh", "-c", f"cp -p {config} /root/good.json; sed -i '1a \"gateway.nonsense\": 1,' {config}"
    )
    for host in ("edge-1", "edge-2"):
        fleet.tree["hosts"][host]["gateways"]["ops"] = {"env": {"MARK": "1"}}
    failed = fleet.run("-y")
    assert failed.code == 1
    assert "edge-2/ops: gate failed at unit" in failed.stderr
    assert "last exit 78" in failed.stderr
    assert "what ran before does not come up either" in failed.stderr
    assert "edge-1/ops: gate failed" not in failed.stderr

    inside(fleet, "edge-2", "cp", "-p", "/root/good.json", config)
    assert set(fleet.deploy().changed()) == {"gateway ops: openclaw-gateway-ops.service", "gateway ops: running"}


def test_a_foreign_process_on_the_port_is_named_before_anything_is_written(fleet: Fleet) -> None:
    """The new gateway's host fails with pid and command; nothing of the gateway lies there."""
    container = fleet.hosts["edge-1"].container
    subprocess.run(["docker", "exec", "-d", container, "python3", "-m", "http.server", "19500"], check=True)
    fleet.tree["hosts"]["edge-1"]["gateways"]["extra"] = {"port": 19500}
    refused = fleet.run("-y", "--limit", "edge-1")
    assert refused.code == 1
    assert "edge-1/extra: port 19500 is held by pid" in refused.stderr
    assert "http.server 19500" in refused.stderr
    assert inside(fleet, "edge-1", "sh", "-c", "ls -d /home/openclaw/.openclaw-extra 2>/dev/null || true") == ""


def test_what_pyinfra_knows_about_the_hosts_holds_no_secret(fleet: Fleet) -> None:
    """`debug-inventory` prints all host data in clear."""
    fleet.write()
    shown = finished(start(fleet.path, fleet.wheelhouse, "debug-inventory"))
    assert "edge-1" in shown.stdout + shown.stderr
    for token in fleet.tokens().values():
        assert token not in shown.stdout + shown.stderr


def test_a_person_reaches_a_gateway_through_a_tunnel(fleet: Fleet) -> None:
    """The address is the first thing that is printed; Ctrl+C closes it, and that is no error."""
    tunnel = fleet.begin("tunnel", "edge-1/ops")
    try:
        assert tunnel.stdout is not None
        url = tunnel.stdout.readline().strip()
        assert url.startswith("http://127.0.0.1:"), url
        with urllib.request.urlopen(f"{url}healthz", timeout=60) as answer:
            assert json.load(answer) == {"ok": True, "status": "live"}
        tunnel.send_signal(signal.SIGINT)
        assert tunnel.wait(timeout=60) == 0
    finally:
        tunnel.kill()
        tunnel.communicate()
