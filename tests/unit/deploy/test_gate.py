"""The gate, against a gateway that answers as told, on real sockets of this machine."""

from __future__ import annotations

import contextlib
import os
import pwd
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

import kept
from gate import FailedError, Gate, NotYetError, answer
from sockets import ancestry, describe, holds, listening, owners
from systemd_unit import Unit
from tests.unit.deploy.standins import GOOD, Answers, FakeUnit

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the gate reads Linux's /proc")


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


def test_an_answer_in_drops_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each byte comes in time, all of them never: a gateway must not be able to hold up who looks at it."""
    monkeypatch.setattr("gate.ANSWER_TIMEOUT_S", 0.2)
    enough = threading.Event()

    def drip() -> None:
        connection, _ = server.accept()
        with connection, contextlib.suppress(OSError):
            while not enough.wait(0.02):
                connection.sendall(b"x")

    with socket.create_server(("127.0.0.1", 0)) as server:
        dripping = threading.Thread(target=drip)
        dripping.start()
        try:
            with pytest.raises(NotYetError, match=r"not all of it came within 0\.2 s"):
                answer(server.getsockname()[1], "/healthz")
        finally:
            enough.set()
            dripping.join()
