"""The proof of a device, held to vectors of our own and, where they are at hand, to recorded ones."""

import base64
import json
import os
from pathlib import Path
from typing import Any

import pytest

from clawfleet.protocol.device import (
    EXPIRED,
    ID_MISMATCH,
    KEY_INVALID,
    NONCE_MISMATCH,
    NONCE_REQUIRED,
    SIGNATURE_INVALID,
    Device,
    DeviceFault,
    Signer,
    check_device,
    decode_key,
    device_id_of,
    encode_key,
    metadata,
    signed_texts,
)
from clawfleet.protocol.handshake import ConnectParams
from tests.support.device import DeviceKey

NOW, NONCE = 1_795_000_000_000, "the-nonce"
KEY = DeviceKey("vector")
PARAMS: dict[str, Any] = {
    "minProtocol": 4,
    "maxProtocol": 4,
    "client": {"id": "cli", "version": "1", "platform": " Linux ", "mode": "cli", "deviceFamily": "ÄLinux"},
    "role": "operator",
    "scopes": ["operator.write", "operator.admin", "operator.write"],
    "auth": {"token": "shared", "password": "never signed"},
}


def check(device: dict[str, Any], params: dict[str, Any] = PARAMS, *, now: int = NOW) -> DeviceFault | None:
    read = ConnectParams.model_validate({**params, "device": device})
    assert read.device is not None
    return check_device(read.device, read.signer, nonce=NONCE, now_ms=now)


@pytest.mark.parametrize("version", ["v2", "v3"])
@pytest.mark.parametrize(
    "over",
    [
        {},
        {"scopes": []},
        {"role": "node"},
        {"auth": {"deviceToken": "device"}},
        {"auth": {"bootstrapToken": "code"}},
        {"auth": {"password": "secret"}},
        {"client": {"id": "openclaw-control-ui", "version": "1", "platform": "web", "mode": "webchat"}},
    ],
)
def test_both_versions_of_the_signed_text_hold(version: str, over: dict[str, Any]) -> None:
    params = PARAMS | over
    assert check(KEY.sign(params, NONCE, version=version, signed_at=NOW), params) is None


def test_the_signed_text_is_spelt_as_the_protocol_says() -> None:
    read = ConnectParams.model_validate({**PARAMS, "device": KEY.sign(PARAMS, NONCE, signed_at=NOW)})
    assert read.device is not None
    new, old = signed_texts(read.device, read.signer)
    scopes = "operator.write,operator.admin,operator.write"
    assert old == f"v2|{KEY.id}|cli|cli|operator|{scopes}|{NOW}|shared|{NONCE}"
    assert new == f"v3|{KEY.id}|cli|cli|operator|{scopes}|{NOW}|shared|{NONCE}|linux|Älinux"


@pytest.mark.parametrize(
    "change",
    [
        {"role": "node"},
        {"scopes": ["operator.admin", "operator.write"]},
        {"auth": {"token": "other"}},
        {"client": PARAMS["client"] | {"mode": "probe"}},
        {"client": PARAMS["client"] | {"platform": "darwin"}},
    ],
)
def test_whatever_differs_from_what_was_signed_is_found(change: dict[str, Any]) -> None:
    device = KEY.sign(PARAMS, NONCE, signed_at=NOW)
    assert check(device, PARAMS | change) == SIGNATURE_INVALID


def flipped(text: str, bit: int) -> str:
    raw = bytearray(base64.urlsafe_b64decode(text + "=="))
    raw[bit // 8] ^= 1 << bit % 8
    return encode_key(bytes(raw))


@pytest.mark.parametrize("bit", [0, 100, 255, 256, 400, 511])
def test_one_wrong_bit_of_a_signature_is_enough(bit: int) -> None:
    device = KEY.sign(PARAMS, NONCE, signed_at=NOW)
    assert check(device | {"signature": flipped(device["signature"], bit)}) == SIGNATURE_INVALID


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"id": "0" * 64}, ID_MISMATCH),
        ({"id": KEY.id.upper()}, ID_MISMATCH),
        ({"publicKey": "garbage!"}, ID_MISMATCH),
        ({"publicKey": DeviceKey("other").public_key}, ID_MISMATCH),
        ({"signedAt": NOW - 120_001}, EXPIRED),
        ({"signedAt": NOW + 120_001}, EXPIRED),
        ({"nonce": "  "}, NONCE_REQUIRED),
        ({"nonce": "another"}, NONCE_MISMATCH),
        ({"publicKey": "YWJj", "id": device_id_of(b"abc")}, KEY_INVALID),
        ({"signature": ""}, SIGNATURE_INVALID),
        ({"signature": "not base64 \x00"}, SIGNATURE_INVALID),
        ({"signature": "AAAA"}, SIGNATURE_INVALID),
    ],
)
def test_each_fault_has_its_name(change: dict[str, Any], fault: DeviceFault) -> None:
    assert check(KEY.sign(PARAMS, NONCE, signed_at=NOW) | change) == fault


def test_the_first_fault_in_the_protocols_order_counts() -> None:
    wrong = {"id": "0" * 64, "signedAt": 0, "nonce": "", "signature": ""}
    device = KEY.sign(PARAMS, NONCE, signed_at=NOW)
    found = []
    for name in ("id", "signedAt", "nonce", "signature"):
        found.append(check(device | wrong))
        wrong.pop(name)
    assert found == [ID_MISMATCH, EXPIRED, NONCE_REQUIRED, SIGNATURE_INVALID]


@pytest.mark.parametrize("skew", [-120_000, 0, 120_000])
def test_a_clock_may_be_two_minutes_off(skew: int) -> None:
    assert check(KEY.sign(PARAMS, NONCE, signed_at=NOW), now=NOW + skew) is None


def test_keys_are_read_in_every_form_that_clients_write() -> None:
    plain = base64.b64encode(KEY.public).decode()
    der = base64.b64encode(bytes.fromhex("302a300506032b6570032100") + KEY.public).decode()
    pem = f"-----BEGIN PUBLIC KEY-----\n{der}\n-----END PUBLIC KEY-----\n"
    for text in (KEY.public_key, plain, plain.rstrip("="), KEY.public_key + "=", pem):
        assert decode_key(text) == KEY.public
    device = KEY.sign(PARAMS, NONCE, signed_at=NOW)
    signature = base64.b64encode(base64.urlsafe_b64decode(device["signature"] + "==")).decode()
    assert check(device | {"publicKey": pem, "signature": signature}) is None
    assert decode_key("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----") is None


def test_names_of_machines_are_compared_in_lower_ascii() -> None:
    assert (metadata("  LinuX "), metadata(None), metadata("ÅNGSTRÖM")) == ("linux", "", "ÅngstrÖm")


RECORDED = Path(os.environ.get("CLAWFLEET_RECORDED", "/nonexistent")) / "device-signature-vectors.jsonl"


@pytest.mark.skipif(not RECORDED.exists(), reason="CLAWFLEET_RECORDED names no folder of recorded exchanges")
def test_signatures_of_real_clients_hold() -> None:
    vectors = [json.loads(line) for line in RECORDED.read_text(encoding="utf-8").splitlines()]
    for vector in vectors:
        device, client = Device.model_validate(vector["device"]), vector["client"]
        signer = Signer(
            client["id"], client["mode"], vector["role"], tuple(vector["scopes"]),
            vector["signatureToken"], client["platform"], client.get("deviceFamily"),
        )  # fmt: skip
        assert vector["payload"] in signed_texts(device, signer)
        assert check_device(device, signer, nonce=device.nonce, now_ms=device.signed_at) is None
    assert len(vectors) >= 8
