"""What a host's section takes and refuses."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from clawfleet.fleet.models.host import Host


def test_a_host_without_gateways_is_refused() -> None:
    """An empty host is a mistake in the file."""
    with pytest.raises(ValidationError):
        Host.model_validate({"connect": {"hostname": "h"}, "gateways": {}})


def test_a_sudo_password_must_be_of_use() -> None:
    """Root is asked for none, and what a host knows already cannot be made up."""
    gateways: dict[str, dict[str, str]] = {"a": {}}
    good = Host.model_validate({"connect": {"user": "ada", "sudoPassword": "env:PW"}, "gateways": gateways})
    assert str(good.connect.sudo_password) == "env:PW"
    for connect in (
        {"sudoPassword": "env:PW"},
        {"user": "ada", "via": "docker", "sudoPassword": "env:PW"},
        {"user": "ada", "sudoPassword": "generate:hex32"},
        {"user": "ada", "sudoPassword": "the password itself"},
    ):
        with pytest.raises(ValidationError, match=r"sudoPassword|as a reference"):
            Host.model_validate({"connect": connect, "gateways": gateways})
