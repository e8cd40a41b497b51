"""Asks the unauthenticated probe endpoints of a gateway on this machine, over HTTP or HTTPS as it serves."""

from __future__ import annotations

import http.client
import json
import ssl
from typing import Any

from clawfleet.host.tls_pin import PinnedContext, WrongCertificate

ANSWER_LIMIT = 16_384


def ask(host: str, port: int, path: str, *, timeout_s: float) -> dict[str, Any] | None:
    """The JSON object at `path`; None when nobody answers with one in time.

    A port that hangs up on HTTP is asked by TLS, whatever its certificate: nothing secret is said.
    """
    try:
        return _get(http.client.HTTPConnection(host, port, timeout=timeout_s), path)
    except (http.client.RemoteDisconnected, http.client.BadStatusLine, ConnectionResetError, BrokenPipeError):
        return ask_by_tls(host, port, path, timeout_s=timeout_s)
    except (OSError, ValueError, http.client.HTTPException):
        return None


def ask_by_tls(host: str, port: int, path: str, *, timeout_s: float, pin: str | None = None) -> dict[str, Any] | None:
    """The same of a port that speaks TLS, with the certificate of the fingerprint `pin` if there is one."""
    context: ssl.SSLContext = PinnedContext.of(pin)
    try:
        return _get(http.client.HTTPSConnection(host, port, timeout=timeout_s, context=context), path)
    except (OSError, ValueError, http.client.HTTPException, WrongCertificate):
        return None


def _get(connection: http.client.HTTPConnection, path: str) -> dict[str, Any] | None:
    try:
        connection.request("GET", path)
        answer = json.loads(connection.getresponse().read(ANSWER_LIMIT))
    finally:
        connection.close()
    return answer if isinstance(answer, dict) else None
