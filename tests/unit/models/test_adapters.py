"""Every wire API of the table has its class."""

from __future__ import annotations

import pytest

from clawfleet.models.adapters import ADAPTERS, load_adapter
from clawfleet.models.providers.base import Endpoint
from clawfleet.models.providers.http import Http


@pytest.mark.parametrize("api", sorted(ADAPTERS))
def test_the_class_speaks_the_api_it_is_listed_for(api: str) -> None:
    http = Http()
    assert load_adapter(api)(Endpoint("p", "http://127.0.0.1:1"), lambda: http).api == api


def test_an_api_without_a_class_is_a_bug() -> None:
    with pytest.raises(KeyError):
        load_adapter("smoke-signals")
