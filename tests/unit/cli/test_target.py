"""Which gateway is asked, with which credential, and what a failed connection really means."""

from __future__ import annotations

import json
import os
import socket

import pytest

from clawfleet.cli.client import GatewayUnreachable
from clawfleet.cli.context import CliContext
from clawfleet.cli.device import keep_token
from clawfleet.cli.refusals import ConnectRefused
from clawfleet.cli.target import Ask, ForeignListener, find_place, open_gateway, resolve_target
from clawfleet.core.errors import ConfigError, RequestError
from clawfleet.host.lock import StateLock
from clawfleet.host.ports import PortOwner
from tests.unit.cli.conftest import TOKEN, FakeGateway, Home


def context(home: Home, **environ: str) -> CliContext:
    return CliContext(environ=home.environ | environ, cwd=home.root)


def secret(home: Home, ask: Ask | None = None, **environ: str) -> tuple[str | None, str]:
    """The token a command would show, and where it is from."""
    target = resolve_target(find_place(context(home, **environ)), ask or Ask())
    return target.token, target.source


def test_the_port_comes_from_the_flag_the_lock_the_config_in_this_order(home: Home) -> None:
    home.write_config('{"gateway": {"mode": "local", "port": 20123}}')
    assert (find_place(context(home)).port, find_place(context(home)).port_source) == (20123, "config")
    lock = StateLock.acquire(home.store_dir, port=20456, config_path=home.config_path)
    assert (find_place(context(home)).port, find_place(context(home)).port_source) == (20456, "lock")
    assert find_place(context(home), 20789).port == 20789
    lock.release()
    assert find_place(context(home)).port == 20123


def test_a_lock_that_nobody_holds_any_more_names_no_port(home: Home) -> None:
    home.store_dir.mkdir()
    note = {"pid": 1, "ownerId": "x", "createdAt": 1, "configPath": "", "stateDir": "", "port": 20456, "startTime": 1}
    (home.store_dir / "gateway.lock").write_text(json.dumps(note))
    assert find_place(context(home)).port == 18789


def test_with_a_broken_config_the_running_gateway_is_still_found(home: Home) -> None:
    home.write_config("{ broken")
    lock = StateLock.acquire(home.store_dir, port=20456, config_path=home.config_path)
    place = find_place(context(home))
    assert place.port == 20456
    assert place.config_error is not None
    lock.release()


def test_credentials_are_searched_in_order(home: Home) -> None:
    assert secret(home) == (None, "device")
    home.store_dir.mkdir()
    (home.store_dir / "gateway-token").write_text("kept\n")
    assert secret(home) == ("kept", "file")
    assert secret(home, OPENCLAW_GATEWAY_TOKEN="from-env") == ("from-env", "env")
    home.write_config('{"gateway": {"mode": "local", "auth": {"token": "from-config"}}}')
    assert secret(home, OPENCLAW_GATEWAY_TOKEN="from-env") == ("from-config", "config")
    assert secret(home, Ask(token="from-flag")) == ("from-flag", "flag")


def test_a_token_that_stands_for_a_missing_variable_is_no_token(home: Home) -> None:
    home.write_config('{"gateway": {"mode": "local", "auth": {"token": "${NOT_SET_ANYWHERE}"}}}')
    assert secret(home, OPENCLAW_GATEWAY_TOKEN="from-env") == ("from-env", "env")


def test_when_only_the_broken_config_knows_the_token_the_config_is_the_error(home: Home) -> None:
    home.write_config("{ broken")
    with pytest.raises(ConfigError):
        secret(home)


@pytest.mark.parametrize(
    ("given", "dialled"),
    [("ws://h:1", "ws://h:1"), ("wss://h", "wss://h"), ("http://h:1", "ws://h:1"), ("https://h/x", "wss://h/x")],
)
def test_another_gateway_is_named_by_url_with_its_own_credential(home: Home, given: str, dialled: str) -> None:
    home.write_config('{"gateway": {"mode": "local", "auth": {"token": "ours"}}}')
    place = find_place(context(home))
    with pytest.raises(RequestError, match="explicitly"):
        resolve_target(place, Ask(url=given))
    target = resolve_target(place, Ask(url=given, password="theirs"))
    assert (target.url, target.token, target.password) == (dialled, None, "theirs")


