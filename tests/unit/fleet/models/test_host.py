"""What a host's section takes and refuses."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from clawfleet.fleet.models.host import Host


def test_a_host_without_gateways_is_refused() -> None:
    """An empty host is a mistake in the file."""
    with pytest.raises(ValidationError):
        Host.model_validate({"connect": {"hostname": "h"}, "gateways": {}})
