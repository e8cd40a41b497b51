"""Takes up a renewed certificate without a restart, and tells in time that one is about to expire.

Connections that are open stay as they are. Source: http-and-web §2 (TLS).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path

from clawfleet.config.stamps import Stamp, stamps
from clawfleet.core.certificate import DAY_MS
from clawfleet.core.clock import now_ms
from clawfleet.core.tasks import Tasks
from clawfleet.host.tls_files import WARN_DAYS, ServerTls, TlsUnusable

log = logging.getLogger("clawfleet.gateway.tls")

POLL_S = 1.0
"""Certificate and key are two files: those that stay the same for so long are taken to belong together."""


class CertificateWatch:
    """One task that looks at the files. `is_on` says whether changes are followed now; `renewed` hears of each."""

    def __init__(
        self, tls: ServerTls, is_on: Callable[[], bool], renewed: Callable[[str], None], *, poll_s: float = POLL_S
    ) -> None:
        self._tls = tls
        self._is_on = is_on
        self._renewed = renewed
        self._poll_s = poll_s
        self._tasks = Tasks()
        self._warn_at_ms = 0

    def start(self) -> None:
        """Begin, and tell the fingerprint that clients elsewhere pin."""
        certificate = self._tls.certificate
        log.info("certificate: sha256 %s, until %s", certificate.fingerprint, certificate.last_day)
        self._tasks.start(self._run(), name="certificate-watch")

    async def close(self) -> None:
        """Look no more."""
        await self._tasks.close()

    async def _run(self) -> None:
        taken: dict[Path, Stamp] = {}
        seen: dict[Path, Stamp] = {}
        while True:
            now = stamps(self._tls.files.paths)
            if now == seen != taken and self._is_on():
                await asyncio.to_thread(self._renew)
                taken = now
            seen = now
            self._warn()
            await asyncio.sleep(self._poll_s)

    def _renew(self) -> None:
        try:
            if not self._tls.renew():
                return
        except TlsUnusable as error:
            log.error("the certificate stays the one before: %s; %s", error.message, error.hint)
            return
        certificate, self._warn_at_ms = self._tls.certificate, 0
        self._renewed(certificate.fingerprint)
        log.info("certificate renewed: sha256 %s, until %s", certificate.fingerprint, certificate.last_day)

    def _warn(self) -> None:
        """Tell once a day that the end is near."""
        now, certificate = now_ms(), self._tls.certificate
        if now < self._warn_at_ms:
            return
        self._warn_at_ms = now + DAY_MS
        left = certificate.days_left(now)
        if left < WARN_DAYS:
            log.warning("the certificate %s expires on %s: renew it", self._tls.files.cert, certificate.last_day)
