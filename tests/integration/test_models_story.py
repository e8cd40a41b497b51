"""A local provider that needs a key and has a new model: from the first question to the chat, as its user does it.

Told once with an editor and once with `config set`; the gateway runs all the time, with nothing in its environment.
Source: models-and-auth §1.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.openai.app import fingerprint
from tests.support.fake_openai import FakeOpenAI, openai_in_process
from tests.support.gateway import GatewayProcess
from tests.support.protocol_client import connected
from tests.support.shell import Shell

PROVIDER = "custom-127-0-0-1-8317"
OLD, NEW = f"{PROVIDER}/gpt-5.3-codex", f"{PROVIDER}/claude-opus-4-6"
KEY = "fake-key-of-the-local-proxy-8317"
KEY_NAME = "CUSTOM_8317_API_KEY"
PLACE = f'models.providers["{PROVIDER}"]'
ROW = {"id": "claude-opus-4-6", "name": "Claude Opus 4.6", "contextWindow": 200000, "input": ["text", "image"]}


@pytest.fixture
def shell(tmp_path: Path, fake: FakeOpenAI) -> Iterator[Shell]:
    gateway = GatewayProcess(tmp_path)
    gateway.start()
    try:
        yield Shell(gateway, fake)
    finally:
        gateway.kill()


@pytest.fixture
def fake() -> Iterator[FakeOpenAI]:
    with openai_in_process() as running:
        running.models(**{"claude-opus-4-6": {"text": "I am the new one."}})
        running.keys(**{KEY: {}})
        yield running


def edited(shell: Shell, change: Callable[[dict[str, Any]], None]) -> None:
    """What an editor saves."""
    tree = json.loads(shell.gateway.config_path.read_text())
    change(tree)
    shell.gateway.config_path.write_text(json.dumps(tree, indent=2))


def provider_by_editor(shell: Shell) -> None:
    row: dict[str, Any] = {"baseUrl": shell.fake.base_url, "apiKey": f"${{{KEY_NAME}}}", "api": "openai-completions"}
    row["models"] = [{"id": "gpt-5.3-codex", "name": "Codex", "contextWindow": 16000}]

    def change(tree: dict[str, Any]) -> None:
        tree["models"] = {"mode": "merge", "providers": {PROVIDER: row}}
        tree["agents"] = {"defaults": {"model": {"primary": OLD}}}

    edited(shell, change)


def provider_by_commands(shell: Shell) -> None:
    rows = json.dumps([{"id": "gpt-5.3-codex", "name": "Codex", "contextWindow": 16000}])
    shell.type(f"openclaw config set '{PLACE}.baseUrl' <url>", 0, f"Updated {PLACE}.baseUrl")
    shell.type(f"openclaw config set '{PLACE}.api' openai-completions", 0, "Updated")
    shell.type(f"openclaw config set '{PLACE}.models' '{rows}' --json", 0, "Updated")
    shell.type(f"openclaw config set '{PLACE}.apiKey' '${{{KEY_NAME}}}'", 0, "Updated")
    shell.type(f"openclaw models set {OLD}", 0, "Updated config: ~/.openclaw/openclaw.json", f"Default model: {OLD}")


def model_by_commands(shell: Shell) -> None:
    line = f"openclaw config set '{PLACE}.models' '{json.dumps([ROW])}' --json"
    shell.type(line, 1, "it would remove existing entries: gpt-5.3-codex. Use --merge to merge by id")
    shell.type(f"{line} --merge", 0, "Updated")


def model_by_scan(shell: Shell) -> None:
    shell.type(f"openclaw models scan --provider {PROVIDER} --yes", 0, "claude-opus-4-6", "Updated config:")


@pytest.mark.parametrize(
    ("describe", "add"),
    [
        pytest.param(provider_by_editor, model_by_scan, id="editor-and-scan"),
        pytest.param(provider_by_commands, model_by_commands, id="config-set", marks=pytest.mark.full),
    ],
)
def test_the_whole_story(shell: Shell, describe: Callable[[Shell], None], add: Callable[[Shell], None]) -> None:
    describe(shell)
    _the_key(shell)
    _the_model(shell, add)
    _the_choice(shell)
    asyncio.run(_the_chat(shell))
    assert f"${{{KEY_NAME}}}" in shell.gateway.config_path.read_text()
    told = [*shell.gateway.state_dir.glob("openclaw.json*"), *shell.gateway.state_dir.glob("logs/*")]
    assert not [file for file in told if KEY in file.read_text()]


def _the_key(shell: Shell) -> None:
    """Without one, with a wrong one, with the right one: each is said, none is shown."""
    env_file = shell.gateway.state_dir / ".env"
    scan = f"openclaw models scan --provider {PROVIDER}"
    lacking = f"models.providers.{PROVIDER}.apiKey needs {KEY_NAME}"
    shell.type(scan, 1, lacking)
    page = shell.type("openclaw models status --check", 1).stdout
    assert f"1. {OLD} cannot answer: {lacking}" in " ".join(page.split())
    env_file.write_text(f"{KEY_NAME}=a-wrong-key-of-another-time\n")
    refused = shell.type(scan, 1, "HTTP 401", f"models.providers.{PROVIDER}.apiKey")
    assert "a-wrong-key" not in refused.stdout + refused.stderr and "OpenRouter" not in refused.stderr
    env_file.write_text(f"{KEY_NAME}={KEY}\n")
    shell.type("openclaw models status --check", 0)
    status = shell.type("openclaw models status", 0, PROVIDER, "fake-key...oxy-8317", "ready")
    assert f"the running gateway has an older .env ({KEY_NAME})" in " ".join(status.stdout.split())
    shell.type("openclaw secrets reload", 0, "Secrets reloaded.")
    assert ".env" not in shell.type("openclaw models status").stdout
    assert KEY not in status.stdout and max(map(len, status.stdout.splitlines())) <= 80


def _the_model(shell: Shell, add: Callable[[Shell], None]) -> None:
    seen = shell.type(f"openclaw models scan --provider {PROVIDER}", 0)
    states = {line.split()[0]: line for line in seen.stdout.splitlines() if line.split()[0:1]}
    assert "new" in states["claude-opus-4-6"] and "missing upstream" in states["gpt-5.3-codex"], seen.stdout
    assert KEY not in seen.stdout + seen.stderr
    assert "claude-opus-4-6" not in shell.gateway.config_path.read_text(), "a scan alone changes nothing"
    add(shell)
    rows = json.loads(shell.gateway.config_path.read_text())["models"]["providers"][PROVIDER]["models"]
    assert [row["id"] for row in rows] == ["gpt-5.3-codex", "claude-opus-4-6"]


def _the_choice(shell: Shell) -> None:
    shell.type(f"openclaw models aliases add opus-local {NEW}", 0, f"Alias opus-local -> {NEW}")
    shell.type("openclaw models aliases list", 0, f"- opus-local -> {NEW}")
    shell.type("openclaw models set opus-local", 0, f"Default model: {NEW}")
    row = _listed(shell)
    assert "alias:opus-local" in row and row.split()[4] == "yes"
    shell.type("openclaw config get agents.defaults.model.primary", 0, NEW)
    shell.type("openclaw config validate", 0, "Config valid")
    assert shell.type("openclaw models status --plain").stdout == f"{NEW}\n"


def _listed(shell: Shell) -> str:
    """The row of the new model once the running gateway has taken up that it is the default."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        shown = shell.type(f"openclaw models list --provider {PROVIDER}", 0, OLD, NEW)
        row = next(line for line in shown.stdout.splitlines() if NEW in line)
        if "default" in row:
            return row
    raise AssertionError(f"not the default: {row}")


async def _the_chat(shell: Shell) -> None:
    fake = shell.fake
    async with connected(shell.gateway.ws_url, shell.gateway.token) as client:

        async def say(text: str) -> str:
            end = await client.ended(await client.send_chat(text))
            assert end["state"] == "final", end
            return str(end["message"]["content"][0]["text"])

        assert await say("Who are you?") == "I am the new one."
        fake.models(
            **{"claude-opus-4-6": {"text": "I am the new one."}, "gpt-5.3-codex": {"text": "I am the old one."}}
        )
        expected = f"Model set to {OLD} for this session only; configured default unchanged."
        assert await say(f"/model {OLD}") == expected
        assert await say("And now?") == "I am the old one."
        assert "Current: " + OLD in await say("/model status")
        assert f"Model set to {NEW} " in await say("/model opus-local")
        assert await say("And now?") == "I am the new one."
        assert await say("/model default") == f"Session model reset to configured default ({NEW})."
        assert await say("Still?") == "I am the new one."
    asked = [(row["body"]["model"], row["auth"]) for row in fake.requests()]
    names = ["claude-opus-4-6", "gpt-5.3-codex", "claude-opus-4-6", "claude-opus-4-6"]
    assert asked == [(name, fingerprint(KEY)) for name in names]
