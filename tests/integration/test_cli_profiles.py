"""Three instances on one host: no command of one opens, changes, or connects to anything of another.

Files are watched by the kernel (whoever opens them), ports by an audit hook in each command. The gateways themselves
rest meanwhile, so that whatever is seen is a command's doing.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.file_watch import FileWatch
from tests.support.gateway import GatewayProcess, free_port

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="files are watched with inotify")

NAMES = ("", "ops", "dev")
LIMIT_S = 60
QUIET_S = 60.0

COMMANDS = """
config file
config get gateway.port
config get gateway --json
config set logging.level debug
config unset logging.level
config validate
config schema
setup --baseline
status
status --json
status --all
status --deep
gateway status
gateway status --json
gateway health
gateway call health
gateway call config.get --json
health
dashboard --no-open
dashboard --json
logs --limit 5
logs --json --limit 5
agents list --bindings
agents add helper --non-interactive
agents bind --agent helper --bind telegram
agents bindings --json
agents unbind --agent helper --all
agents set-identity --agent helper --name Helper
agents delete helper --force
models status
models list
models list --json
models set demo/echo
models aliases add quick demo/echo
models aliases remove quick
models fallbacks add demo/echo
models fallbacks clear
models scan
channels list
channels status
channels add --channel telegram --token-file /nowhere
channels logout --channel telegram
channels remove --channel telegram --delete
devices list
pairing list telegram
sessions list
agent --message hello
doctor --non-interactive
security audit
secrets audit
secrets reload
backup create --dry-run
cron list
skills list
sandbox explain
system presence
completion --shell bash
""".strip().splitlines()

# What may end otherwise: no provider is there to be asked, and findings are told by an exit code.
CODES = {"models scan": {1}, "doctor --non-interactive": {0, 1}, "status --all": {0, 1}}

HOOK = """
import os, sys
def hook(event, args):
    if event == "socket.connect" and isinstance(args[1], tuple):
        with open(os.environ["CONNECTED"], "a") as file:
            file.write(f"{args[1][1]}\\n")
sys.addaudithook(hook)
"""


@dataclass
class Host:
    """A home with a gateway for each name; the empty name is the default instance."""

    home: Path
    gateways: dict[str, GatewayProcess]

    def state_dir(self, name: str) -> Path:
        return self.home / (f".openclaw-{name}" if name else ".openclaw")

    def owner(self, path: Path) -> str:
        """Whose a path is: workspaces of profiles lie beside the default one's."""
        place = path.relative_to(self.home).parts
        for name in NAMES[1:]:
            is_workspace = len(place) > 1 and place[0] == ".openclaw" and place[1].startswith(f"workspace-{name}")
            if is_workspace or place[0] == f".openclaw-{name}":
                return name
        return ""

    def run(self, name: str, line: str) -> subprocess.CompletedProcess[str]:
        flags = {"": [], "ops": ["--profile", "ops"], "dev": ["--dev"]}[name]
        gateway = self.gateways[name]
        env = {key: value for key, value in gateway.env.items() if not key.startswith("OPENCLAW_")}
        env |= {"PYTHONPATH": str(self.home / "hook"), "CONNECTED": str(self.home / "connected")}
        return subprocess.run(
            [sys.executable, "-m", "clawfleet", *flags, *line.split()],
            env=env, cwd=self.home / "elsewhere", stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=LIMIT_S, check=False,
        )  # fmt: skip

    def connected(self) -> set[int]:
        """The ports that commands connected to since the last call."""
        file = self.home / "connected"
        ports = {int(line) for line in file.read_text().splitlines()} if file.exists() else set()
        file.unlink(missing_ok=True)
        return ports


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    home = tmp_path_factory.mktemp("host")
    for folder in ("hook", "elsewhere"):
        (home / folder).mkdir()
    (home / "hook" / "sitecustomize.py").write_text(HOOK)
    host = Host(home, {})
    try:
        for name in reversed(NAMES):
            gateway = GatewayProcess(home, env={"OPENCLAW_PROFILE": name} if name else None)
            gateway.state_dir = host.state_dir(name)
            gateway.port = free_port()
            log = str(gateway.state_dir / "logs" / "gateway.log")
            gateway.write_config({"gateway": {"port": gateway.port}, "logging": {"file": log}})
            host.gateways[name] = gateway
        for gateway in host.gateways.values():
            gateway.start(by_flag=False)
        for name in NAMES:  # what a first turn makes is there before anybody watches
            assert host.run(name, "agent --message hello").returncode == 0
        yield host
    finally:
        for gateway in host.gateways.values():
            gateway.kill()


