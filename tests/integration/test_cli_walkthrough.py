"""The command lines of well-known walk-throughs, typed one after another by one person in one home.

Each has its exit code and the words that people look for. The service verbs have a walk-through of their own.
Source: config-and-cli §0, §3, §10, §11, §13.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.fake_openai import openai_in_process
from tests.support.gateway import GatewayProcess
from tests.support.shell import Shell

KEY_NAME = "CUSTOM_8317_API_KEY"
PROVIDER = "custom-127-0-0-1-8317"


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    with openai_in_process() as fake:
        gateway = GatewayProcess(tmp_path)
        gateway.config_path.unlink()
        (tmp_path / ".env.key").write_text(fake.key)
        try:
            yield Shell(gateway, fake)
        finally:
            gateway.kill()


def test_the_walk_through(shell: Shell) -> None:
    """From an empty home to an agent that answers, and around every command family."""
    _set_up(shell)
    _choose_models(shell)
    shell.gateway.start(by_flag=False)
    _ask_the_gateway(shell)
    _agents(shell)
    _channels_and_people(shell)
    _look_after_it(shell)
    _second_gateway(shell)
    assert shell.gateway.stop() == 0
    _without_a_gateway(shell)


def _set_up(shell: Shell) -> None:
    shell.type("openclaw --version", 0, "OpenClaw ")
    shell.type("openclaw config validate", 1, "Config file not found")
    shell.type("openclaw onboard --non-interactive", 1, "explicit risk acknowledgement")
    found = shell.json(
        "openclaw onboard --non-interactive --accept-risk --mode local --auth-choice skip --gateway-port <port>"
        " --gateway-bind loopback --skip-channels --skip-skills --skip-health --skip-daemon --json"
    )
    assert found["gateway"] == {"port": shell.gateway.port, "bind": "loopback", "authMode": "token"}
    shell.type("openclaw config set logging.file <home>/gateway.log", 0, "Updated logging.file.")
    shell.type("openclaw config validate", 0, "Config valid: ~/.openclaw/openclaw.json")
    shell.gateway.token = json.loads(shell.gateway.config_path.read_text())["gateway"]["auth"]["token"]


def _choose_models(shell: Shell) -> None:
    """A provider of one's own, key by key: each step must be accepted."""
    place = f'models.providers["{PROVIDER}"]'
    shell.type(f"openclaw config set '{place}.baseUrl' <url>", 0, "Updated")
    shell.type(f"openclaw config set '{place}.apiKey' '${{{KEY_NAME}}}'", 0, "Updated")
    shell.type(f"openclaw config set '{place}.api' openai-completions", 0, "Updated")
    row = json.dumps([{"id": "fast", "name": "Fast"}])
    shell.type(f"openclaw config set '{place}.models' '{row}' --json", 0, "Updated")
    key = (shell.gateway.home / ".env.key").read_text()
    shell.type(f"openclaw secrets set {KEY_NAME}", 0, f"Use it in the config as ${{{KEY_NAME}}}", stdin=f"{key}\n")
    shown = shell.type("openclaw config get models.providers --json")
    assert f"${{{KEY_NAME}}}" in shown.stdout and key not in shown.stdout
    shell.type(
        f"openclaw models set {PROVIDER}/fast", 0, "Updated config:", "Backup:", f"Default model: {PROVIDER}/fast"
    )
    shell.type(f"openclaw models aliases add opus-local {PROVIDER}/fast", 0, f"Alias opus-local -> {PROVIDER}/fast")
    shell.type("openclaw models set opus-local", 0, f"Default model: {PROVIDER}/fast")
    shell.type("openclaw models set nobody/nothing", 0, "Unknown provider")
    shell.type("openclaw models set opus-local")
    scanned = shell.json(f"openclaw models scan --provider {PROVIDER} --json")
    assert "fake-1" in scanned["new"] and "fast" not in scanned["new"]
    shell.type(f"openclaw models scan --provider {PROVIDER} --yes", 0, "Updated config:")
    shell.type("openclaw models scan --provider openrouter", 1, 'Missing API key for provider "openrouter"')
    shell.type(f"openclaw models fallbacks add {PROVIDER}/fake-1", 0, f"Fallbacks: {PROVIDER}/fake-1")
    shell.type("openclaw models fallbacks clear", 0, "Fallback list cleared.")
    status = shell.type("openclaw models status --check", 0, "Aliases (1)", f"{PROVIDER} effective=")
    assert key not in status.stdout
    shell.type(f"openclaw models list --provider {PROVIDER}", 0, f"{PROVIDER}/fake-1")
    shell.type("openclaw config unset tools.allow", 0, "Nothing was changed")
    shell.type("openclaw config set tools.profile messaging", 0, "Updated tools.profile.")
    shell.type("openclaw config set tools.profile nonsense", 1, "Config validation failed: tools.profile")
    shell.type("openclaw config set tools.profile coding")


