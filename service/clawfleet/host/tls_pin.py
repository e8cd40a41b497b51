"""Trust in one certificate by its fingerprint: that of the gateway which is meant, whoever signed it.

A gateway on this machine is known by the certificate in its state directory, one elsewhere by the fingerprint that
its operator was told. Names and dates in the certificate count for nothing then.
"""

from __future__ import annotations

import socket
import ssl
from typing import Any

from clawfleet.core.certificate import fingerprint_of
from clawfleet.core.errors import HostError


class WrongCertificate(HostError):
    """Another certificate than the pinned one: another gateway, a renewed certificate, or somebody in between."""

    code = "TLS_FINGERPRINT_MISMATCH"


class PinnedContext(ssl.SSLContext):
    """A client's TLS that goes by the fingerprint of the server's certificate, before anything is sent.

    Without a fingerprint it trusts everybody, and must be told nothing secret.
    """

    pin: str | None

    @classmethod
    def of(cls, pin: str | None) -> PinnedContext:
        """The context for the certificate with the fingerprint `pin`, lower-case hex digits."""
        context = cls(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # replaced by the comparison below
        context.pin = pin
        return context

    def wrap_socket(self, sock: socket.socket, *given: Any, **more: Any) -> ssl.SSLSocket:
        """The socket under TLS. Raises WrongCertificate."""
        wrapped = super().wrap_socket(sock, *given, **more)
        found = fingerprint_of(wrapped.getpeercert(binary_form=True) or b"")
        if self.pin is not None and found != self.pin:
            wrapped.close()
            raise WrongCertificate(
                f"the server shows another certificate than the pinned one (sha256 {found})",
                hint="if its operator renewed it, pin the new one: gateway.remote.tlsFingerprint or --tls-fingerprint",
            )
        return wrapped
