"""The command line's key and its tokens on disk."""

from __future__ import annotations

import base64
import json
import stat
from pathlib import Path
from typing import Any

import pytest

from clawfleet.cli.device import (
    Identity,
    IdentityUnusable,
    forget_token,
    has_token_for,
    issued_token,
    keep_token,
    own_identity,
)
from clawfleet.protocol.device import Device, Signer, check_device, decode_key

PARAMS: dict[str, Any] = {
    "client": {"id": "cli", "mode": "cli", "platform": "Linux", "version": "1"},
    "role": "operator",
    "scopes": ["operator.admin", "operator.read"],
}


def test_a_key_is_made_once_and_kept_for_its_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "clawfleet" / "identity"
    made = own_identity(folder)
    assert own_identity(folder) == made
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "device.json").stat().st_mode) == 0o600
    assert [file.name for file in folder.iterdir()] == ["device.json"]
    assert made.seed.hex() not in repr(made)


def test_the_key_file_has_the_shape_of_the_early_command_line(tmp_path: Path) -> None:
    made = own_identity(tmp_path)
    document = json.loads((tmp_path / "device.json").read_text())
    assert (document["version"], document["deviceId"]) == (1, made.id)
    assert decode_key(document["publicKeyPem"]) == made.public_key
    assert document["privateKeyPem"].startswith("-----BEGIN ")


def test_a_proof_holds_at_a_gateway(tmp_path: Path) -> None:
    proof = own_identity(tmp_path).prove(PARAMS, token="t0ken", nonce="n-1", signed_at_ms=1000)
    signer = Signer("cli", "cli", "operator", tuple(PARAMS["scopes"]), "t0ken", "Linux", None)
    device = Device.model_validate(proof)
    assert check_device(device, signer, nonce="n-1", now_ms=1000) is None
    assert check_device(device, signer, nonce="n-2", now_ms=1000) is not None
    other = Signer("cli", "cli", "operator", ("operator.admin",), "t0ken", "Linux", None)
    assert check_device(device, other, nonce="n-1", now_ms=1000) is not None


def test_the_signature_is_that_of_the_known_test_vector() -> None:
    """RFC 8032, test 2: seed and public key."""
    seed = bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
    public = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
    proof = Identity(public, seed).prove(PARAMS, token=None, nonce="n", signed_at_ms=1)
    assert proof["publicKey"] == base64.urlsafe_b64encode(public).decode().rstrip("=")
    signer = Signer("cli", "cli", "operator", tuple(PARAMS["scopes"]), "", "Linux", None)
    assert check_device(Device.model_validate(proof), signer, nonce="n", now_ms=1) is None


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"publicKeyPem": "x", "privateKeyPem": "!"}'])
def test_a_file_that_holds_no_key_is_named_and_not_replaced(tmp_path: Path, text: str) -> None:
    path = tmp_path / "device.json"
    path.write_text(text)
    with pytest.raises(IdentityUnusable, match=r"device\.json is no device identity") as caught:
        own_identity(tmp_path)
    assert caught.value.exit_code == 78
    assert path.read_text() == text


def test_a_token_belongs_to_one_gateway_and_role(tmp_path: Path) -> None:
    assert issued_token(tmp_path, "ws://h:1 a", "operator") is None
    keep_token(tmp_path, "ws://h:1 a", {"role": "operator", "scopes": ["operator.read"], "deviceToken": "of-a"})
    keep_token(tmp_path, "ws://h:1 b", {"role": "operator", "deviceToken": "of-b"})
    assert issued_token(tmp_path, "ws://h:1 a", "operator") == "of-a"
    assert issued_token(tmp_path, "ws://h:1 b", "operator") == "of-b"
    assert issued_token(tmp_path, "ws://h:1 a", "node") is None
    assert has_token_for(tmp_path, "ws://h:1")
    assert not has_token_for(tmp_path, "ws://h")
    assert stat.S_IMODE((tmp_path / "device-auth.json").stat().st_mode) == 0o600


def test_a_forgotten_token_leaves_the_others(tmp_path: Path) -> None:
    keep_token(tmp_path, "ws://h:1 a", {"deviceToken": "of-a"})
    keep_token(tmp_path, "ws://h:1 b", {"deviceToken": "of-b"})
    forget_token(tmp_path, "ws://h:1 a", "operator")
    assert issued_token(tmp_path, "ws://h:1 a", "operator") is None
    assert issued_token(tmp_path, "ws://h:1 b", "operator") == "of-b"
    document = json.loads((tmp_path / "device-auth.json").read_text())
    assert (document["deviceId"], list(document["gateways"])) == (own_identity(tmp_path).id, ["ws://h:1 b"])
