"""Bodies are read within their limits; what both endpoints make of that is in their own tests."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from clawfleet.server.http_body import read_body
from clawfleet.server.http_errors import HttpRefusal


class Sent:
    """A request whose body comes in pieces."""

    def __init__(self, *pieces: bytes) -> None:
        self.pieces = pieces

    async def stream(self) -> AsyncIterator[bytes]:
        for piece in self.pieces:
            yield piece


async def test_all_of_a_body_up_to_its_limit() -> None:
    request: Any = Sent(b"ab", b"cd")
    assert await read_body(request, 4) == b"abcd"
    with pytest.raises(HttpRefusal) as caught:
        await read_body(request, 3)
    assert caught.value.status == 413
