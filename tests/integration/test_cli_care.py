"""The commands that look after one host, against a real gateway process."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.support.gateway import GatewayFactory, GatewayProcess

LIMIT_S = 60


def openclaw(gateway: GatewayProcess, *args: str, stdin: str = "", **environ: str) -> subprocess.CompletedProcess[str]:
    """One command line in a gateway's home."""
    return run(gateway.env | environ, gateway.home, *args, stdin=stdin)


def run(environ: Mapping[str, str], cwd: Path, *args: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "clawfleet", *args],
        env=dict(environ),
        cwd=cwd,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )


def document(done: subprocess.CompletedProcess[str]) -> Any:
    """The one JSON document on stdout."""
    assert done.stdout, done.stderr
    return json.loads(done.stdout)


JSON_COMMANDS = [
    ["doctor", "--json"],
    ["doctor", "--lint", "--json"],
    ["doctor", "--deep", "--json"],
    ["security", "audit", "--json"],
    ["secrets", "audit", "--json"],
    ["secrets", "reload", "--json"],
    ["secrets", "apply", "--from", "nowhere.json", "--json"],
    ["backup", "create", "--dry-run", "--json"],
    ["backup", "verify", "nowhere.tar.gz", "--json"],
    ["backup", "restore", "nowhere.tar.gz", "--json"],
]


def test_every_json_command_prints_one_document_up_and_down(gateway: GatewayFactory) -> None:
    one = gateway()
    for state in ("up", "down"):
        for line in JSON_COMMANDS:
            done = openclaw(one, *line)
            assert isinstance(document(done), dict), (state, line)
            assert "Traceback" not in done.stderr, (state, line)
        one.stop()


def test_a_backup_of_a_running_gateway_brings_its_sessions_to_a_fresh_home(
    gateway: GatewayFactory, tmp_path: Path
) -> None:
    """Kept while it runs, killed, restored elsewhere: the conversation goes on there."""
    one = gateway()
    line = ("agent", "--session-key", "agent:main:kept", "--json", "-m")
    said = document(openclaw(one, *line, "remember forty-one"))
    made = document(openclaw(one, "backup", "create", "--verify", "--json", "--output", str(tmp_path / "b.tar.gz")))
    assert made["verified"] is True
    one.kill()
    fresh = GatewayProcess(tmp_path / "fresh")
    shutil.rmtree(fresh.state_dir)
    restored = document(openclaw(fresh, "backup", "restore", made["archivePath"], "--json"))
    assert restored["keptIn"] is None
    try:
        fresh.start()
        history = openclaw(fresh, "gateway", "call", "chat.history", "--params", '{"sessionKey": "agent:main:kept"}')
        assert "remember forty-one" in history.stdout
        again = document(openclaw(fresh, *line, "go on"))
        assert again["result"]["meta"]["agentMeta"]["sessionId"] == said["result"]["meta"]["agentMeta"]["sessionId"]
        refused = openclaw(fresh, "backup", "restore", made["archivePath"], "--yes")
        assert (refused.returncode, "already running" in refused.stderr) == (78, True)
    finally:
        fresh.kill()


def test_a_gateway_that_was_killed_can_still_be_backed_up(gateway: GatewayFactory, tmp_path: Path) -> None:
    """Its log of writes holds what the database file does not hold yet."""
    one = gateway()
    openclaw(one, "agent", "-m", "remember forty-two", "--session-key", "agent:main:kept")
    one.kill()
    made = document(openclaw(one, "backup", "create", "--json", "--output", str(tmp_path / "b.tar.gz")))
    target = tmp_path / "restored"
    document(openclaw(one, "backup", "restore", made["archivePath"], "--target", str(target), "--json"))
    assert b"remember forty-two" in (target / "clawfleet" / "gateway.sqlite").read_bytes()


def test_doctor_mends_a_gateways_home_once(gateway: GatewayFactory) -> None:
    """Evidence planted on a stopped instance, mended, and nothing left to do the second time."""
    one = gateway()
    one.kill()
    one.state_dir.chmod(0o755)
    config = json.loads(one.config_path.read_text())
    config["gateway"]["prot"] = config["gateway"].pop("port", 19555)
    one.config_path.write_text(json.dumps(config, indent=2))
    found = document(openclaw(one, "doctor", "--json"))
    assert {"config.invalid", "lock.stale", "fs.state_dir.perms_readable"} <= {
        row["checkId"] for row in found["findings"]
    }
    mended = document(openclaw(one, "doctor", "--fix", "--json"))
    assert mended["changes"]
    again = openclaw(one, "doctor", "--fix", "--json")
    assert document(again)["changes"] == []
    assert one.token not in again.stdout + json.dumps(mended)
    one.start()


def test_a_secret_that_was_set_is_used_after_a_reload(gateway: GatewayFactory) -> None:
    """`secrets set` on an instance whose gateway runs, then `secrets reload`."""
    one = gateway()
    assert openclaw(one, "secrets", "set", "SOME_API_KEY", stdin="sk-some-secret\n").returncode == 0
    found = document(openclaw(one, "doctor", "--json"))
    assert "env.changed_since_start" in {row["checkId"] for row in found["findings"]}
    assert openclaw(one, "secrets", "reload").stdout.startswith("Secrets reloaded")
    found = document(openclaw(one, "doctor", "--json"))
    assert "env.changed_since_start" not in {row["checkId"] for row in found["findings"]}
