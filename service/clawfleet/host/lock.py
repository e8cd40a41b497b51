"""One gateway per state directory: a kernel lock held for the life of the process, with a readable note in the file.

The lock is the truth, the note is for people and diagnosis: `flock` ends with its process however that ends, so a
note without a lock is stale and is simply taken over. Source: config-and-cli §4.4.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

from clawfleet import __version__
from clawfleet.core.clock import now_ms
from clawfleet.core.errors import HostError
from clawfleet.core.ids import new_id
from clawfleet.host.process import this_process

LOCK_NAME = "gateway.lock"
WAIT_S = 0.5
RETRY_S = 0.02


@dataclass(frozen=True, slots=True)
class LockInfo:
    """Who holds, or held, the lock of a state directory. `alive` says whether the lock is held right now.

    `service` is the unit or launchd label that runs the process; None for a gateway that somebody started by hand.
    `created_at_ms` is when it last read its environment: at its start, and anew in the same process. `env_digests`
    tells what `.env` said then (config.env_digest); None when that is not known. `tls_fingerprint` is that of the
    certificate it serves with; None for one that serves in clear text.
    """

    pid: int
    owner_id: str
    created_at_ms: int
    config_path: str
    state_dir: str
    port: int
    started_at_ms: int
    instance_id: str
    version: str
    alive: bool
    service: str | None = None
    env_digests: Mapping[str, str] | None = None
    tls_fingerprint: str | None = None


class GatewayRunning(HostError):
    """Another process serves this state directory."""

    code = "GATEWAY_RUNNING"
    exit_code = 78

    def __init__(self, store_dir: Path, holder: LockInfo | None) -> None:
        who = f"pid {holder.pid}" if holder else "pid unknown"
        where = f" on port {holder.port}" if holder else ""
        super().__init__(
            f"gateway already running ({who}){where}; it holds {store_dir / LOCK_NAME}",
            hint="see it: openclaw gateway status · replace it: openclaw gateway run --force",
            pid=holder.pid if holder else None,
        )
        self.holder = holder


class StateLock:
    """The held lock of one state directory. `release()` gives it up; so does the end of the process."""

    def __init__(self, path: Path, handle: int, info: LockInfo) -> None:
        self._path = path
        self._handle: int | None = handle
        self.info = info

    @classmethod
    def acquire(
        cls, store_dir: Path, *, port: int, config_path: Path, instance_id: str = "", service: str | None = None
    ) -> Self:
        """The lock of `store_dir`, which is made if missing. Raises GatewayRunning (exit 78) after half a second.

        `port` is the one that will be served; `move_to_port` corrects it once it is bound. `service` is the unit
        that runs this process, as `units.own_unit` tells it.
        """
        store_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = store_dir / LOCK_NAME
        handle = _take(path)
        if handle is None:
            raise GatewayRunning(store_dir, read_lock(store_dir))
        me = this_process()
        owner_id = new_id()
        info = LockInfo(
            pid=me.pid,
            owner_id=owner_id,
            created_at_ms=now_ms(),
            config_path=str(config_path),
            state_dir=str(store_dir.parent),
            port=port,
            started_at_ms=me.started_at_ms,
            instance_id=instance_id or owner_id,
            version=__version__,
            alive=True,
            service=service,
        )
        lock = cls(path, handle, info)
        lock._write()
        return lock

    def move_to_port(self, port: int) -> None:
        """Note another port: the one really bound, or the one after a restart in place."""
        self.info = replace(self.info, port=port)
        self._write()

    def note_env(self, digests: Mapping[str, str]) -> None:
        """Note what `.env` said when this gateway read it, at its start and at each restart in place."""
        created_at_ms = max(now_ms(), self.info.created_at_ms + 1)  # how a restart in place can be told from none
        self.info = replace(self.info, env_digests=digests, created_at_ms=created_at_ms)
        self._write()

    def note_tls(self, fingerprint: str | None) -> None:
        """Note the certificate that is served with, by which commands on this machine know the gateway."""
        if fingerprint != self.info.tls_fingerprint:
            self.info = replace(self.info, tls_fingerprint=fingerprint)
            self._write()

    def release(self) -> None:
        """Give the lock up and remove its file; a second call does nothing."""
        if self._handle is None:
            return
        with contextlib.suppress(FileNotFoundError):
            self._path.unlink()  # while still locked, so that nobody else's file is removed
        os.close(self._handle)
        self._handle = None

    def _write(self) -> None:
        if self._handle is None:
            raise ValueError("the lock was released")
        text = json.dumps(_to_json(self.info)).encode()
        os.pwrite(self._handle, text, 0)
        os.ftruncate(self._handle, len(text))


def read_lock(store_dir: Path) -> LockInfo | None:
    """The note in the lock file of a state directory; None when there is none that can be read."""
    path = store_dir / LOCK_NAME
    try:
        with path.open("rb") as file:
            note = json.loads(file.read())
            return _from_json(note, alive=not _is_free(file.fileno()))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _take(path: Path) -> int | None:
    """An open, locked handle on the file that stands at `path` now; None when another process keeps it locked."""
    deadline = time.monotonic() + WAIT_S
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # The former holder may have removed the file between our open and our lock.
            if path.exists() and path.stat().st_ino == os.fstat(handle).st_ino:
                return handle
        except BlockingIOError:
            pass
        os.close(handle)
        if time.monotonic() > deadline:
            return None
        time.sleep(RETRY_S)


def _is_free(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    fcntl.flock(handle, fcntl.LOCK_UN)
    return True


def _to_json(info: LockInfo) -> dict[str, object]:
    return {
        "pid": info.pid,
        "ownerId": info.owner_id,
        "createdAt": info.created_at_ms,
        "configPath": info.config_path,
        "stateDir": info.state_dir,
        "port": info.port,
        "startTime": info.started_at_ms,
        "instanceId": info.instance_id,
        "version": info.version,
        "service": info.service,
        "envDigests": None if info.env_digests is None else dict(info.env_digests),
        "tlsFingerprint": info.tls_fingerprint,
    }


def _from_json(note: Mapping[str, Any], *, alive: bool) -> LockInfo:
    return LockInfo(
        pid=int(note["pid"]),
        owner_id=str(note["ownerId"]),
        created_at_ms=int(note["createdAt"]),
        config_path=str(note["configPath"]),
        state_dir=str(note["stateDir"]),
        port=int(note["port"]),
        started_at_ms=int(note["startTime"]),
        instance_id=str(note.get("instanceId") or ""),
        version=str(note.get("version") or ""),
        alive=alive,
        service=str(note["service"]) if note.get("service") else None,
        env_digests=dict(note["envDigests"]) if isinstance(note.get("envDigests"), dict) else None,
        tls_fingerprint=str(note["tlsFingerprint"]) if note.get("tlsFingerprint") else None,
    )