@pytest.mark.parametrize("name", ["", "ops"], ids=["default", "ops"])
def test_no_command_touches_another_instance(host: Host, name: str) -> None:
    """Not its files, not its port, and each works with its own secret."""
    others = [host.state_dir(other) for other in NAMES if other != name]
    with FileWatch(others, ignores=lambda path: host.owner(path) == name) as watch:
        _settle(watch)
        host.connected()
        failed, touched = [], []
        for line in COMMANDS:
            done = host.run(name, line)
            if done.returncode not in CODES.get(line, {0}):
                failed.append(f"{line}: {done.returncode} {done.stderr}")
            touched += [f"{line}: {event}" for event in watch.seen()]
            touched += [f"{line}: port {port}" for port in host.connected() - {host.gateways[name].port}]
        assert (touched, failed) == ([], [])
        shown = host.run(name, "dashboard --no-open").stdout
        assert host.gateways[name].token in shown
        assert f":{host.gateways[name].port}/" in shown


def test_the_environment_names_an_instance_like_the_flag(host: Host) -> None:
    """OPENCLAW_PROFILE alone chooses dir, port and token, and an explicit dir wins over the flag with a warning."""
    ops = host.gateways["ops"]
    env = {key: value for key, value in ops.env.items() if not key.startswith("OPENCLAW_")}

    def openclaw(*line: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "clawfleet", *line], env=env | more, cwd=host.home, capture_output=True, text=True,
            timeout=LIMIT_S, check=False,
        )  # fmt: skip

    assert ops.token in openclaw("dashboard", "--no-open", OPENCLAW_PROFILE="ops").stdout
    there = str(host.state_dir("dev"))
    won = openclaw("--profile", "ops", "config", "file", OPENCLAW_STATE_DIR=there)
    assert won.stdout.strip() == f"{there}/openclaw.json"
    assert "OPENCLAW_STATE_DIR" in won.stderr and "wins over the profile ops" in won.stderr
    inherited = openclaw(
        "--dev", "config", "file", OPENCLAW_PROFILE="ops", OPENCLAW_STATE_DIR=str(host.state_dir("ops"))
    )
    assert inherited.stdout.strip() == f"{there}/openclaw.json"
    moved = openclaw("config", "file", OPENCLAW_HOME=str(host.home / "elsewhere"))
    assert moved.stdout.strip() == f"{host.home}/elsewhere/.openclaw/openclaw.json"
    port = openclaw(
        "gateway", "status", "--no-probe", OPENCLAW_GATEWAY_PORT="[::1]:4242", OPENCLAW_PROFILE="new"
    ).stdout
    assert "port=4242" in port


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (["--profile", "a b", "status"], 'Invalid --profile (use letters, numbers, "_", "-" only)'),
        (["--dev", "--profile", "ops", "status"], "Cannot combine --dev with --profile"),
        (["status", "--profile"], "--profile requires a value"),
    ],
)
def test_a_bad_name_is_refused_before_anything_is_read(host: Host, line: list[str], message: str) -> None:
    done = host.run("", " ".join(line)) if "a b" not in line else None
    if done is None:
        env = dict(os.environ, HOME=str(host.home))
        done = subprocess.run(
            [sys.executable, "-m", "clawfleet", *line], env=env, capture_output=True, text=True, timeout=LIMIT_S,
            check=False,
        )  # fmt: skip
    assert done.returncode == 2
    assert f"[openclaw] {message}" in done.stderr


def _settle(watch: FileWatch) -> None:
    """Return when nothing has happened for a moment: the gateways have done what earlier commands asked of them."""
    deadline, quiet_since = time.monotonic() + QUIET_S, time.monotonic()
    while time.monotonic() - quiet_since < 1.0:
        if watch.seen():
            quiet_since = time.monotonic()
        assert time.monotonic() < deadline, "the gateways do not rest"
        time.sleep(0.05)
