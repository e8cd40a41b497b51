"""What keeps an instance's service from running, seen as the service sees it: its own environment, config and port.

The shell of the person who asks has other variables; a key that only that shell knows is missing in the service.
"""

from __future__ import annotations

from clawfleet.cli.context import CliContext
from clawfleet.cli.service_spec import UNCONFIGURED
from clawfleet.config.env import Instance, gateway_port, resolve_instance
from clawfleet.config.load import Snapshot, load_config
from clawfleet.core.errors import GatewayError
from clawfleet.host.definitions import Definition
from clawfleet.host.gateways import Occupant, PortInUse, explain_port_in_use
from clawfleet.host.lock import GatewayRunning, read_lock
from clawfleet.host.ports import is_taken
from clawfleet.host.readiness import runs_in
from clawfleet.host.services import Daemon

TAKE_OVER = "let the service take over: openclaw gateway takeover"


def service_instance(context: CliContext, written: Definition | None) -> Instance:
    """The instance as the service's own process will see it."""
    mine = context.instance
    if written is None:
        return mine
    environ = {"HOME": str(mine.home), **written.environment}
    return resolve_instance(profile=mine.profile, environ=environ, cwd=mine.state_dir)


def trouble(context: CliContext, service: Daemon) -> GatewayError | None:
    """What would make the service end with 78 right now; None when nothing does."""
    written = service.written()
    try:
        instance = service_instance(context, written)
        instance.require_env()
        snapshot = load_config(instance)
        _check_gates(snapshot, instance, written)
        _check_place(instance, snapshot, service, written)
    except GatewayError as error:
        return error
    return None


def _check_gates(snapshot: Snapshot, instance: Instance, written: Definition | None) -> None:
    from clawfleet.access.gateway_auth import resolve_auth
    from clawfleet.cli.gates import may_open, may_start
    from clawfleet.host.tls_files import check_tls

    may_start(snapshot, allow_unconfigured=written is not None and UNCONFIGURED in written.command)
    may_open(snapshot)
    check_tls(snapshot.config.gateway.tls, instance)
    auth = snapshot.config.gateway.auth
    if auth.token or auth.password or auth.mode == "password":  # else a token is made at the start
        resolve_auth(snapshot, instance.store_dir)


def _check_place(instance: Instance, snapshot: Snapshot, service: Daemon, written: Definition | None) -> None:
    port = (written.port if written else None) or gateway_port(instance, snapshot.config)[0]
    pid = service.state().pid
    if is_taken(port):
        error = explain_port_in_use(port, store_dir=instance.store_dir)
        if error.occupant is not None and not _is_the_services(error.occupant, pid, service.label):
            error.hint = _mend(error)
            raise error
    lock = read_lock(instance.store_dir)
    if lock is not None and lock.alive and not runs_in(lock.pid, pid) and lock.service != service.label:
        running = GatewayRunning(instance.store_dir, lock)
        running.hint = TAKE_OVER
        raise running


def _is_the_services(occupant: Occupant, pid: int | None, label: str) -> bool:
    """Whether the port is held by the service's process, also by one that is just ending."""
    holder = occupant.owner.pid
    if holder is not None and runs_in(holder, pid):
        return True
    return occupant.kind == "own" and occupant.lock is not None and occupant.lock.service == label


def _mend(error: PortInUse) -> str | None:
    occupant = error.occupant
    if occupant is None or occupant.kind == "foreign" or not occupant.is_mine:
        return error.hint
    return f"{TAKE_OVER}\nor give this instance another port: openclaw config set gateway.port <port>"
