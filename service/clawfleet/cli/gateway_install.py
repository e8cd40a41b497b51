"""`openclaw gateway install`: the gateway as a background service that starts by itself and is watched over."""

from __future__ import annotations

import os
import pwd
from collections.abc import Iterator
from pathlib import Path

import click

from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.cli.output import tell
from clawfleet.cli.service_door import ServiceDoor, answer
from clawfleet.core.errors import RequestError
from clawfleet.host.lifecycle import Outcome
from clawfleet.host.services import Daemon, Scope, ServiceTaken


@click.command(
    "install",
    epilog="""\b
Examples:
  openclaw gateway install
  openclaw --profile ops gateway install
  openclaw gateway install --force""",
)
@click.option("--port", type=click.IntRange(1, 65535), metavar="PORT", help="Port to serve; also saved in the config.")
@click.option("--token", metavar="TOKEN", help="The gateway's token; saved in the config, never in the service's file.")
@click.option("--force", is_flag=True, help="Write the service's file anew; the former one is kept as .bak.")
@click.option(
    "--system", is_flag=True, help="A service of the system, which needs no login. The default for root; needs root."
)
@click.option(
    "--wrapper", metavar="PATH", type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help='Program that starts the gateway; it must end in: exec openclaw "$@"',
)  # fmt: skip
@click.option("--allow-unconfigured", is_flag=True, help="Let the service start although gateway.mode is not `local`.")
@click.option("--runtime", hidden=True, metavar="NAME")
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
@pass_cli
def command(
    context: CliContext,
    *,
    port: int | None,
    token: str | None,
    force: bool,
    system: bool,
    wrapper: Path | None,
    allow_unconfigured: bool,
    runtime: str | None,
    as_json: bool,
) -> int:
    """Register the gateway with systemd or launchd and start it; returns when it answers.

    A second install changes nothing.
    """
    del runtime  # which Node runs OpenClaw; there is none here
    scope: Scope | None = "system" if system else None
    wish = Wish(port, token, wrapper, force=force, allow_unconfigured=allow_unconfigured)
    return answer(context, "install", wish.fulfil, as_json=as_json, scope=scope)


class Wish:
    """What was asked for on the command line."""

    def __init__(
        self, port: int | None, token: str | None, wrapper: Path | None, *, force: bool, allow_unconfigured: bool
    ) -> None:
        self._port = port
        self._token = token
        self._wrapper = wrapper
        self._force = force
        self._allow_unconfigured = allow_unconfigured

    def fulfil(self, door: ServiceDoor) -> Outcome:
        """Install it, the config first: what the service needs is there before it starts."""
        from clawfleet.cli.gates import may_start

        instance, service = door.context.instance, door.service
        changes = not service.state().is_loaded or self._force
        check_claims(door, changes=changes)
        service.check()
        instance.require_env()
        may_start(door.context.snapshot, allow_unconfigured=self._allow_unconfigured)
        make_state_dir(instance.state_dir, service)
        if changes:
            for line in self._settle(door):
                tell(line, err=True)
        outcome = door.lifecycle.install(self._data(door), force=self._force)
        return Outcome(outcome.result, (*outcome.lines, *hints(door)))

    def _settle(self, door: ServiceDoor) -> Iterator[str]:
        from clawfleet.cli.service_token import missing_in_service, settle_port, settle_token

        instance, snapshot = door.context.instance, door.context.snapshot
        yield from settle_token(instance, snapshot, self._token)
        yield from settle_port(instance, snapshot, self._port)
        if missing := missing_in_service(instance, snapshot):
            yield (
                f"! The service will not have {', '.join(missing)}: only this shell has it; put it into "
                f"{instance.shown(instance.state_dir / '.env')}"
            )

    def _data(self, door: ServiceDoor) -> bytes:
        from dataclasses import replace

        from clawfleet.cli.service_spec import UNCONFIGURED, spec_of, with_wrapper
        from clawfleet.config.load import load_config
        from clawfleet.host.units import WRAPPER_VARIABLE

        written = door.service.written()
        spec = spec_of(door.context.instance, load_config(door.context.instance), door.service, written)
        if self._port is not None:
            spec = replace(spec, port=self._port)
        if self._allow_unconfigured:
            spec = replace(spec, arguments=(UNCONFIGURED,))
        wrapper = str(self._wrapper.absolute()) if self._wrapper else spec.env.get(WRAPPER_VARIABLE, "")
        return door.service.render(with_wrapper(spec, wrapper) if wrapper else spec)


def check_claims(door: ServiceDoor, *, changes: bool) -> None:
    """Return if this instance may have this service; `changes`: something will be written. Raises ServiceTaken."""
    from clawfleet.host.service_search import find_own, named_alike

    instance, service = door.context.instance, door.service
    own = find_own(instance)
    if changes and service.scope == "system" and os.geteuid() != 0:
        if own is not None:
            told = f"a service of the system serves this state dir: {own.describe()}"
            raise ServiceTaken(told, hint="as root: sudo openclaw gateway install --force")
        raise RequestError("a service of the system is root's", hint="sudo openclaw gateway install --system")
    other = named_alike(instance, service)
    if other is not None:
        raise ServiceTaken(
            f"{other.label} is the service of another instance (state dir {other.state_dir})",
            hint="give this one a name of its own: openclaw --profile <name> gateway install",
        )


def make_state_dir(state_dir: Path, service: Daemon) -> None:
    """The directory that the service starts in; root makes it for the user that it belongs to."""
    from clawfleet.store.files import private_dir

    if state_dir.exists():
        return
    above = next(folder for folder in state_dir.parents if folder.exists()).stat()
    private_dir(state_dir)
    if os.geteuid() == 0 and service.scope == "system":
        os.chown(state_dir, above.st_uid, above.st_gid)


def hints(door: ServiceDoor) -> tuple[str, ...]:
    """What an operator should know about the service that now is there."""
    from clawfleet.host.systemd import lingers

    service = door.service
    user = pwd.getpwuid(os.getuid()).pw_name
    if service.manager == "systemd" and service.scope == "user" and not lingers(user):
        return (f"! linger is off: the gateway stops at logout. On: sudo loginctl enable-linger {user}",)
    return ()
