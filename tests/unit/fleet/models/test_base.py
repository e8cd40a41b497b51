"""The kinds of values that all sections share."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from clawfleet.fleet.models.host import Host


@pytest.mark.parametrize("name", ["-a", "A", "a_b", "a" * 41, ""])
def test_gateway_names_are_lower_case_and_short(name: str) -> None:
    """Names become unit and directory names."""
    with pytest.raises(ValidationError):
        Host.model_validate({"connect": {"hostname": "h"}, "gateways": {name: {}}})
