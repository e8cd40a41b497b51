"""The listener that Tailscale's managed route leads to."""

import socket

from clawfleet.access.ingress import TailscaleListener


def test_it_listens_on_this_machine_alone_on_a_port_of_its_own() -> None:
    listener = TailscaleListener.open("serve")
    with listener.socket, socket.create_connection(("127.0.0.1", listener.port), timeout=5):
        assert listener.mode == "serve"
        assert listener.socket.getsockname() == ("127.0.0.1", listener.port)
