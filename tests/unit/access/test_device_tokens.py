"""Tokens of devices: what is derived, what is kept. What the store makes of them is in `test_devices`."""

from pathlib import Path

from clawfleet.access.device_tokens import KEY_FILE, TokenKey, digest_of


def test_a_value_follows_from_key_device_role_and_salt(tmp_path: Path) -> None:
    key = TokenKey(tmp_path)
    value = key.derive("d", "operator", "salt")
    assert len(value) == 43
    assert TokenKey(tmp_path).derive("d", "operator", "salt") == value
    others = {
        key.derive(*parts) for parts in (("e", "operator", "salt"), ("d", "node", "salt"), ("d", "operator", "x"))
    }
    assert value not in others
    assert len(others) == 3
    assert (tmp_path / KEY_FILE).stat().st_mode & 0o777 == 0o600


def test_what_is_kept_is_no_value() -> None:
    assert digest_of("value") != "value"
    assert len(digest_of("value")) == 64