def _ask_the_gateway(shell: Shell) -> None:
    port, token = shell.gateway.port, shell.gateway.token
    shell.type(
        "openclaw gateway status --require-rpc", 0, "Connectivity probe: ok", "RPC probe: ok",
        f"Listening: 127.0.0.1:{port}", "Config (cli): ~/.openclaw/openclaw.json",
    )  # fmt: skip
    shell.type("openclaw status", 0, "Overview", "Gateway", "reachable")
    shell.type("openclaw status --all", 0, "Diagnosis (read-only)")
    assert shell.json("openclaw status --json")["gateway"]["reachable"] is True
    assert shell.json("openclaw health --json")["ok"] is True
    shell.type("openclaw gateway health", 0, "OK")
    shell.type("openclaw gateway call nonsense", 1, "unknown method: nonsense")
    shell.type("openclaw gateway probe", 0)
    shell.type("openclaw dashboard --no-open", 0, f"http://127.0.0.1:{port}/#token={token}")
    assert shell.json("openclaw dashboard --json")["tokenIncluded"] is True
    shell.type("openclaw agent --message hello", 0, "A fast answer.")
    assert shell.json("openclaw sessions --json")["count"] == 1
    shell.type("openclaw logs --limit 20 --plain", 0, "Log file: ", "ready")
    lines = [json.loads(line) for line in shell.type("openclaw logs --json --limit 3").stdout.splitlines()]
    assert lines[0]["type"] == "meta" and {line["type"] for line in lines[1:]} == {"log"}


def _agents(shell: Shell) -> None:
    shell.json("openclaw agents add coding --non-interactive --json")
    shell.type(
        "openclaw agents bind --agent coding --bind telegram:ops", 0, "Added bindings:\n- telegram accountId=ops"
    )
    shell.type("openclaw agents list --bindings", 0, "- coding", "    - telegram accountId=ops")
    shell.type("openclaw agents bindings", 0, "coding <- telegram accountId=ops")
    shell.type("openclaw agents set-identity --agent coding --name Bolt", 0, "Name: Bolt")
    shell.type("openclaw agents unbind --agent coding --all", 0, "Removed bindings:")
    shell.type("openclaw agents delete coding", 1, "without --force")
    shell.type("openclaw agents delete coding --force", 0, "Deleted agent: coding")
    shell.type("openclaw sandbox explain", 0, "Runtime: direct (on the host)")


def _channels_and_people(shell: Shell) -> None:
    shell.type("openclaw channels list", 0, "No chat channels configured.")
    shell.type(
        "openclaw channels add --channel telegram --token-file /nowhere/token", 0, 'Added Telegram account "default".'
    )
    shell.type("openclaw channels list", 0, "- Telegram default:")
    shell.type("openclaw channels remove --channel telegram --delete", 0, 'Deleted Telegram account "default".')
    shell.type("openclaw channels status", 0, "Gateway reachable.")
    shell.type("openclaw pairing list telegram", 0, "No pending telegram pairing requests.")
    shell.type("openclaw devices list", 0, "No device pairing entries.")
    shell.type("openclaw devices clear", 1, "Refusing to clear pairing table without --yes")
    shell.type("openclaw message send --channel telegram -m hi", 1, 'Missing required option "-t, --target <dest>".')
    shell.type("openclaw cron list", 0)
    shell.type("openclaw cron status", 0)
    shell.type("openclaw skills list", 0)
    shell.type("openclaw system presence", 0)


def _look_after_it(shell: Shell) -> None:
    shell.type("openclaw doctor --non-interactive", 0)
    shell.type("openclaw security audit", 0, "Summary: 0 critical")
    shell.type("openclaw secrets audit", 0)
    shell.type("openclaw backup create --dry-run", 0)
    shell.type("openclaw completion --shell zsh", 0, "openclaw")
    shell.type("openclaw memory", 2, "not supported by this gateway")
    shell.type("openclaw statu", 2, "did you mean `openclaw status`?")
    failed = shell.json("openclaw config get nonsense.key --json", 1)
    assert failed["ok"] is False and failed["error"]["type"] == "cli_error"


def _second_gateway(shell: Shell) -> None:
    shell.type("openclaw gateway run", 78, str(shell.gateway.process.pid))
    shell.type(
        f"openclaw --profile other gateway run --port {shell.gateway.port}",
        78,
        "another gateway instance is already listening on",
    )


def _without_a_gateway(shell: Shell) -> None:
    shell.type("openclaw dashboard --no-open", 1, "Gateway is not running.")
    shell.type("openclaw health", 1, f"Gateway not reachable at ws://127.0.0.1:{shell.gateway.port}")
    shell.type("openclaw gateway status", 0, "Connectivity probe: failed")
    shell.type("openclaw gateway status --require-rpc", 1)
    shell.type("openclaw status", 0, "unreachable")
    shell.type("openclaw logs --limit 5", 0, "reading configured file log instead")
    shell.type("openclaw channels status", 0, "showing config-only status")
    shell.type("openclaw models list", 0, f"{PROVIDER}/fast")
    shell.type("openclaw devices clear --yes", 0)
