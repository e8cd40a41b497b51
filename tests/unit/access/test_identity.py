"""The gateway's own key."""

from pathlib import Path

from clawfleet.access.identity import KEY_FILE, own_identity
from clawfleet.protocol.device import decode_key, device_id_of


def test_a_gateway_keeps_its_key_owner_only(tmp_path: Path) -> None:
    own = own_identity(tmp_path)
    assert own == own_identity(tmp_path)
    key = decode_key(own.public_key)
    assert key is not None
    assert device_id_of(key) == own.device_id
    assert (tmp_path / KEY_FILE).stat().st_mode & 0o777 == 0o600
    (tmp_path / "other").mkdir()
    assert own_identity(tmp_path / "other") != own
