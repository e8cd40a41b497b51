"""Taking a gateway's place: everything that stands in the way is said before anything is built."""

import json
import logging
import socket
import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from clawfleet.access.gateway_auth import GatewayAuth, NoSecret, UnsafeBind, UnsafeTailscale
from clawfleet.config.load import check_text
from clawfleet.core.errors import ConfigError
from clawfleet.host.gateways import PortInUse
from clawfleet.host.lock import GatewayRunning, read_lock
from clawfleet.runtime.options import RunOptions
from clawfleet.runtime.place import (
    LogUnwritable,
    check_free,
    connected_accounts,
    log_settings,
    note_env,
    open_log,
    renew_log,
    retake,
    take_place,
)
from clawfleet.server.listen import NoSuchAddress
from tests.support.gateway import free_port
from tests.unit.runtime.conftest import MakeSetting, TakePlace


def test_a_place_has_its_port_its_lock_and_a_token_that_is_made_once(take: TakePlace) -> None:
    place = take()
    lock = read_lock(place.instance.store_dir)
    assert lock is not None
    assert (lock.port, lock.instance_id) == (place.port, place.lock.info.instance_id)
    assert place.port > 0
    assert (place.auth.mode, place.bind) == ("token", "loopback")
    token_file = place.instance.store_dir / "gateway-token"
    assert token_file.read_text().strip() == place.auth.secret
    assert stat.S_IMODE(token_file.stat().st_mode) == 0o600
    assert stat.S_IMODE(place.instance.store_dir.stat().st_mode) == 0o700


def test_token_and_name_of_the_instance_stay_the_same(setting: MakeSetting) -> None:
    seen = set()
    for _ in range(2):
        place = take_place(*setting(), RunOptions(port=0))
        seen.add((place.auth.secret, place.lock.info.instance_id))
        for listening in place.sockets:
            listening.close()
        place.lock.release()
    assert len(seen) == 1


def test_a_second_gateway_of_the_same_state_is_refused_and_disturbs_nothing(
    take: TakePlace, setting: MakeSetting
) -> None:
    first = take()
    with pytest.raises(GatewayRunning) as caught:
        take_place(*setting(), RunOptions(port=0))
    assert caught.value.exit_code == 78
    lock = read_lock(first.instance.store_dir)
    assert lock is not None
    assert lock.port == first.port


def test_a_taken_port_is_told_with_who_holds_it_and_nothing_stays_locked(setting: MakeSetting) -> None:
    instance, snapshot = setting()
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(PortInUse, match=str(port)):
            take_place(instance, snapshot, RunOptions(port=port))
    assert read_lock(instance.store_dir) is None
    place = take_place(instance, snapshot, RunOptions(port=0))
    for listening in place.sockets:
        listening.close()
    place.lock.release()


@pytest.mark.parametrize(
    ("config", "options", "error"),
    [
        ({}, {"bind": "lan", "auth": "none"}, UnsafeBind),
        ({"gateway": {"auth": {"mode": "none"}}}, {"bind": "lan"}, UnsafeBind),
        ({}, {"auth": "password"}, NoSecret),
        ({}, {"bind": "lan", "tailscale": "serve"}, UnsafeTailscale),
        ({}, {"tailscale": "funnel"}, UnsafeTailscale),
        ({"gateway": {"tailscale": {"mode": "funnel"}}}, {"auth": "none"}, UnsafeTailscale),
        ({}, {"bind": "192.0.2.1"}, NoSuchAddress),
    ],
)
def test_what_cannot_be_served_is_refused_and_nothing_stays_taken(
    setting: MakeSetting, config: dict[str, Any], options: dict[str, Any], error: type[ConfigError]
) -> None:
    with pytest.raises(error) as caught:
        instance, snapshot = setting(config)
        take_place(instance, snapshot, RunOptions(port=0, **options))
    assert caught.value.exit_code == 78
    instance, _ = setting()
    assert read_lock(instance.store_dir) is None


def test_tailscale_may_lead_to_loopback_and_funnel_to_who_knows_a_password(take: TakePlace) -> None:
    assert take({"gateway": {"tailscale": {"mode": "serve"}}}).snapshot.config.gateway.tailscale.mode == "serve"


def test_funnel_by_flag_with_a_password(take: TakePlace) -> None:
    place = take(tailscale="funnel", auth="password", password="a long one")
    assert place.snapshot.config.gateway.tailscale.mode == "funnel"
    assert place.hosts[0] == "127.0.0.1"


def test_flags_win_over_the_config(take: TakePlace) -> None:
    place = take({"gateway": {"port": 1, "auth": {"mode": "token", "token": "from-config"}}}, token="from-flag")
    assert place.auth.secret == "from-flag"
    assert place.port != 1


@pytest.mark.parametrize(
    ("bind", "hosts"),
    [
        ("loopback", {"127.0.0.1", "::1"}),
        ("lan", {"0.0.0.0"}),
        ("127.0.0.1", {"127.0.0.1"}),
        ("127.0.0.2", {"127.0.0.2", "127.0.0.1"}),
        ("0.0.0.0", {"0.0.0.0"}),
    ],
)
def test_a_bind_is_where_it_listens(take: TakePlace, bind: str, hosts: set[str]) -> None:
    place = take(bind=bind)
    assert {listening.getsockname()[0] for listening in place.sockets} <= hosts
    assert len({listening.getsockname()[1] for listening in place.sockets}) == 1


