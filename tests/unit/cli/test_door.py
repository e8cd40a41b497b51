"""What is shown at a gateway's door: the shared secret, else what that very gateway issued; and after a refusal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from clawfleet.cli.device import issued_token, keep_token
from clawfleet.cli.door import Door
from clawfleet.cli.refusals import ConnectRefused

URL = "ws://far:1"
CHALLENGE = {"nonce": "n", "ts": 5, "instanceId": "a"}
PARAMS: dict[str, Any] = {
    "client": {"id": "cli", "mode": "cli", "platform": "linux", "version": "1"},
    "role": "operator",
    "scopes": ["operator.admin"],
}
ISSUED = {"token": "issued", "deviceToken": "issued"}


def refusal(code: str) -> ConnectRefused:
    return ConnectRefused("no", detail_code=code)


def test_by_a_secret_alone_no_device_is_made(tmp_path: Path) -> None:
    door = Door(URL, "t", "p", None)
    shown = door.present(PARAMS, CHALLENGE)
    assert shown == {**PARAMS, "auth": {"token": "t", "password": "p"}}
    assert not door.learn(refusal("AUTH_TOKEN_MISMATCH"))
    door.accepted({"deviceToken": "x"})
    assert list(tmp_path.iterdir()) == []


def test_a_device_goes_with_the_secret_until_it_has_a_token(tmp_path: Path) -> None:
    door = Door(URL, "t", None, tmp_path)
    shown = door.present(PARAMS, CHALLENGE)
    assert shown["auth"] == {"token": "t"}
    assert (shown["device"]["nonce"], shown["device"]["signedAt"]) == ("n", 5)
    door.accepted({"role": "operator", "deviceToken": "issued"})
    assert Door(URL, None, None, tmp_path).present(PARAMS, CHALLENGE)["auth"] == ISSUED


def test_another_gateway_at_the_address_is_not_shown_the_token(tmp_path: Path) -> None:
    keep_token(tmp_path, f"{URL} a", {"deviceToken": "issued"})
    assert Door(URL, None, "p", tmp_path).present(PARAMS, CHALLENGE | {"instanceId": "b"})["auth"] == {"password": "p"}
    assert Door(URL, None, "p", tmp_path).present(PARAMS, CHALLENGE)["auth"] == {**ISSUED, "password": "p"}


def test_a_gateway_without_a_name_is_known_by_its_address(tmp_path: Path) -> None:
    door = Door(URL, "t", None, tmp_path)
    door.present(PARAMS, {"nonce": "n", "ts": 1})
    door.accepted({"deviceToken": "issued"})
    assert issued_token(tmp_path, URL, "operator") == "issued"


def test_a_wrong_secret_gives_way_to_the_token_once(tmp_path: Path) -> None:
    keep_token(tmp_path, f"{URL} a", {"deviceToken": "issued"})
    door = Door(URL, "stale", None, tmp_path)
    assert door.present(PARAMS, CHALLENGE)["auth"] == {"token": "stale"}
    assert door.learn(refusal("AUTH_TOKEN_MISMATCH"))
    assert door.present(PARAMS, CHALLENGE)["auth"] == ISSUED
    assert not door.learn(refusal("AUTH_TOKEN_MISMATCH"))


def test_a_stale_token_is_forgotten(tmp_path: Path) -> None:
    keep_token(tmp_path, f"{URL} a", {"deviceToken": "issued"})
    door = Door(URL, None, None, tmp_path)
    door.present(PARAMS, CHALLENGE)
    assert not door.learn(refusal("AUTH_DEVICE_TOKEN_MISMATCH"))
    assert issued_token(tmp_path, f"{URL} a", "operator") is None


def test_other_refusals_change_nothing(tmp_path: Path) -> None:
    keep_token(tmp_path, f"{URL} a", {"deviceToken": "issued"})
    door = Door(URL, None, None, tmp_path)
    door.present(PARAMS, CHALLENGE)
    for code in ("PAIRING_REQUIRED", "AUTH_SCOPE_MISMATCH", "AUTH_RATE_LIMITED"):
        assert not door.learn(refusal(code))
    assert issued_token(tmp_path, f"{URL} a", "operator") == "issued"
