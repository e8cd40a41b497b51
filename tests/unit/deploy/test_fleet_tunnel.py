"""The port of a gateway on this machine."""

from __future__ import annotations

import socket

import pytest

from control.tunnel import NoTunnelError, free_port


def test_a_port_that_somebody_listens_on_is_refused() -> None:
    """Whoever it is would be taken for the gateway, and be shown its token."""
    assert free_port(0) > 0
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        taken = stranger.getsockname()[1]
        with pytest.raises(NoTunnelError, match=f"port {taken} cannot be used here: Address already in use"):
            free_port(taken)
