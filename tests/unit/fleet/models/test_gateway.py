"""What a gateway's section takes and refuses."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from clawfleet.fleet.models.gateway import Gateway


@pytest.mark.parametrize(
    "gateway",
    [
        {"port": 1023},
        {"port": 65426},
        {"stateDir": "relative"},
        {"stateDir": "/"},
        {"workspace": "~/a/../b"},
        {"configPath": "/a\nb"},
        {"memoryMax": "lots"},
        {"cpuQuota": "2"},
        {"osUser": "root; rm"},
        {"profile": "Op s"},
        {"env": {"lower": "x"}},
        {"secrets": {"TOKEN": "plain-value"}},
        {"stopTimeoutS": 5},
        {"state_dir": "/a"},
    ],
)
def test_values_that_no_host_could_use_are_refused(gateway: dict[str, Any]) -> None:
    """A wrong value is found in the file, not on the host."""
    with pytest.raises(ValidationError):
        Gateway.model_validate(gateway)
