"""`models.providers.<id>.request`: half a sentence is refused, secrets stay unseen."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from clawfleet.config.models.provider_request import RequestOverrides


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ({"auth": {"mode": "authorization-bearer"}}, "needs token"),
        ({"auth": {"mode": "header", "value": "v"}}, "needs headerName and value"),
        ({"auth": {"mode": "smoke"}}, "Input should be"),
        ({"proxy": {"mode": "explicit-proxy"}}, "needs url"),
    ],
)
def test_half_a_sentence_is_refused(written: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        RequestOverrides.model_validate(written)


def test_secrets_stay_unseen() -> None:
    found = RequestOverrides.model_validate(
        {
            "headers": {"x": "s-one"},
            "auth": {"mode": "header", "headerName": "x", "value": "s-two", "token": "s-three"},
            "tls": {"ca": "s-four", "cert": "s-five", "key": "s-six", "passphrase": "s-seven"},
            "proxy": {"url": "http://u:s-eight@h"},
        }
    )
    assert "s-" not in repr(found)