def test_the_url_of_the_environment_goes_with_the_token_of_the_environment(home: Home) -> None:
    home.write_config('{"gateway": {"mode": "local", "auth": {"token": "ours"}}}')
    place = find_place(context(home, OPENCLAW_GATEWAY_URL="ws://h:1", OPENCLAW_GATEWAY_TOKEN="theirs"))
    assert resolve_target(place, Ask()).token == "theirs"
    with pytest.raises(RequestError):
        resolve_target(find_place(context(home, OPENCLAW_GATEWAY_URL="ws://h:1")), Ask())


def test_a_gateway_elsewhere_is_met_as_a_device_and_one_here_is_not(home: Home) -> None:
    place = find_place(context(home))
    for url in ("ws://127.0.0.1:1", "ws://localhost:1", "ws://[::1]:1"):
        assert resolve_target(place, Ask(url=url, token="t")).identity_dir is None
    assert resolve_target(place, Ask(url="wss://far", token="t")).identity_dir == home.store_dir / "identity"
    home.write_config('{"gateway": {"mode": "local", "auth": {"token": "ours"}}}')
    assert resolve_target(find_place(context(home)), Ask()).identity_dir is None


def test_a_gateway_that_approved_this_device_needs_no_secret(home: Home) -> None:
    place = find_place(context(home))
    keep_token(place.identity_dir, "wss://far a", {"deviceToken": "issued"})
    target = resolve_target(place, Ask(url="https://far"))
    assert (target.url, target.token, target.source) == ("wss://far", None, "device")
    with pytest.raises(RequestError, match="explicitly"):
        resolve_target(place, Ask(url="wss://other"))


def test_in_mode_remote_the_configured_gateway_is_asked(home: Home) -> None:
    remote = {"url": "wss://far", "token": "theirs"}
    home.write_config(json.dumps({"gateway": {"mode": "remote", "remote": remote, "auth": {"token": "ours"}}}))
    target = resolve_target(find_place(context(home)), Ask())
    assert (target.url, target.token, target.source) == ("wss://far", "theirs", "config")
    assert resolve_target(find_place(context(home)), Ask(password="typed")).token is None
    assert resolve_target(find_place(context(home, OPENCLAW_GATEWAY_URL="ws://h:1")), Ask(token="t")).url == "ws://h:1"
    here = find_place(context(home), 20789)
    assert resolve_target(here, Ask(port=20789)).token == "ours"


def test_the_configured_gateways_secret_may_be_in_the_environment(home: Home) -> None:
    remote = {"url": "wss://far", "token": "${NOT_SET_ANYWHERE}"}
    home.write_config(json.dumps({"gateway": {"mode": "remote", "remote": {"url": "wss://far"}}}))
    place = find_place(context(home, OPENCLAW_GATEWAY_TOKEN="from-env"))
    assert resolve_target(place, Ask()).token == "from-env"
    home.write_config(json.dumps({"gateway": {"mode": "remote", "remote": remote}}))
    with pytest.raises(RequestError, match="explicitly"):
        resolve_target(find_place(context(home)), Ask())


def test_in_mode_local_the_other_gateway_is_not_asked(home: Home) -> None:
    home.write_config(
        json.dumps({"gateway": {"mode": "local", "remote": {"url": "wss://far"}, "auth": {"token": "t"}}})
    )
    assert resolve_target(find_place(context(home)), Ask()).url.startswith("ws://127.0.0.1:")


def test_our_own_gateway_is_reached(own: FakeGateway, home: Home) -> None:
    with open_gateway(context(home), Ask()) as gateway:
        assert gateway.call("health")["ok"]


def test_a_refusal_by_our_own_gateway_is_about_the_token(own: FakeGateway, home: Home) -> None:
    with pytest.raises(ConnectRefused, match="token mismatch"):
        open_gateway(context(home), Ask(token="wrong"))


def test_a_refusal_by_somebody_elses_gateway_is_about_the_port(fake: FakeGateway, home: Home) -> None:
    """Telling people to mend their token would send them the wrong way."""
    home.write_config(json.dumps({"gateway": {"mode": "local", "port": fake.port, "auth": {"token": "ours"}}}))
    with pytest.raises(ForeignListener, match=f"Port {fake.port} is held by another gateway, pid ") as caught:
        open_gateway(context(home), Ask())
    assert "token" not in caught.value.message
    assert str(home.state_dir) in caught.value.message
    assert caught.value.hint is not None
    assert caught.value.hint.startswith("Fix: ")


