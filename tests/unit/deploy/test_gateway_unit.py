"""The gate, against a gateway that answers as told, on real sockets of this machine."""

from __future__ import annotations

import http.server
import json
import os
import pwd
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import audit
import gateway_unit
import kept
from gate import FailedError, Gate, NotYetError, answer
from gateway_unit import apply, status
from sockets import ancestry, describe, holds, listening, owners
from systemd_unit import Unit

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the gate reads Linux's /proc")

GOOD: dict[str, Any] = {
    "/healthz": {"ok": True, "status": "live"},
    "/startupz": {"ok": True, "status": "started", "version": "1.0.0"},
    "/readyz": {"ready": True, "failing": []},
}
ACTIVE = {"ActiveState": "active", "SubState": "running", "ExecMainStatus": "0", "NRestarts": "0"}


class FakeUnit(Unit):
    """A unit whose properties the test decides; `verbs` records what was asked of the service manager."""

    def __init__(self, spec: dict[str, Any]) -> None:
        super().__init__(spec)
        self.state = {**ACTIVE, "MainPID": str(os.getpid()), "UnitFileState": "enabled", "NeedDaemonReload": "no"}
        self.verbs: list[str] = []

    def systemctl(self, *words: str) -> Any:
        self.verbs.append(words[0])
        return type("Done", (), {"returncode": 0, "stdout": "", "stderr": ""})()

    def show(self) -> dict[str, str]:
        return self.state

    def journal(self, lines: int) -> list[str]:
        return ["started with token s3cr3t-s3cr3t"]


class Answers(http.server.ThreadingHTTPServer):
    """Answers GET with what `bodies` holds, anything else with a web page."""

    bodies: dict[str, Any]


class Answering(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, Answers)
        body = self.server.bodies.get(self.path)
        self.send_response(200 if body is None or body.get("ok", body.get("ready")) else 503)
        self.end_headers()
        self.wfile.write(b"<html>" if body is None else json.dumps(body).encode())

    def log_message(self, format: str, *arguments: Any) -> None:
        """Quiet."""


@pytest.fixture
def server() -> Iterator[Answers]:
    """A good gateway on a port of its own."""
    made = Answers(("127.0.0.1", 0), Answering)
    made.bodies = {path: dict(body) for path, body in GOOD.items()}
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made
    made.shutdown()
    thread.join()
    made.server_close()


