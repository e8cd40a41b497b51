"""`openclaw devices`: which devices ask to come in, letting them in, and their tokens. Source: protocol §8.

Asks the running gateway; when none runs here, works on the store itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import click

from clawfleet.cli.client import GatewayUnreachable
from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.cli.output import print_json, tell
from clawfleet.cli.refusals import ConnectRefused
from clawfleet.cli.target import Ask, asks_gateway, open_gateway
from clawfleet.core.clock import iso_time
from clawfleet.core.errors import RequestError
from clawfleet.core.text import printable

WORKS_BESIDE = frozenset({"device.pair.list", "device.pair.approve", "device.pair.reject"})
"""What may be done in the store while a gateway runs that does not let this command line in."""

Row = Mapping[str, Any]


class DevicesUsage(RequestError):
    """A word is missing, or is not the one it should be."""

    code = "DEVICES_USAGE"
    exit_code = 1


def _as_json(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option("--json", "as_json", is_flag=True, help="Print JSON.")(command)


def _token_flags(command: Callable[..., Any]) -> Callable[..., Any]:
    command = click.option("--role", required=True, metavar="ROLE", help="Role of the token: operator or node.")(
        command
    )
    return click.option("--device", "device_id", required=True, metavar="ID", help="Id of the device.")(command)


@click.group(name="devices")
def command() -> None:
    """List, approve and remove devices, and manage their tokens."""


@command.command("list")
@_as_json
@asks_gateway
@pass_cli
def list_command(cli: CliContext, ask: Ask, *, as_json: bool) -> None:
    """Show which devices wait and which are approved."""
    listed = _do(cli, ask, "device.pair.list", {})
    if as_json:
        print_json(listed)
        return
    for line in list_lines(listed):
        tell(printable(line))


@command.command("approve")
@click.argument("request_id", required=False)
@click.option("--latest", is_flag=True, help="Approve the one request that waits.")
@_as_json
@asks_gateway
@pass_cli
def approve_command(cli: CliContext, ask: Ask, request_id: str | None, *, latest: bool, as_json: bool) -> None:
    """Let in the device that waits under REQUEST_ID."""
    if request_id is None:
        request_id = _only_request(_do(cli, ask, "device.pair.list", {})["pending"], latest=latest)
    approved = _do(cli, ask, "device.pair.approve", {"requestId": request_id})
    device = approved["device"]
    _tell(approved, f"Approved {_name(device)} ({device['deviceId']}): {_access(device)}", as_json=as_json)


@command.command("reject")
@click.argument("request_id")
@_as_json
@asks_gateway
@pass_cli
def reject_command(cli: CliContext, ask: Ask, request_id: str, *, as_json: bool) -> None:
    """Turn away the device that waits under REQUEST_ID."""
    rejected = _do(cli, ask, "device.pair.reject", {"requestId": request_id})
    _tell(rejected, f"Rejected device {rejected['deviceId']}.", as_json=as_json)


@command.command("remove")
@click.argument("device_id")
@_as_json
@asks_gateway
@pass_cli
def remove_command(cli: CliContext, ask: Ask, device_id: str, *, as_json: bool) -> None:
    """Forget the approved device DEVICE_ID and its tokens."""
    removed = _do(cli, ask, "device.pair.remove", {"deviceId": device_id})
    _tell(removed, f"Removed device {device_id}.", as_json=as_json)


@command.command("rename")
@click.option("--device", "device_id", required=True, metavar="ID", help="Id of the device.")
@click.option("--name", required=True, metavar="NAME", help="Its new name, 64 characters at the most.")
@_as_json
@asks_gateway
@pass_cli
def rename_command(cli: CliContext, ask: Ask, device_id: str, name: str, *, as_json: bool) -> None:
    """Give a device a name that you will recognise."""
    if not name.strip() or len(name.strip()) > 64:
        raise DevicesUsage("--name must have 1 to 64 characters")
    renamed = _do(cli, ask, "device.pair.rename", {"deviceId": device_id, "label": name.strip()})
    _tell(renamed, f"Device {device_id} is now {renamed['label']!r}.", as_json=as_json)


@command.command("clear")
@click.option("--yes", is_flag=True, help="Really do it.")
@click.option("--pending", is_flag=True, help="Turn away those who wait, too.")
@_as_json
@asks_gateway
@pass_cli
def clear_command(cli: CliContext, ask: Ask, *, yes: bool, pending: bool, as_json: bool) -> None:
    """Forget every approved device."""
    if not yes:
        raise DevicesUsage(
            "Refusing to clear pairing table without --yes",
            hint="it forgets every approved device: openclaw devices clear --yes",
        )
    listed = _do(cli, ask, "device.pair.list", {})
    done: dict[str, list[str]] = {"removed": [], "rejected": []}
    for row in listed["paired"]:
        _do(cli, ask, "device.pair.remove", {"deviceId": row["deviceId"]})
        done["removed"].append(row["deviceId"])
    for row in listed["pending"] if pending else ():
        _do(cli, ask, "device.pair.reject", {"requestId": row["requestId"]})
        done["rejected"].append(row["requestId"])
    words = f"Removed {len(done['removed'])} devices" + (f", rejected {len(done['rejected'])}." if pending else ".")
    _tell(done, words, as_json=as_json)


@command.command("rotate")
@_token_flags
@click.option("--scope", "scopes", multiple=True, metavar="SCOPE", help="Scope of the new token; may be repeated.")
@click.option("--no-scopes", is_flag=True, help="A new token without any scope.")
@_as_json
@asks_gateway
@pass_cli
def rotate_command(
    cli: CliContext, ask: Ask, device_id: str, role: str, *, scopes: Sequence[str], no_scopes: bool, as_json: bool
) -> None:
    """Replace a device's token; the old one stops working at once."""
    if scopes and no_scopes:
        raise DevicesUsage("--scope and --no-scopes contradict each other")
    params: dict[str, Any] = {"deviceId": device_id, "role": role}
    if scopes or no_scopes:
        params["scopes"] = list(scopes)
    rotated = _do(cli, ask, "device.token.rotate", params)
    _tell(
        rotated,
        f"Rotated the {role} token of {device_id}: {', '.join(rotated['scopes']) or 'no scopes'}",
        as_json=as_json,
    )


