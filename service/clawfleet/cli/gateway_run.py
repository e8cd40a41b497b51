"""`openclaw gateway run`: the gates before a start, then the gateway itself in the foreground."""

from __future__ import annotations

import gc
import shlex
import shutil
import sys
from collections.abc import Mapping
from dataclasses import replace
from ipaddress import IPv4Address
from pathlib import Path
from time import sleep
from typing import TYPE_CHECKING, Any

import click

from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.cli.output import tell
from clawfleet.core.errors import ConfigError, RequestError
from clawfleet.host.gateways import PortInUse, explain_port_in_use
from clawfleet.host.lock import GatewayRunning, read_lock
from clawfleet.host.patience import keep_trying
from clawfleet.host.ports import is_taken
from clawfleet.host.takeover import end, in_the_way
from clawfleet.host.units import LABEL_VARIABLE, SERVICE_MARKER

if TYPE_CHECKING:
    from clawfleet.cli.panel import Typed
    from clawfleet.config.env import Instance

BIND_WORDS = ("loopback", "lan", "tailnet", "auto", "custom")
# Flags of OpenClaw that change nothing here; they are taken so that written-down command lines work.
WITHOUT_EFFECT = {
    "ws_log": "--ws-log",
    "compact": "--compact",
    "raw_stream": "--raw-stream",
    "raw_stream_path": "--raw-stream-path",
}


def _where(context: click.Context, option: click.Parameter, value: str | None) -> str | None:
    if value is None or value in BIND_WORDS:
        return value
    try:
        return str(IPv4Address(value))
    except ValueError:
        words = ", ".join(BIND_WORDS)
        raise click.BadParameter(f"{value!r} is neither one of {words} nor an IPv4 address", context, option) from None


@click.command("run")
@click.option("--port", type=click.IntRange(0, 65535), metavar="PORT", help="Port to serve; 0 lets the kernel choose.")
@click.option("--bind", callback=_where, metavar="WHERE", help=f"{', '.join(BIND_WORDS)}, or an IPv4 address.")
@click.option(
    "--auth", type=click.Choice(["none", "token", "password", "trusted-proxy"]), help="How clients prove themselves."
)
@click.option("--token", metavar="TOKEN", help="Shared token; better kept in the config or the environment.")
@click.option("--password", metavar="PASSWORD", help="Shared password; better: --password-file.")
@click.option(
    "--password-file", type=click.Path(path_type=Path, dir_okay=False), help="File whose first line is the password."
)
@click.option("--allow-unconfigured", is_flag=True, help="Start although gateway.mode is not `local`.")
@click.option("--force", is_flag=True, help="End a gateway that holds the port or the state dir, then start.")
@click.option("--yes", is_flag=True, help="With --force: end the holder of the port also when it is no gateway.")
@click.option("--verbose", is_flag=True, help="Log in detail.")
@click.option(
    "--tailscale",
    type=click.Choice(["off", "serve", "funnel"]),
    help="Show it by Tailscale: to the tailnet, or to all.",
)
@click.option("--dev", is_flag=True, help="Write the built-in config first, where there is none.")
@click.option("--reset", is_flag=True, help="With --dev, profile dev only: set config, sessions and workspace aside.")
@click.option("--ws-log", type=click.Choice(["auto", "full", "compact"]), hidden=True)
@click.option("--compact", is_flag=True, hidden=True)
@click.option("--raw-stream", is_flag=True, hidden=True)
@click.option("--raw-stream-path", type=click.Path(), hidden=True)
@pass_cli
def command(context: CliContext, /, **flags: Any) -> int:
    """Run the gateway in the foreground until it is stopped (Ctrl-C or SIGTERM)."""
    _refuse_unsupported(flags)
    given = context.instance.given_environ
    if given.get(SERVICE_MARKER) and given.get(LABEL_VARIABLE):  # launchd starts whatever ends anew
        return keep_trying(lambda: start(replace(context), flags), _complain, sleep)
    return start(context, flags)


def _complain(text: str) -> None:
    tell(f"✗ {text}", err=True)


def start(context: CliContext, flags: Mapping[str, Any]) -> int:
    """Pass the gates and serve; the gateway's exit code. What stands in the way is raised, mostly with exit code 78."""
    try:
        return _start(context, flags)
    except (ConfigError, PortInUse, GatewayRunning) as error:
        if not error.message.startswith(("Gateway", "Refusing")):
            error.message = f"Gateway failed to start: {error.message}"
        raise