@pytest.fixture
def wish(server: Answers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the recipe asks for."""
    monkeypatch.setattr(audit, "LOG", tmp_path / "log" / "audit.log")
    (tmp_path / ".env").write_text("OPENCLAW_GATEWAY_TOKEN='s3cr3t-s3cr3t'\n")
    return {
        "id": "edge/ops",
        "scope": "system",
        "user": "root",
        "unit": "openclaw-gateway-ops.service",
        "port": server.server_address[1],
        "stamp": str(tmp_path / "applied.json"),
        "restart": True,
        "enabled": True,
        "env": str(tmp_path / ".env"),
        "applied": "f00d",
        "release": "1.0.0-abcdef01",
        "version": "1.0.0",
        "policy": "ready",
        "timeoutS": 0,
        "settleS": 0,
        "connects": False,
        "smoke": None,
        "before": [],
    }


def gate(wish: dict[str, Any]) -> Gate:
    return Gate(FakeUnit(wish), wish)


def test_a_good_gateway_passes(wish: dict[str, Any]) -> None:
    """The pid that passed is told."""
    assert gate(wish).look() == os.getpid()


@pytest.mark.parametrize(
    ("path", "body", "stop"),
    [
        ("/healthz", None, ("healthz", NotYetError, "without JSON")),
        ("/healthz", {"ok": False, "status": "dying"}, ("healthz", NotYetError, "dying")),
        ("/startupz", {"ok": False, "status": "starting"}, ("startupz", NotYetError, "starting")),
        (
            "/startupz",
            {"ok": True, "status": "started", "version": "0.9"},
            ("startupz", FailedError, "runs version 0.9"),
        ),
        ("/startupz", {"ok": True, "status": "started"}, ("startupz", FailedError, "runs version None")),
        ("/readyz", {"ready": False, "failing": ["channel:telegram"]}, ("readyz", NotYetError, "channel:telegram")),
        ("/readyz", {"ready": False, "failing": []}, ("readyz", NotYetError, "not said")),
        ("/readyz", None, ("readyz", NotYetError, "without JSON")),
    ],
)
def test_each_answer_that_is_not_good_stops_at_its_step(
    server: Answers, wish: dict[str, Any], path: str, body: dict[str, Any] | None, stop: tuple[str, type, str]
) -> None:
    """A page for everything, a gateway still starting, another version, a part that newly fails."""
    if body is None:
        del server.bodies[path]
    else:
        server.bodies[path] = body
    step, error, words = stop
    looking = gate(wish)
    with pytest.raises(error, match=words):
        looking.look()
    assert looking.step == step


@pytest.mark.parametrize(
    ("policy", "before", "passes"),
    [("ready", ["a"], True), ("ready", ["b"], False), ("strict", ["a"], False), ("started", [], True)],
)
def test_the_policy_decides_about_failing_parts(
    server: Answers, wish: dict[str, Any], policy: str, before: list[str], passes: bool
) -> None:
    """A channel that was broken before blocks only the strict."""
    server.bodies["/readyz"] = {"ready": False, "failing": ["a"]}
    looking = gate({**wish, "policy": policy, "before": before})
    if passes:
        looking.look()
    else:
        with pytest.raises(NotYetError):
            looking.look()


def test_another_process_on_the_port_is_not_the_gateway(wish: dict[str, Any]) -> None:
    """The answer may be perfect; it comes from someone else, who is named."""
    unit = FakeUnit(wish)
    unit.state["MainPID"] = "1"
    looking = Gate(unit, wish)
    with pytest.raises(NotYetError, match=rf"does not belong to process 1 .* held by pid {os.getpid()} \(") as caught:
        looking.look()
    assert looking.step == "listener"
    assert "python" in str(caught.value) or "pytest" in str(caught.value)


def test_a_failed_unit_is_told_at_once_with_its_exit_and_who_has_the_port(wish: dict[str, Any]) -> None:
    """Exit 78 is not retried, so waiting is of no use."""
    unit = FakeUnit(wish)
    unit.state |= {"ActiveState": "failed", "SubState": "failed", "ExecMainStatus": "78", "MainPID": "0"}
    with pytest.raises(FailedError, match=r"failed/failed, last exit 78.*will not be retried.*held by pid"):
        Gate(unit, wish).look()


def test_a_process_that_is_replaced_meanwhile_does_not_pass(wish: dict[str, Any]) -> None:
    """A crash loop looks good between two crashes."""
    unit = FakeUnit(wish)
    states = iter([unit.state, unit.state | {"MainPID": "4194304"}])
    unit.show = lambda: next(states)  # type: ignore[method-assign]
    with pytest.raises(NotYetError, match="replaced"):
        Gate(unit, wish).look()


def test_nothing_on_the_port_is_waited_for(server: Answers, wish: dict[str, Any]) -> None:
    """The gateway may still be starting."""
    with pytest.raises(NotYetError, match="nothing listens on port 1"):
        gate({**wish, "port": 1}).look()


def test_apply_restarts_and_records_after_the_gate(wish: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """The stamp is root's own and says what runs."""
    unit = FakeUnit(wish)
    monkeypatch.setattr(gateway_unit, "Unit", lambda spec: unit)
    report = apply(wish)
    assert unit.verbs == ["daemon-reload", "enable", "reset-failed", "restart"]
    stamp = Path(wish["stamp"])
    assert json.loads(stamp.read_text())["applied"] == "f00d"
    assert stamp.stat().st_mode & 0o777 == 0o600
    assert (report["outcome"], report["pid"], report["port"]) == ("ready", os.getpid(), wish["port"])
    (line,) = audit.LOG.read_text().splitlines()
    assert json.loads(line)["id"] == "edge/ops"


def test_a_process_that_is_too_young_is_waited_for(wish: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """One that dies soon after its start is not good yet."""
    slept: list[float] = []
    monkeypatch.setattr("gate.time.sleep", slept.append)
    monkeypatch.setattr("gate.time.monotonic", lambda: 100 + sum(slept))
    unit = FakeUnit(wish)
    unit.state |= {"ExecMainStartTimestampMonotonic": "99000000", "ActiveEnterTimestampMonotonic": "100000000"}
    Gate(unit, {**wish, "settleS": 3}).settle()
    assert sum(slept) == 2
    unit.state |= {"ExecMainStartTimestampMonotonic": "101500000", "ActiveState": "failed"}
    with pytest.raises(FailedError):
        Gate(unit, {**wish, "settleS": 3}).settle()


def test_what_takes_the_release_comes_last_and_names_its_step(
    wish: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A gateway that lets nobody in fails at `connect`; one of before the fleet is not asked at all."""
    monkeypatch.setattr(gateway_unit, "Unit", FakeUnit)

    def closed(wish: dict[str, Any]) -> None:
        raise NotYetError("its own command is not let in: unauthorized")

    monkeypatch.setattr("proofs.connects", closed)
    report = apply({**wish, "connects": True})
    assert (report["outcome"], report["step"]) == ("failed", "connect")
    assert "its own command is not let in: unauthorized" in report["reason"]
    assert apply({**wish, "connects": True, "version": None})["outcome"] == "ready"


def test_apply_without_restart_interrupts_nobody(wish: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Enabling needs none."""
    unit = FakeUnit(wish)
    monkeypatch.setattr(gateway_unit, "Unit", lambda spec: unit)
    apply({**wish, "restart": False})
    assert unit.verbs == ["daemon-reload", "enable"]


def test_a_failed_gate_names_gateway_and_step_hides_secrets_and_leaves_no_stamp(
    server: Answers, wish: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next run restarts, because nothing was recorded."""
    monkeypatch.setattr(gateway_unit, "Unit", FakeUnit)
    del server.bodies["/healthz"]
    report = apply(wish)
    text = report["reason"]
    assert (report["outcome"], report["step"]) == ("failed", "healthz")
    assert text.startswith("edge/ops: gate failed at healthz after 0 s: ")
    assert "log: started with token ***" in text
    assert not Path(wish["stamp"]).exists()


def test_a_changed_gateway_that_fails_gets_back_what_it_ran_with(
    server: Answers, wish: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """File and link are as before, the stamp too; the report says so."""
    monkeypatch.setattr(gateway_unit, "Unit", FakeUnit)
    env, link, user = tmp_path / ".env", tmp_path / "current", "root"
    (tmp_path / "old").mkdir()
    link.symlink_to(tmp_path / "old")
    wish |= {"files": [[str(env), user, "600"]], "link": str(link), "target": str(tmp_path / "old")}
    apply(wish)
    kept.keep(Path(wish["stamp"]))
    env.write_text("CHANGED=1\n")
    kept.switch_link(link, str(tmp_path / "new"))
    report = apply({**wish, "release": "2.0.0-ffffffff", "version": "2.0.0", "target": str(tmp_path / "new")})
    assert (report["outcome"], report["back"]) == ("rolled back", "runs 1.0.0-abcdef01 again")
    assert "runs version 1.0.0, wanted is 2.0.0" in report["reason"]
    assert "OPENCLAW_GATEWAY_TOKEN" in env.read_text()
    assert link.readlink() == tmp_path / "old"
    assert json.loads(Path(wish["stamp"]).read_text())["release"] == "1.0.0-abcdef01"


def test_a_gateway_that_was_not_changed_is_not_taken_back(
    server: Answers, wish: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It stopped by itself: an older state would not mend that."""
    monkeypatch.setattr(gateway_unit, "Unit", FakeUnit)
    apply(wish)
    del server.bodies["/healthz"]
    assert apply(wish)["outcome"] == "failed"


def test_a_gateway_that_is_not_to_run_is_stopped_for_good(
    wish: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No gate; what it is made of is recorded all the same."""
    unit = FakeUnit(wish)
    monkeypatch.setattr(gateway_unit, "Unit", lambda _: unit)
    assert apply({**wish, "enabled": False})["outcome"] == "disabled"
    assert unit.verbs == ["daemon-reload", "disable", "reset-failed"]
    assert (status(wish)["parked"], status(wish)["applied"]) == (True, "f00d")


def test_a_gateway_that_does_not_come_up_when_it_is_enabled_is_stopped_again(
    server: Answers, wish: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """It was stopped before, and nothing better is known of it."""
    unit = FakeUnit(wish)
    monkeypatch.setattr(gateway_unit, "Unit", lambda _: unit)
    wish |= {"link": str(tmp_path / "link"), "target": str(tmp_path / "old")}
    apply({**wish, "enabled": False})
    kept.keep(Path(wish["stamp"]))
    del server.bodies["/healthz"]
    report = apply(wish)
    assert (report["outcome"], report["back"]) == ("rolled back", "is stopped again")
    assert status(wish)["parked"]


@pytest.mark.parametrize("wanted", [True, False])
def test_a_release_that_refuses_newer_state_gets_its_own_back_where_that_is_wanted(
    server: Answers, wish: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, wanted: bool
) -> None:
    """It ended with 78; otherwise the command that does it is named."""
    unit = FakeUnit(wish)
    monkeypatch.setattr(gateway_unit, "Unit", lambda _: unit)
    wish |= {"link": str(tmp_path / "link"), "target": str(tmp_path / "old"), "autoRestoreState": wanted}
    apply(wish)
    kept.keep(Path(wish["stamp"]))
    well = unit.state
    unit.state = {"ActiveState": "failed", "ExecMainStatus": "78"}

    def replaced(spec: dict[str, Any], archive: Path) -> None:
        unit.state = well

    monkeypatch.setattr("snapshots.of_release", lambda _, release: tmp_path / release)
    monkeypatch.setattr("state.replaced", replaced)
    report = apply({**wish, "release": "2.0.0-ffffffff", "version": "2.0.0"})
    if wanted:
        assert (report["outcome"], report["restored"]) == ("rolled back", "1.0.0-abcdef01")
        assert report["back"] == "runs 1.0.0-abcdef01 again, with its state of before"
    else:
        assert report["outcome"] == "failed"
        assert "openclaw fleet rollback --restore-state --limit edge/ops" in report["reason"]


def test_the_release_before_is_remembered(
    server: Answers, wish: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also over deploys that only changed a file."""
    monkeypatch.setattr(gateway_unit, "Unit", FakeUnit)
    stamp = Path(wish["stamp"])
    for release, before in (("1-a", None), ("2-b", "1-a"), ("2-b", "1-a")):
        kept.keep(stamp)
        apply({**wish, "release": release})
        assert json.loads(stamp.read_text())["previousRelease"] == before


def test_status_tells_what_the_recipe_asks(
    server: Answers, wish: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unit, health and what was last applied."""
    monkeypatch.setattr(gateway_unit, "Unit", FakeUnit)
    Path(wish["stamp"]).write_text('{"applied": "f00d"}')
    server.bodies["/readyz"] = {"ready": False, "failing": ["a", {"id": "b"}]}
    assert status(wish) == {
        "active": True,
        "parked": False,
        "enabled": True,
        "stale": False,
        "healthy": True,
        "applied": "f00d",
        "failing": ["a", '{"id": "b"}'],
    }


@pytest.mark.parametrize("stamp", [None, "", "{", "[]", '{"other": 1}'])
def test_a_stamp_that_cannot_be_read_is_none(
    wish: dict[str, Any], monkeypatch: pytest.MonkeyPatch, stamp: str | None
) -> None:
    """A half-written record counts as no record."""
    monkeypatch.setattr(gateway_unit, "Unit", FakeUnit)
    if stamp is not None:
        Path(wish["stamp"]).write_text(stamp)
    assert status(wish)["applied"] is None


def test_a_user_unit_is_reached_without_a_login_session() -> None:
    """As its user, with the runtime directory of the service manager."""
    unit = Unit({"unit": "u.service", "user": "daemon", "scope": "user"})
    runtime = f"XDG_RUNTIME_DIR=/run/user/{pwd.getpwnam('daemon').pw_uid}"
    assert unit._prefix() == ["runuser", "-u", "daemon", "--", "env", runtime, "systemctl", "--user"]


def test_the_owner_of_a_port_is_found_through_its_ancestry(server: Answers) -> None:
    """This process holds the server's port, and descends from its parent."""
    assert owners(listening(server.server_address[1])) == [os.getpid()]
    assert os.getppid() in list(ancestry(os.getpid()))
    assert owners(set()) == []
    inodes = listening(server.server_address[1])
    assert (holds(os.getpid(), inodes), holds(os.getppid(), inodes), holds(2**22, inodes)) == (True, False, False)


def test_answers_ignore_proxies(server: Answers, monkeypatch: pytest.MonkeyPatch) -> None:
    """The question is about this machine."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert answer(server.server_address[1], "/healthz") == (200, GOOD["/healthz"])


def test_a_process_is_described_without_the_secrets_in_its_flags() -> None:
    """What stands in the way may have been started with its token on the command line."""
    words = [sys.executable, "-c", "print(flush=True); input()", "--token", "s3cret-t0ken", "--password=pa55word"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin and process.stdout
        process.stdout.readline()
        text = describe(process.pid)
        process.stdin.close()
    assert "--token … --password=…" in text
    assert "s3cret" not in text and "pa55" not in text


def test_a_users_file_is_read_with_the_users_rights(tmp_path: Path) -> None:
    """Root follows no link that a user planted to what the user cannot read, and is root again afterwards."""
    secret, planted = tmp_path / "secret", tmp_path / "planted"
    secret.write_text("root's")
    secret.chmod(0o600)
    planted.symlink_to(secret)
    assert kept.read_as("root", str(planted)) == b"root's"
    assert kept.read_as("root", str(tmp_path / "missing")) is None
    if os.geteuid() == 0:
        assert kept.read_as("no-such-user", str(planted)) is None
        tmp_path.chmod(0o755)
        before = (os.geteuid(), os.getegid(), os.getgroups())
        assert kept.read_as("nobody", str(planted)) is None
        assert (os.geteuid(), os.getegid(), os.getgroups()) == before
