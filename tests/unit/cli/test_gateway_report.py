"""What is known about a gateway: by looking, and by asking."""

from __future__ import annotations

import json
import os

import pytest

from clawfleet.cli.context import CliContext
from clawfleet.cli.gateway_report import Probe, Report, gather
from clawfleet.cli.refusals import ConnectRefused
from clawfleet.cli.target import Ask
from clawfleet.config.env_digest import KEY_FILE, digests
from clawfleet.host.lock import StateLock
from tests.unit.cli.conftest import FakeGateway, Home


def look(home: Home, ask: Ask | None = None, *, probe: bool = True, **environ: str) -> Report:
    context = CliContext(environ=home.environ | environ, cwd=home.root)
    return gather(context, ask or Ask(timeout_ms=2000), probe=probe)


def test_our_own_running_gateway_is_seen_whole(own: FakeGateway, home: Home) -> None:
    report = look(home)
    assert report.pid == os.getpid()
    assert report.occupant is not None
    assert report.occupant.kind == "own"
    assert [listener.shown for listener in report.listening] == [f"127.0.0.1:{own.port}"]
    assert report.probe is not None
    assert (report.probe.connected, report.probe.answered, report.probe.version) == (True, True, "0.1.0")
    assert report.probe.auth_source == "config"
    assert report.probe.capability == "admin-capable"
    assert (report.problem, report.notes) == ("", ())


def test_looking_only_does_not_talk(own: FakeGateway, home: Home) -> None:
    report = look(home, probe=False)
    assert report.probe is None
    assert own.requests == []


def test_a_gateway_that_grants_no_scope_is_not_asked_for_more(own: FakeGateway, home: Home) -> None:
    own.scopes = []
    report = look(home)
    assert report.probe is not None
    assert report.probe.answered
    assert report.probe.capability == "connected-no-operator-scope"
    assert own.calls("status") == []


def test_a_method_that_fails_makes_the_rpc_probe_fail_and_not_the_connection(own: FakeGateway, home: Home) -> None:
    del own.answers["status"]
    report = look(home)
    assert report.probe is not None
    assert (report.probe.connected, report.probe.answered) == (True, False)
    assert report.probe.error is not None
    assert "unknown method: status" in report.probe.error.message


def test_somebody_elses_listener_is_the_problem(fake: FakeGateway, home: Home) -> None:
    home.write_config(json.dumps({"gateway": {"mode": "local", "port": fake.port, "auth": {"token": "ours"}}}))
    report = look(home)
    assert f"Port {fake.port} is held by another gateway, pid {os.getpid()}" in report.problem
    assert report.mend.startswith("Fix: ")
    assert report.pid is None
    assert report.probe is not None
    assert report.probe.error is not None
    assert "token" not in report.probe.error.message
    assert fake.requests == [], "a stranger is shown nothing"


def test_a_broken_config_does_not_stop_the_look(home: Home) -> None:
    home.write_config("{ broken")
    report = look(home, OPENCLAW_GATEWAY_PORT="1")
    assert report.config_error is not None
    assert report.bind == "unknown"
    assert report.probe is not None
    assert report.probe.error is report.config_error


def test_a_port_that_was_changed_under_a_running_gateway_is_noted(own: FakeGateway, home: Home) -> None:
    config = {"gateway": {"mode": "local", "port": 20999, "auth": {"token": "t0ken-of-the-tests"}}}
    home.write_config(json.dumps(config))
    assert look(home).notes == (
        f"Note: CLI config resolves gateway port=20999 (config); the running gateway has {own.port}",
    )


def test_warnings_of_the_config_are_counted(home: Home) -> None:
    home.write_config('{"gateway": {"mode": "local"}, "cron": {"enabled": true}}')
    assert look(home, probe=False).notes == ("Note: the config has 1 warning(s): openclaw config validate",)


def test_variables_of_env_that_changed_since_the_start_are_named(home: Home) -> None:
    """By name only, and only when their values are other ones."""
    env, key = home.state_dir / ".env", b"key"
    env.write_text("SAME=1\nOTHER=hunter2\n")
    env.chmod(0o600)
    lock = StateLock.acquire(home.store_dir, port=1, config_path=home.config_path)
    (home.store_dir / KEY_FILE).write_bytes(key + b"\n")
    lock.note_env(digests(home.state_dir, key))
    env.touch()
    unchanged = look(home, probe=False, OPENCLAW_GATEWAY_PORT="1").notes
    env.write_text("SAME=1\nOTHER=hunter3\nNEW=x\n")
    changed = look(home, probe=False, OPENCLAW_GATEWAY_PORT="1").notes
    lock.release()
    assert unchanged == ()
    assert changed == (".env changed since start (NEW, OTHER): restart to apply, or openclaw secrets reload",)


@pytest.mark.parametrize(
    ("scopes", "word"),
    [
        (("operator.read", "operator.admin"), "admin-capable"),
        (("operator.read", "operator.write"), "write-capable"),
        (("operator.read",), "read-only"),
        ((), "connected-no-operator-scope"),
    ],
)
def test_capability_is_the_strongest_scope(scopes: tuple[str, ...], word: str) -> None:
    assert Probe("ws://x", connected=True, scopes=scopes).capability == word


def test_capability_of_a_device_that_waits_for_approval() -> None:
    error = ConnectRefused("pairing required", detail_code="PAIRING_REQUIRED")
    assert Probe("ws://x", error=error).capability == "pairing-pending"
    assert Probe("ws://x").capability == "unknown"


def test_keys_that_others_may_read_are_noted_once(home: Home) -> None:
    env = home.state_dir / ".env"
    env.write_text("OPENAI_API_KEY=x\n")
    env.chmod(0o644)
    notes = [note for note in look(home, probe=False).notes if ".env" in note]
    assert notes == [f"Note: {env} holds keys and can be read by other users: chmod 600 {env}"]
    env.chmod(0o600)
    assert look(home, probe=False).notes == ()
