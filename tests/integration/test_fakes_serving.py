"""Stopping a fake: whoever is at its door in that moment leaves nothing open behind."""

from __future__ import annotations

import gc
import socket
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from aiohttp import web

from tests.fakes.proxy import proxy
from tests.fakes.serving import in_thread

ROUNDS, CALLERS = 20, 10


def call(url: str) -> list[socket.socket]:
    """Callers whom the kernel has let in, and whom the event loop may not have seen yet."""
    address = urlsplit(url)
    return [socket.create_connection((str(address.hostname), address.port or 0)) for _ in range(CALLERS)]


@pytest.mark.parametrize("serve", [lambda: in_thread(web.Application), proxy], ids=["fake", "proxy"])
def test_callers_who_come_while_it_stops_leave_no_open_socket(serve: Callable[[], Any]) -> None:
    """An open socket would be told when it is collected, as a ResourceWarning, which is an error here."""
    for _ in range(ROUNDS):
        with serve() as served:
            callers = call(served if isinstance(served, str) else served.url)
        for caller in callers:
            caller.close()
        gc.collect()
