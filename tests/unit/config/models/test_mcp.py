"""`mcp`."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from clawfleet.config.aliases import normalise
from clawfleet.config.models.mcp import Mcp, McpServer


@pytest.mark.parametrize(
    ("given", "wire"),
    [
        ({"command": "x"}, "stdio"),
        ({"url": "https://x"}, "sse"),
        ({"url": "https://x", "transport": "streamable-http"}, "streamable-http"),
        ({"url": "https://x", "type": "http"}, "streamable-http"),
        ({"command": "x", "workingDirectory": "/tmp"}, "stdio"),
    ],
)
def test_a_server_says_how_it_is_spoken_to(given: dict[str, Any], wire: str) -> None:
    """Also in the spellings of other programs."""
    tree = normalise({"mcp": {"servers": {"s": given}}}).tree
    assert Mcp.model_validate(tree["mcp"]).servers["s"].wire == wire


@pytest.mark.parametrize(
    "given", [{}, {"transport": "stdio", "url": "https://x"}, {"url": "ftp://x"}, {"command": ""}, {"transport": "udp"}]
)
def test_a_server_that_cannot_be_reached_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        McpServer.model_validate(given)
    if given.get("transport") != "udp" and given.get("command") != "":
        assert not McpServer.model_validate({**given, "enabled": False}).enabled


def test_its_secrets_are_not_shown() -> None:
    server = McpServer.model_validate({"url": "https://x", "headers": {"A": "h-secret"}, "env": {"B": "e-secret"}})
    assert "secret" not in repr(server)