def _start(context: CliContext, flags: Mapping[str, Any]) -> int:
    from clawfleet.cli.gates import may_open, may_start
    from clawfleet.config.env import gateway_port

    instance = context.instance
    instance.require_env()
    if flags["dev"]:
        _prepare_dev(instance, reset=flags["reset"])
    for warning in (*instance.warnings, *(f"{issue.path}: {issue.message}" for issue in context.snapshot.warnings)):
        tell(f"! {warning}", err=True)
    may_start(context.snapshot, allow_unconfigured=flags["allow_unconfigured"])
    has_secret = any(flags[name] for name in ("token", "password", "password_file"))
    may_open(context.snapshot, bind=flags["bind"], auth=flags["auth"], has_secret=has_secret)
    port, _ = gateway_port(instance, context.snapshot.config, flags["port"])
    if flags["force"]:
        make_way(port, instance.store_dir, also_foreign=flags["yes"])
    check_free(port, instance.store_dir)
    return _serve(context, flags)


def _prepare_dev(instance: Instance, *, reset: bool) -> None:
    from clawfleet.cli import gateway_dev

    for line in gateway_dev.reset(instance) if reset else ():
        click.echo(line, err=True)
    if gateway_dev.make_config(instance):
        click.echo(f"dev: wrote {instance.shown(instance.config_path)}", err=True)


def make_way(port: int, store_dir: Path, *, also_foreign: bool) -> None:
    """End what keeps this gateway from starting, saying first what it is. Raises ForceRefused (exit 78)."""
    for process in in_the_way(port, store_dir, also_foreign=also_foreign):
        click.echo(f"force: ending pid {process.pid} ({process.command}), user {process.user}", err=True)
        ended_by = end(process)
        click.echo(f"force: killed pid {process.pid} on port {port} ({ended_by})", err=True)


def check_free(port: int, store_dir: Path) -> None:
    """Fail at once, before anything heavy is loaded, when the port or the state dir is taken (exit 78)."""
    if port and is_taken(port):
        raise explain_port_in_use(port, store_dir=store_dir)
    lock = read_lock(store_dir)
    if lock is not None and lock.alive:
        raise GatewayRunning(store_dir, lock)


def read_password(path: Path) -> str:
    """The first line of a password file. Raises RequestError (exit 2) when there is none."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise RequestError(f"--password-file {path}: {error.strerror}") from error
    if not lines or not lines[0]:
        raise RequestError(f"--password-file {path}: its first line is empty")
    return lines[0]


def how_to_type(instance: Instance, program: str) -> Typed:
    """How another terminal addresses this instance: by path, profile or state dir where `openclaw` alone is not it."""
    from clawfleet.cli.panel import Typed
    from clawfleet.config.env import resolve_instance

    words = [_program(program)]
    if instance.profile:
        words.append(f"--profile {instance.profile}")
    environ = {"HOME": instance.environ.get("HOME", str(instance.home))}
    plain = resolve_instance(profile=instance.profile, environ=environ, cwd=instance.home)
    if plain.config_path != instance.config_path and instance.config_path != instance.state_dir / "openclaw.json":
        words.insert(0, f"OPENCLAW_CONFIG_PATH={shlex.quote(str(instance.config_path))}")
    if plain.state_dir != instance.state_dir:
        words.insert(0, f"OPENCLAW_STATE_DIR={shlex.quote(str(instance.state_dir))}")
    return Typed(" ".join(words), shlex.quote(str(instance.state_dir / ".env")))


def _program(program: str) -> str:
    found = shutil.which("openclaw")
    if found and Path(program).resolve() == Path(found).resolve():
        return "openclaw"
    return f"{shlex.quote(sys.executable)} -m clawfleet" if program.endswith("__main__.py") else shlex.quote(program)


def _serve(context: CliContext, flags: Mapping[str, Any]) -> int:
    gc.disable()  # what is made until the gateway is ready stays: looking for garbage in it is a tenth of the start
    from clawfleet.cli.panel import panel
    from clawfleet.runtime.gateway import run_gateway
    from clawfleet.runtime.options import Ready, RunOptions

    typed = how_to_type(context.instance, sys.argv[0])
    is_terminal = sys.stdout.isatty()

    def announce(ready: Ready) -> None:
        if SERVICE_MARKER in context.instance.environ:
            return  # nobody reads a panel in a journal
        width = shutil.get_terminal_size().columns if is_terminal and context.color is not False else None
        click.echo(panel(ready, typed, width=width, signs_in=is_terminal), nl=False)
        sys.stdout.flush()

    options = RunOptions(
        port=flags["port"],
        bind=flags["bind"],
        auth=flags["auth"],
        tailscale=flags["tailscale"],
        token=flags["token"],
        password=read_password(flags["password_file"]) if flags["password_file"] else flags["password"],
        verbose=flags["verbose"],
        on_ready=announce,
    )
    try:
        return run_gateway(context.instance, context.snapshot, options)
    finally:
        gc.enable()


def _refuse_unsupported(flags: Mapping[str, Any]) -> None:
    if flags["reset"] and not flags["dev"]:
        raise RequestError("--reset needs --dev", hint="openclaw --dev gateway run --dev --reset")
    for name, flag in WITHOUT_EFFECT.items():
        if flags[name]:
            click.echo(f"! {flag} has no effect in this gateway", err=True)