def test_the_log_is_where_the_config_says_with_secrets_masked(take: TakePlace, tmp_path: Path) -> None:
    config = {
        "gateway": {"auth": {"mode": "token", "token": "gateway-secret-1"}},
        "logging": {"file": str(tmp_path / "logs" / "gw-YYYY-MM-DD.log"), "level": "warn"},
        "models": {
            "providers": {
                "fake": {
                    "baseUrl": "http://127.0.0.1:9/v1",
                    "apiKey": "provider-secret-2",
                    "headers": {"X-Extra": "header-secret-3"},
                    "models": [],
                }
            }
        },
        "channels": {"telegram": {"botToken": "12345:telegram-secret-4", "enabled": False}},
    }
    place = take(config, environ={"SOME_API_KEY": "environment-secret-5"})
    file = open_log(place)
    assert file.parent == tmp_path / "logs"
    assert "YYYY" not in file.name
    log = logging.getLogger("clawfleet.test")
    log.info("not at this level")
    log.warning(
        "gateway-secret-1 provider-secret-2 header-secret-3 12345:telegram-secret-4 environment-secret-5 and more"
    )
    (row,) = [json.loads(line) for line in file.read_text().splitlines()]
    assert "secret" not in row["message"]
    assert row["message"].endswith("and more")
    assert row["instance"] == place.instance.state_dir.name


def test_a_log_that_cannot_be_written_is_named_with_the_key_to_mend(take: TakePlace, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    place = take({"logging": {"file": str(tmp_path / "file" / "gateway.log")}})
    with pytest.raises(LogUnwritable, match=r"gateway\.log") as caught:
        open_log(place)
    assert caught.value.exit_code == 78
    assert "logging.file" in str(caught.value.hint)


def test_verbose_tells_more(take: TakePlace, tmp_path: Path) -> None:
    file = open_log(take({"logging": {"file": str(tmp_path / "x.log")}}, verbose=True))
    logging.getLogger("clawfleet.test").debug("a detail")
    assert "a detail" in file.read_text()


def test_a_place_is_kept_with_its_sockets_when_the_gateway_is_built_anew(take: TakePlace) -> None:
    place = take()
    text = '{gateway: {auth: {token: "another-token"}}}'
    again = retake(place, place.instance, check_text(place.instance, text))
    assert again.sockets is place.sockets
    assert (again.port, again.lock, again.auth.secret) == (place.port, place.lock, "another-token")


def test_a_place_moves_to_another_port(take: TakePlace) -> None:
    place = take(port=None, config={"gateway": {"port": free_port()}})
    old, new = place.port, free_port()
    again = retake(place, place.instance, check_text(place.instance, f"{{gateway: {{port: {new}}}}}"))
    assert (again.port, again.lock.info.port) == (new, new) != (old, old)
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", old))


def test_a_place_that_cannot_move_stays(take: TakePlace) -> None:
    place = take(port=None, config={"gateway": {"port": free_port()}})
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        with pytest.raises(PortInUse):
            check_free(place.instance, ("127.0.0.1",), taken)
        with pytest.raises(PortInUse):
            retake(place, place.instance, check_text(place.instance, f"{{gateway: {{port: {taken}}}}}"))
    assert int(place.sockets[0].getsockname()[1]) == place.port


def test_what_env_said_is_noted_again_when_it_was_read_again(take: TakePlace) -> None:
    place = take()
    noted = place.lock.info.env_digests
    (place.instance.state_dir / ".env").write_text("ADDED=1\n")
    note_env(place)
    assert set(place.lock.info.env_digests or {}) - set(noted or {}) == {"ADDED"}


def test_the_log_follows_another_config(take: TakePlace, tmp_path: Path) -> None:
    place = take({"logging": {"file": str(tmp_path / "x.log")}})
    file = open_log(place)
    text = '{logging: {level: "debug"}, gateway: {auth: {token: "another-token"}}}'
    renew_log(place, check_text(place.instance, text), GatewayAuth("token", "another-token"))
    logging.getLogger("clawfleet.test").debug("a detail of another-token")
    assert "a detail of ***" in file.read_text()


@pytest.mark.parametrize(("given", "level"), [("debug", "debug"), ("WARN", "warn"), ("loud", "error"), ("", "error")])
def test_the_environment_may_say_how_much_is_logged(
    take: TakePlace, monkeypatch: pytest.MonkeyPatch, given: str, level: str
) -> None:
    place = take({"logging": {"level": "error", "levels": {"channels": "debug"}, "maxFileBytes": 2048}})
    instance = replace(place.instance, environ={**place.instance.environ, "OPENCLAW_LOG_LEVEL": given})
    settings = log_settings(replace(place, instance=instance), place.snapshot)
    assert (settings.level, settings.levels, settings.max_bytes) == (level, {"channels": "debug"}, 2048)


def test_channels_may_be_left_out(take: TakePlace) -> None:
    place = take({"channels": {"telegram": {"botToken": "1:x"}}})
    assert len(connected_accounts(place.instance, place.snapshot)) == 1
    without = replace(place.instance, environ={**place.instance.environ, "OPENCLAW_SKIP_CHANNELS": "1"})
    assert connected_accounts(without, place.snapshot) == ()
