"""A provider's host is near or far, whatever its URL looks like."""

from __future__ import annotations

import pytest

from clawfleet.models.hosts import Nearness, host_of, nearness, public_url, refusal_of


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://127.0.0.1:8317/v1", "loopback"),
        ("http://127.9.9.9", "loopback"),
        ("http://LOCALHOST:1234/v1", "loopback"),
        ("http://[::1]:80/", "loopback"),
        ("http://app.localhost", "loopback"),
        ("http://192.168.1.7:11434", "lan"),
        ("http://10.0.0.1", "lan"),
        ("http://[fd00::1]/v1", "lan"),
        ("http://nas.local/v1", "lan"),
        ("http://vllm:8000/v1", "lan"),
        ("https://api.openai.com/v1", "remote"),
        ("https://8.8.8.8", "remote"),
        ("https://localhost.example.com", "remote"),
        ("no url at all", "remote"),
        ("http://[broken", "remote"),
        ("", "remote"),
    ],
)
def test_nearness_of_a_base_url(url: str, expected: Nearness) -> None:
    assert nearness(url) == expected


def test_the_host_is_lower_case_without_port() -> None:
    assert host_of("https://API.OpenAI.com.:443/v1") == "api.openai.com"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://127.0.0.1:8317/v1", "http://127.0.0.1:8317/v1"),
        ("https://user:secret@llm.example.com:8443/v1?key=secret#secret", "https://llm.example.com:8443/v1"),
        ("http://[broken", "(not a URL)"),
    ],
)
def test_a_shown_url_holds_no_secret(url: str, shown: str) -> None:
    assert public_url(url) == shown


@pytest.mark.parametrize(
    ("host", "unset", "off"),
    [
        ("llm.example.com", True, True),
        ("127.0.0.1", True, False),
        ("localhost", True, False),
        ("10.0.0.3", True, False),
        ("::1", True, False),
        ("8.8.8.8", True, True),
        ("169.254.169.254", False, False),
        ("::ffff:169.254.169.254", False, False),
        ("fe80::1%eth0", False, False),
        ("metadata.google.internal", False, False),
        ("100.100.100.200", False, False),
    ],
)
def test_what_may_be_reached(host: str, unset: bool, off: bool) -> None:
    assert (refusal_of(host, None) is None, refusal_of(host, False) is None) == (unset, off)
    assert refusal_of(host, True) is None
