"""What the web tools refuse."""

from __future__ import annotations

from clawfleet.tools.failures import ToolDenied
from clawfleet.tools.web.failures import AddressBlocked, WebFailed


def test_a_blocked_address_says_which_key_opens_it() -> None:
    error = AddressBlocked("10.0.0.1", "its address is private")
    assert isinstance(error, ToolDenied)
    assert "Blocked hostname or private/internal/special-use IP address" in error.message
    assert error.hint and "tools.web.fetch.ssrfPolicy.allowedHostnames" in error.hint


def test_a_failure_has_its_code() -> None:
    assert WebFailed("no").code == "WEB_FAILED"
