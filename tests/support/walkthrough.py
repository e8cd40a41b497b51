"""The command lines of well-known walk-throughs, typed one after another on one host by one person.

Each has its exit code and the words that people look for. The same script is walked on systemd and on launchd.
Source: config-and-cli §0, §3, §5, §10, §11, §13.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

KEY_NAME = "CUSTOM_8317_API_KEY"
PROVIDER = "custom-127-0-0-1-8317"


@dataclass(frozen=True)
class Said:
    """A finished command line."""

    code: int
    out: str
    err: str


class Terminal(Protocol):
    """One person's terminal: runs `openclaw` with these words, without a login session, 80 columns wide."""

    def __call__(self, words: list[str], stdin: str) -> Said: ...


@dataclass(frozen=True)
class ServiceSigns:
    """What the service manager of the host is called, and what is looked at behind the back of the command line."""

    noun: str
    file: str
    target: str
    running: str
    present: str
    check_installed: Callable[[], None]
    check_removed: Callable[[], None]


class Person:
    """Who types on that host; `<url>` and the like in what they type are filled in."""

    def __init__(self, terminal: Terminal, signs: ServiceSigns, *, url: str, key: str, port: int) -> None:
        self.signs, self.key, self.port = signs, key, port
        self._terminal = terminal
        self._words = {"url": url, "port": str(port)}

    def type(self, line: str, code: int = 0, *wanted: str, stdin: str = "") -> Said:
        """What a line does. Raises AssertionError when it ends otherwise, or lacks words that are wanted of it."""
        for name, value in self._words.items():
            line = line.replace(f"<{name}>", value)
        done = self._terminal(shlex.split(line)[1:], stdin)
        said = f"$ {line}\n{done.out}\n--- stderr\n{done.err}"
        assert done.code == code, f"exit {done.code} instead of {code}\n{said}"
        for word in wanted:
            assert word in done.out + done.err, f"no {word!r} in\n{said}"
        assert "Traceback" not in done.err, said
        assert self.key not in done.out + done.err, "the provider's key is shown"
        return done

    def json(self, line: str, code: int = 0) -> Any:
        """The one document on stdout."""
        return json.loads(self.type(line, code).out)

    def pid(self) -> int:
        """The process that holds this state dir."""
        found: int = self.json("openclaw gateway status --no-probe --json")["pids"]["lock"]
        return found


def walk(person: Person) -> None:
    """From an empty home to an agent that answers, around every command family, and back to an empty home."""
    _set_up(person)
    _choose_models(person)
    _install(person)
    _ask_the_gateway(person)
    _agents(person)
    _channels_and_people(person)
    _look_after_it(person)
    _second_gateway(person)
    _restart(person)
    _stop(person)
    _without_a_gateway(person)
    _start(person)
    _install_again(person)
    _leave(person)


def _set_up(person: Person) -> None:
    person.type("openclaw --version", 0, "OpenClaw ")
    person.type("openclaw config validate", 1, "Config file not found")
    person.type("openclaw onboard --non-interactive", 1, "explicit risk acknowledgement")
    found = person.json(
        "openclaw onboard --non-interactive --accept-risk --mode local --auth-choice skip --gateway-port <port>"
        " --gateway-bind loopback --skip-channels --skip-skills --skip-health --skip-daemon --json"
    )
    assert found["gateway"] == {"port": person.port, "bind": "loopback", "authMode": "token"}
    person.type("openclaw config validate", 0, "Config valid: ~/.openclaw/openclaw.json")


def _choose_models(person: Person) -> None:
    """A provider of one's own, key by key: each step must be accepted."""
    place = f'models.providers["{PROVIDER}"]'
    person.type(f"openclaw config set '{place}.baseUrl' <url>", 0, "Updated")
    person.type(f"openclaw config set '{place}.apiKey' '${{{KEY_NAME}}}'", 0, "Updated")
    person.type(f"openclaw config set '{place}.api' openai-completions", 0, "Updated")
    row = json.dumps([{"id": "fast", "name": "Fast"}])
    person.type(f"openclaw config set '{place}.models' '{row}' --json", 0, "Updated")
    person.type(
        f"openclaw secrets set {KEY_NAME}", 0, f"Use it in the config as ${{{KEY_NAME}}}", stdin=f"{person.key}\n"
    )
    shown = person.type("openclaw config get models.providers --json")
    assert f"${{{KEY_NAME}}}" in shown.out
    person.type(
        f"openclaw models set {PROVIDER}/fast", 0, "Updated config:", "Backup:", f"Default model: {PROVIDER}/fast"
    )
    person.type(f"openclaw models aliases add opus-local {PROVIDER}/fast", 0, f"Alias opus-local -> {PROVIDER}/fast")
    person.type("openclaw models set opus-local", 0, f"Default model: {PROVIDER}/fast")
    person.type("openclaw models set nobody/nothing", 0, "Unknown provider")
    person.type("openclaw models set opus-local")
    scanned = person.json(f"openclaw models scan --provider {PROVIDER} --json")
    states = {row["id"]: row["state"] for row in scanned["models"]}
    assert (states["fake-1"], states["fast"]) == ("new", "configured")
    person.type(f"openclaw models scan --provider {PROVIDER} --yes", 0, "Updated config:")
    person.type("openclaw models scan --provider openrouter", 1, 'Missing API key for provider "openrouter"')
    person.type(f"openclaw models fallbacks add {PROVIDER}/fake-1", 0, f"Fallbacks: {PROVIDER}/fake-1")
    person.type("openclaw models fallbacks clear", 0, "Fallback list cleared.")
    person.type("openclaw models status --check", 0, "Aliases (1)", f"{PROVIDER} effective=")
    person.type(f"openclaw models list --provider {PROVIDER}", 0, f"{PROVIDER}/fake-1")
    person.type("openclaw config unset tools.allow", 0, "Nothing was changed")
    person.type("openclaw config set tools.profile messaging", 0, "Updated tools.profile.")
    person.type("openclaw config set tools.profile nonsense", 1, "Config validation failed: tools.profile")
    person.type("openclaw config set tools.profile coding")


