"""`tunnel`: the port of one gateway on this machine, over ssh; open until it is interrupted."""

from __future__ import annotations

import os
import signal
import socket
import subprocess

from clawfleet.core.errors import RequestError
from clawfleet.fleet.selection import the_one
from control.order import Order, chosen, print_json, say

SSH = (
    *("-N", "-o", "ExitOnForwardFailure=yes", "-o", "ServerAliveInterval=15"),
    *("-o", "ServerAliveCountMax=3"),
)


class NoTunnelError(RequestError):
    """The host is not reached over ssh, or the port is taken here."""

    code = "NO_TUNNEL"
    exit_code = 1


def run(order: Order) -> int:
    """Prints the address once the tunnel is there; 0 when a person ended it, 1 when ssh ended by itself."""
    found = chosen(order)
    item = the_one(found.instances, ())
    reach = found.reach[item.host]
    if reach.connect.via != "ssh":
        raise NoTunnelError(f"{item.id} is not reached over ssh", hint=f"it listens on {item.port} of that machine")
    port = free_port(int(order.options.get("port") or 0))
    line = ["ssh", *reach.ssh_options(), *SSH, "-L", f"127.0.0.1:{port}:127.0.0.1:{item.port}", reach.connect.hostname]
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ssh must not outlive a program that asked for it
    process = subprocess.Popen(line, stdin=subprocess.DEVNULL)
    try:
        if not listening(process, port):
            return 1
        url = f"http://127.0.0.1:{port}/"
        if order.as_json:
            print_json({"url": url, "port": port, "gateway": item.id, "pid": process.pid})
        else:
            print(url, flush=True)
            say(f"{item.id} is open here until Ctrl+C; its token: openclaw fleet exec --limit {item.id} -- dashboard")
        process.wait()
        return 1
    except KeyboardInterrupt:
        return 0
    finally:
        process.terminate()
        process.wait()


def free_port(wanted: int) -> int:
    """That port of this machine, any for 0. Raises NoTunnelError when somebody listens on it.

    Whoever that is would be taken for the gateway, and be shown its token.
    """
    try:
        with socket.create_server(("127.0.0.1", wanted)) as server:
            return int(server.getsockname()[1])
    except OSError as error:
        reason = f"port {wanted} cannot be used here: {os.strerror(error.errno or 0)}"
        raise NoTunnelError(reason, hint="name another with --port, or leave it out") from None


def listening(process: subprocess.Popen[bytes], port: int) -> bool:
    """Waits until ssh has opened the port; False when it ended instead."""
    while process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return True
        except OSError:
            try:
                process.wait(timeout=0.1)
            except subprocess.TimeoutExpired:
                continue
    return False
