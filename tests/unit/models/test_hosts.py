"""A provider's host is near or far, whatever its URL looks like."""

from __future__ import annotations

import pytest

from clawfleet.models.hosts import Nearness, host_of, nearness, public_url


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