@command.command("revoke")
@_token_flags
@_as_json
@asks_gateway
@pass_cli
def revoke_command(cli: CliContext, ask: Ask, device_id: str, role: str, *, as_json: bool) -> None:
    """Revoke a device's token."""
    revoked = _do(cli, ask, "device.token.revoke", {"deviceId": device_id, "role": role})
    _tell(revoked, f"Revoked the {role} token of {device_id}.", as_json=as_json)


def _do(cli: CliContext, ask: Ask, method: str, params: Mapping[str, Any]) -> Any:
    """The gateway's answer, or the store's where no gateway of this instance answers."""
    try:
        with open_gateway(cli, ask) as gateway:
            return gateway.call(method, params)
    except (GatewayUnreachable, ConnectRefused) as error:
        is_own = ask.url is None and ask.port is None and not cli.instance.environ.get("OPENCLAW_GATEWAY_URL")
        if not is_own or (isinstance(error, ConnectRefused) and method not in WORKS_BESIDE):
            raise
    from clawfleet.cli.devices_store import in_store  # only where it is needed: it loads the gateway's methods

    return in_store(cli.instance.store_dir, method, params)


def _only_request(pending: Sequence[Row], *, latest: bool) -> str:
    """The request that is meant when none is named: the one there is."""
    if not pending:
        raise DevicesUsage("No device waits for approval.")
    if len(pending) > 1 or not latest:
        rows = "\n".join(
            f"openclaw devices approve {row['requestId']}   {_name(row)}: {_access(row)}" for row in pending
        )
        raise DevicesUsage("Which request is meant?", hint=rows)
    return str(pending[0]["requestId"])


def list_lines(listed: Mapping[str, Sequence[Row]]) -> Iterator[str]:
    """Who waits and who is approved, in a few lines."""
    if not listed["pending"] and not listed["paired"]:
        yield "No device pairing entries."
        return
    yield f"Pending ({len(listed['pending'])})"
    for row in listed["pending"]:
        again = ", known already" if row.get("isRepair") else ""
        yield f"  {row['requestId']}  {_name(row)} ({row['platform']}{again}) asks for {_access(row)}"
        yield f"    device {row['deviceId']}, since {iso_time(row['ts'])}; openclaw devices approve {row['requestId']}"
    yield f"Paired ({len(listed['paired'])})"
    for row in listed["paired"]:
        state = "connected" if row.get("connected") else _last_seen(row)
        yield f"  {row['deviceId']}  {_name(row)} ({row['platform']}): {_access(row)}; {state}"


def _last_seen(row: Row) -> str:
    at_ms = row.get("lastSeenAtMs")
    return f"last seen {iso_time(at_ms)}" if at_ms else "never seen"


def _name(row: Row) -> str:
    return str(row.get("operatorLabel") or row.get("displayName") or row.get("clientId") or row["deviceId"])


def _access(row: Row) -> str:
    return f"{', '.join(row['roles'])} [{', '.join(row['scopes'])}]"


def _tell(payload: Any, words: str, *, as_json: bool) -> None:
    if as_json:
        print_json(payload)
    else:
        click.echo(printable(words))