def test_a_stranger_on_the_port_is_called_one(home: Home) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        home.write_config(json.dumps({"gateway": {"mode": "local", "port": server.getsockname()[1]}}))
        with pytest.raises(ForeignListener, match="something that is not a gateway"):
            open_gateway(context(home), Ask(timeout_ms=100))


def stranger_knows(fake: FakeGateway) -> list[dict[str, object]]:
    return fake.calls("connect")


@pytest.mark.parametrize("with_lock", [True, False])
def test_a_stranger_on_our_port_is_shown_no_secret(
    fake: FakeGateway, home: Home, monkeypatch: pytest.MonkeyPatch, with_lock: bool
) -> None:
    """Somebody else's gateway has the port: the token of this instance would be theirs."""
    home.write_config(json.dumps({"gateway": {"mode": "local", "port": fake.port, "auth": {"token": TOKEN}}}))
    if with_lock:  # our own gateway runs, and serves another port
        monkeypatch.setattr("clawfleet.cli.target.is_held_by", lambda *_: False)
        monkeypatch.setattr("clawfleet.host.gateways.lock_held_by", lambda _: None)
    lock = StateLock.acquire(home.store_dir, port=fake.port, config_path=home.config_path) if with_lock else None
    with pytest.raises(ForeignListener, match=f"Port {fake.port} is held by another gateway") as caught:
        open_gateway(context(home), Ask())
    if lock:
        lock.release()
    assert stranger_knows(fake) == []
    assert "--force" not in str(caught.value.hint)


def test_a_secret_that_was_typed_is_shown_to_whoever_is_asked(fake: FakeGateway, home: Home) -> None:
    home.write_config(json.dumps({"gateway": {"mode": "local", "port": fake.port}}))
    open_gateway(context(home), Ask(token=TOKEN)).close()
    open_gateway(context(home), Ask(url=fake.url, token=TOKEN)).close()
    assert len(stranger_knows(fake)) == 2


@pytest.mark.parametrize(("uid", "admitted"), [(os.getuid(), True), (0, True), (None, True), (4321, False)])
def test_a_holder_that_cannot_be_named_is_judged_by_its_user(
    fake: FakeGateway, home: Home, monkeypatch: pytest.MonkeyPatch, uid: int | None, admitted: bool
) -> None:
    """A gateway in a container is hidden, and listens as this user or as root."""
    home.write_config(json.dumps({"gateway": {"mode": "local", "port": fake.port, "auth": {"token": TOKEN}}}))
    hidden = PortOwner(None, "", "", uid, 0, f"127.0.0.1:{fake.port}")
    monkeypatch.setattr("clawfleet.host.gateways.port_owner", lambda _: hidden)
    if admitted:
        open_gateway(context(home), Ask()).close()
        return
    with pytest.raises(ForeignListener, match="a process of another user"):
        open_gateway(context(home), Ask())
    assert stranger_knows(fake) == []


def test_where_nothing_tells_who_listens_the_gateway_is_asked(
    fake: FakeGateway, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.write_config(json.dumps({"gateway": {"mode": "local", "port": fake.port, "auth": {"token": TOKEN}}}))
    monkeypatch.setattr("clawfleet.host.gateways.port_owner", lambda _: None)
    open_gateway(context(home), Ask()).close()


def test_a_lock_of_a_container_names_a_process_that_is_another_one_here(
    fake: FakeGateway, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.write_config(json.dumps({"gateway": {"mode": "local", "port": fake.port, "auth": {"token": TOKEN}}}))
    monkeypatch.setattr("clawfleet.cli.target.is_held_by", lambda *_: False)
    monkeypatch.setattr("clawfleet.cli.target.is_same_process", lambda *_: False)
    lock = StateLock.acquire(home.store_dir, port=fake.port, config_path=home.config_path)
    open_gateway(context(home), Ask()).close()
    lock.release()


def test_our_own_running_gateway_is_recognised_without_searching_the_host(
    own: FakeGateway, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clawfleet.cli.target.find_occupant", lambda *_, **__: pytest.fail("searched"))
    open_gateway(context(home), Ask()).close()


def test_nobody_there_is_told_with_where_we_looked(home: Home) -> None:
    with pytest.raises(GatewayUnreachable) as caught:
        open_gateway(context(home, OPENCLAW_GATEWAY_PORT="1"), Ask())
    assert caught.value.hint == (
        "start it: openclaw gateway run\nGateway target: ws://127.0.0.1:1\nSource: local (env)\n"
        f"Config: {home.config_path}\nBind: loopback"
    )
