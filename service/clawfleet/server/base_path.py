"""`gateway.controlUi.basePath`: the whole HTTP side answers below a prefix too, the Control UI there alone.

Probes and the API stay at the root as well, where load balancers and clients look for them. Source: http-and-web §13.
"""

from __future__ import annotations

from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send


class BelowPrefix:
    """Tells `app` which requests came below `prefix`, by ASGI's `root_path`."""

    def __init__(self, app: ASGIApp, prefix: str) -> None:
        self._app = app
        self._prefix = prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; the prefix without its slash is led to the page."""
        if scope["path"] == self._prefix:
            query = f"?{scope['query_string'].decode('latin-1')}" if scope["query_string"] else ""
            await RedirectResponse(f"{self._prefix}/{query}", 302)(scope, receive, send)
            return
        if scope["path"].startswith(f"{self._prefix}/"):
            scope = {**scope, "root_path": self._prefix}
        await self._app(scope, receive, send)
