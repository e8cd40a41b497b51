"""The store as `openclaw devices` works on it; the verbs themselves are in `test_devices`."""

from pathlib import Path

import pytest

from clawfleet.access.devices import TokenDenied, UnknownDevice
from clawfleet.cli.devices_store import in_store


def test_asking_makes_no_store_where_no_gateway_ever_ran(tmp_path: Path) -> None:
    assert in_store(tmp_path / "none", "device.pair.list", {}) == {"pending": [], "paired": []}
    assert not (tmp_path / "none").exists()


def test_what_is_not_there_cannot_be_changed(tmp_path: Path) -> None:
    with pytest.raises(UnknownDevice):
        in_store(tmp_path, "device.pair.remove", {"deviceId": "d"})
    with pytest.raises(TokenDenied):
        in_store(tmp_path, "device.token.revoke", {"deviceId": "d", "role": "operator"})
