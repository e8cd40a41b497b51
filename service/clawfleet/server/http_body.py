"""The body of a request, within its limits. Source: http-and-web §2."""

from __future__ import annotations

import asyncio

from fastapi import Request

from clawfleet.server.http_errors import HttpRefusal

BODY_S = 30.0


async def read_body(request: Request, max_bytes: int) -> bytes:
    """All of it. Raises `HttpRefusal` when it is too large or takes too long."""
    data = bytearray()
    try:
        async with asyncio.timeout(BODY_S):
            async for chunk in request.stream():
                data += chunk
                if len(data) > max_bytes:
                    raise HttpRefusal(413, "Payload too large", "invalid_request_error")
    except TimeoutError:
        raise HttpRefusal(408, "Request body timeout", "invalid_request_error") from None
    return bytes(data)