def _install(person: Person) -> None:
    signs = person.signs
    person.type("openclaw gateway status", 0, "background service not registered. Run: openclaw gateway install")
    person.type("openclaw gateway start", 1, "openclaw gateway install")
    person.type("openclaw gateway stop", 0, "not installed")
    done = person.type("openclaw gateway install", 0, f"Gateway ready on port {person.port}")
    assert done.out.startswith(f"Installed {signs.noun}: {signs.file}\n")
    signs.check_installed()
    pid = person.pid()
    again = person.type("openclaw gateway install", 0, "Reinstall with: openclaw gateway install --force")
    assert again.out.startswith("Gateway service already enabled.\n")
    assert person.json("openclaw gateway install --json")["result"] == "already-installed"
    assert person.pid() == pid


def _ask_the_gateway(person: Person) -> None:
    port = person.port
    person.type(
        "openclaw gateway status --require-rpc", 0, "Connectivity probe: ok", "RPC probe: ok",
        f"Listening: 127.0.0.1:{port}", "Config (cli): ~/.openclaw/openclaw.json",
    )  # fmt: skip
    person.type("openclaw status", 0, "Overview", "Gateway", "reachable")
    person.type("openclaw status --all", 0, "Diagnosis (read-only)")
    assert person.json("openclaw status --json")["gateway"]["reachable"] is True
    assert person.json("openclaw health --json")["ok"] is True
    person.type("openclaw gateway health", 0, "OK")
    person.type("openclaw gateway call health --params '{}'", 0, "Gateway call: health")
    person.type("openclaw gateway call nonsense", 1, "unknown method: nonsense")
    person.type("openclaw gateway probe", 0)
    person.type("openclaw dashboard --no-open", 0, f"http://127.0.0.1:{port}/#token=")
    assert person.json("openclaw dashboard --json")["tokenIncluded"] is True
    person.type("openclaw agent --message hello", 0, "A fast answer.")
    assert person.json("openclaw sessions --json")["count"] == 1
    person.type("openclaw logs --limit 20 --plain", 0, "Log file: ", "ready")
    lines = [json.loads(line) for line in person.type("openclaw logs --json --limit 3").out.splitlines()]
    assert lines[0]["type"] == "meta" and {line["type"] for line in lines[1:]} == {"log"}


def _agents(person: Person) -> None:
    person.json("openclaw agents add coding --non-interactive --json")
    person.type(
        "openclaw agents bind --agent coding --bind telegram:ops", 0, "Added bindings:\n- telegram accountId=ops"
    )
    person.type("openclaw agents list --bindings", 0, "- coding", "    - telegram accountId=ops")
    person.type("openclaw agents bindings", 0, "coding <- telegram accountId=ops")
    person.type("openclaw agents set-identity --agent coding --name Bolt", 0, "Name: Bolt")
    person.type("openclaw agents unbind --agent coding --all", 0, "Removed bindings:")
    person.type("openclaw agents delete coding", 1, "without --force")
    person.type("openclaw agents delete coding --force", 0, "Deleted agent: coding")
    person.type("openclaw sandbox explain", 0, "Runtime: direct (on the host)")


