"""Ports out of names and texts."""

from __future__ import annotations

import pytest

from clawfleet.config.ports import derived_port, parse_port


@pytest.mark.parametrize(
    ("profile", "port"),
    [(None, 18789), ("dev", 19001), ("ops", 55291), ("zed", 33044), ("main", 23592), ("rescue", 23532)],
)
def test_the_ports_that_openclaw_derives(profile: str | None, port: int) -> None:
    """The values seen on the original, so that both find each other."""
    assert derived_port(profile) == port


@pytest.mark.parametrize(
    ("text", "port"),
    [
        ("18790", 18790),
        (" 18790 ", 18790),
        ("127.0.0.1:1", 1),
        ("localhost:18790", 18790),
        ("[::1]:18790", 18790),
        ("65535", 65535),
        ("65536", None),
        ("-1", None),
        ("1.5", None),
        ("::1:18790", None),
        ("abc", None),
        ("host:", None),
        ("", None),
        ("１２", None),
    ],
)
def test_port_texts(text: str, port: int | None) -> None:
    """A number, host:number, [v6]:number; nothing else."""
    assert parse_port(text) == port
