"""Who is behind an address of the tailnet, asked of a stand-in for the command."""

import json
import os
from pathlib import Path

import pytest

from clawfleet.access.tailscale import login_of, whois


def install(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    command = folder / "tailscale"
    command.write_text(f"#!/bin/sh\n{script}\n")
    command.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


async def test_the_login_is_what_tailscale_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = json.dumps({"UserProfile": {"LoginName": "ann@example.com"}})
    install(tmp_path, monkeypatch, f"test \"$*\" = 'whois --json 100.64.0.9' && echo '{answer}'")
    assert await whois("100.64.0.9") == "ann@example.com"
    assert await whois("100.64.0.8") is None


async def test_a_command_that_hangs_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clawfleet.access.tailscale.TIMEOUT_S", 0.05)
    install(tmp_path, monkeypatch, "exec tail -f /dev/null")
    assert await whois("100.64.0.9") is None


async def test_without_tailscale_nobody_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert await whois("100.64.0.9") is None


@pytest.mark.parametrize(
    "output", [b"", b"nonsense", b"[]", b'{"UserProfile": {}}', b'{"UserProfile": {"LoginName": 1}}']
)
def test_what_is_no_answer_names_nobody(output: bytes) -> None:
    assert login_of(output) is None