def _channels_and_people(person: Person) -> None:
    person.type("openclaw channels list", 0, "No chat channels configured.")
    person.type(
        "openclaw channels add --channel telegram --token-file /nowhere/token", 0, 'Added Telegram account "default".'
    )
    person.type("openclaw channels list", 0, "- Telegram default:")
    person.type("openclaw channels remove --channel telegram --delete", 0, 'Deleted Telegram account "default".')
    person.type("openclaw channels status", 0, "Gateway reachable.")
    person.type("openclaw pairing list telegram", 0, "No pending telegram pairing requests.")
    person.type("openclaw pairing approve telegram NOSUCH00", 1)
    person.type("openclaw devices list", 0, "No device pairing entries.")
    person.type("openclaw devices approve --latest", 1)
    person.type("openclaw devices clear", 1, "Refusing to clear pairing table without --yes")
    person.type("openclaw message send --channel telegram -m hi", 1, 'Missing required option "-t, --target <dest>".')
    person.type("openclaw cron list", 0)
    person.type("openclaw cron status", 0)
    person.type("openclaw skills list", 0)
    person.type("openclaw system presence", 0)


def _look_after_it(person: Person) -> None:
    person.type("openclaw doctor --non-interactive", 0)
    person.type("openclaw security audit", 0, "Summary: 0 critical")
    assert person.json("openclaw doctor --lint --json")["ok"] is True
    person.type("openclaw doctor --fix --yes", 0)
    person.type("openclaw secrets audit", 0)
    person.type("openclaw secrets reload", 0, "Secrets reloaded.")
    person.type("openclaw backup create --dry-run", 0)
    person.type("openclaw completion --shell zsh", 0, "openclaw")
    person.type("openclaw memory", 2, "not supported by this gateway")
    person.type("openclaw statu", 2, "did you mean `openclaw status`?")
    failed = person.json("openclaw config get nonsense.key --json", 1)
    assert failed["ok"] is False and failed["error"]["type"] == "cli_error"


def _second_gateway(person: Person) -> None:
    person.type("openclaw gateway run", 78, str(person.pid()))
    person.type(
        "openclaw --profile other gateway run --port <port> --allow-unconfigured",
        78,
        "another gateway instance is already listening on",
    )


def _restart(person: Person) -> None:
    """After a change that people always restart after, and by the older name of the verb."""
    before = person.pid()
    person.type("openclaw config unset tools.allow", 0, "Nothing was changed")
    person.type("openclaw config set tools.profile messaging", 0, "Updated tools.profile.")
    done = person.type("openclaw gateway restart", 0, f"Gateway ready on port {person.port}")
    assert done.out.startswith(f"Restarted {person.signs.noun}: {person.signs.target}\n")
    between = person.pid()
    person.type("openclaw daemon restart --force", 0, f"Gateway ready on port {person.port}")
    assert len({before, between, person.pid()}) == 3


def _stop(person: Person) -> None:
    signs = person.signs
    assert person.type("openclaw gateway stop").out == f"Stopped {signs.noun}: {signs.target}\n"
    assert person.type("openclaw gateway stop --force").out == "Gateway service already stopped.\n"
    assert person.json("openclaw gateway stop --json")["result"] == "already-stopped"
    person.type("openclaw gateway status", 0, signs.present)


def _without_a_gateway(person: Person) -> None:
    person.type("openclaw dashboard --no-open", 1, "Gateway is not running.")
    person.type("openclaw health", 1, f"Gateway not reachable at ws://127.0.0.1:{person.port}")
    person.type("openclaw gateway status", 0, "Connectivity probe: failed")
    person.type("openclaw gateway status --require-rpc", 1)
    person.type("openclaw status", 0, "unreachable")
    person.type("openclaw logs --limit 5", 0, "reading configured file log instead")
    person.type("openclaw channels status", 0, "showing config-only status")
    person.type("openclaw models list", 0, f"{PROVIDER}/fast")
    person.type("openclaw devices clear --yes", 0)


def _start(person: Person) -> None:
    signs = person.signs
    person.type("openclaw gateway start", 0, f"Started {signs.noun}: {signs.target}", "Gateway ready on port")
    person.type("openclaw gateway start", 0, f"Gateway service already running (pid {person.pid()}).")
    assert person.json("openclaw gateway start --json")["result"] == "already-running"
    person.type("openclaw agent --message hello", 0, "A fast answer.")


def _install_again(person: Person) -> None:
    """--force writes what is as it should be only once; a changed port takes effect."""
    signs = person.signs
    person.type("openclaw gateway install --force", 0, f"Kept {signs.noun}: {signs.file}")
    person.type("openclaw gateway stop --disable", 0, f"Disabled {signs.noun}")
    person.type("openclaw gateway start", 0, "Gateway ready on port")
    person.type("openclaw gateway status --require-rpc", 0, signs.running)


def _leave(person: Person) -> None:
    signs = person.signs
    done = person.type("openclaw gateway uninstall", 0)
    assert done.out.splitlines()[-1].startswith(f"Removed {signs.noun}: {signs.file}")
    signs.check_removed()
    person.type("openclaw gateway uninstall", 0)
    person.type("openclaw gateway restart", 1, "openclaw gateway install")
    person.type("openclaw uninstall --all --dry-run", 0, "~/.openclaw")
    person.type("openclaw uninstall --all --yes --non-interactive", 0)
    person.type("openclaw config validate", 1, "Config file not found")
