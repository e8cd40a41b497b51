"""A renewed certificate is taken up, what cannot be served with is not, and its end is told in time."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from clawfleet.host.tls_files import ServerTls, TlsFiles
from clawfleet.runtime.certificate_watch import CertificateWatch
from tests.support.certificates import Authority, Signed

AUTHORITY = Authority()


@pytest.fixture
def files(tmp_path: Path) -> TlsFiles:
    return TlsFiles(tmp_path / "cert.pem", tmp_path / "key.pem", None)


def put(files: TlsFiles, signed: Signed) -> None:
    for path, text in ((files.cert, signed.cert), (files.key, signed.key)):
        fresh = path.with_suffix(".new")
        fresh.write_text(text)
        fresh.replace(path)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.01)


async def test_a_renewed_pair_is_taken_up(files: TlsFiles, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    put(files, AUTHORITY.sign("a", days=(-1, 90)))
    tls, heard = ServerTls(files), list[str]()
    first = tls.certificate.fingerprint
    watch = CertificateWatch(tls, lambda: True, heard.append, poll_s=0.01)
    watch.start()
    assert f"certificate: sha256 {first}" in caplog.text
    files.key.write_text("half of it")
    await until(lambda: "the certificate stays the one before: gateway.tls.keyPath" in caplog.text)
    put(files, AUTHORITY.sign("a", days=(-1, 90)))
    await until(lambda: bool(heard))
    assert heard == [tls.certificate.fingerprint] != [first]
    assert f"certificate renewed: sha256 {heard[0]}" in caplog.text
    assert "expires" not in caplog.text
    await watch.close()


async def test_what_is_changed_while_it_is_off_is_taken_up_after(files: TlsFiles) -> None:
    put(files, AUTHORITY.sign("a"))
    tls, heard, on = ServerTls(files), list[str](), asyncio.Event()
    asked = asyncio.Semaphore(0)

    def is_on() -> bool:
        asked.release()
        return on.is_set()

    watch = CertificateWatch(tls, is_on, heard.append, poll_s=0.01)
    put(files, AUTHORITY.sign("a"))
    watch.start()
    for _ in range(3):
        await asked.acquire()
    assert heard == []
    on.set()
    await until(lambda: bool(heard))
    await watch.close()


async def test_its_end_is_told_in_time(files: TlsFiles, caplog: pytest.LogCaptureFixture) -> None:
    put(files, AUTHORITY.sign("a", days=(-1, 20)))
    tls = ServerTls(files)
    looks = 0

    def is_on() -> bool:
        nonlocal looks
        looks += 1
        return False

    watch = CertificateWatch(tls, is_on, lambda _: None, poll_s=0.001)
    watch.start()
    await until(lambda: looks > 5)
    await watch.close()
    assert caplog.text.count(f"expires on {tls.certificate.last_day}: renew it") == 1
