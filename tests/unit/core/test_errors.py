"""Expected failures carry what a client and a shell need to know."""

import pytest

from clawfleet.core import errors
from clawfleet.core.errors import ConfigError, GatewayError, NotFoundError, RequestError


def test_an_error_keeps_message_hint_and_details_apart() -> None:
    error = GatewayError("it broke", hint="mend it", port=1)
    assert (str(error), error.hint, error.details) == ("it broke", "mend it", {"port": 1})


@pytest.mark.parametrize(
    ("kind", "wire_code", "exit_code"),
    [
        (ConfigError, "INVALID_REQUEST", 78),
        (RequestError, "INVALID_REQUEST", 2),
        (NotFoundError, "INVALID_REQUEST", 1),
        (errors.AccessError, "FORBIDDEN", 1),
        (errors.ProviderError, "UNAVAILABLE", 1),
        (errors.HostError, "UNAVAILABLE", 1),
    ],
)
def test_codes_are_stable(kind: type[GatewayError], wire_code: str, exit_code: int) -> None:
    assert (kind.wire_code, kind.exit_code) == (wire_code, exit_code)


def test_only_what_may_pass_by_itself_is_worth_another_try() -> None:
    """A wrong request or file stays wrong."""
    assert errors.HostError("busy").is_retryable
    assert not RequestError("wrong").is_retryable
    assert not ConfigError("wrong").is_retryable
