"""uvicorn's WebSocket protocol, whose connections end also when the other end has stopped reading.

A transport that is closed first waits until everything was read; somebody who never reads would keep it, and what is
buffered for it, for ever.
"""

from __future__ import annotations

import asyncio

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from clawfleet.protocol import limits


class SocketProtocol(WebSocketsSansIOProtocol):
    """A WebSocket that is cut `limits.CLOSE_S` after its end, unless it has ended by itself."""

    _cut: asyncio.TimerHandle | None = None

    async def run_asgi(self) -> None:
        """Serve, then make sure that the connection goes."""
        try:
            await super().run_asgi()
        finally:
            self._cut_later()

    def keepalive_timeout(self) -> None:
        """The other end has not answered a ping."""
        super().keepalive_timeout()
        self._cut_later()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        super().connection_lost(exc)
        if self._cut is not None:
            self._cut.cancel()
            self._cut = None

    def _cut_later(self) -> None:
        if not self.disconnected and self._cut is None:
            self._cut = self.loop.call_later(limits.CLOSE_S, self.transport.abort)
