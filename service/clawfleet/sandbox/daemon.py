"""The line to the Docker daemon: opened at first use, every call in a thread, with a deadline and in the user's words.

The SDK blocks; it is imported here, when a sandbox is first needed. The `docker` command itself is not.
"""

from __future__ import annotations

import asyncio
import shutil
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from clawfleet.sandbox.failures import PackageMissing, SandboxUnavailable

if TYPE_CHECKING:
    from docker import APIClient

T = TypeVar("T")

DEADLINE_S = 60
"""Longest wait for one answer of the daemon."""
THREADS = 4


class Daemon:
    """One gateway's line to Docker. `environ` has DOCKER_HOST and its like; contexts of the CLI are honoured."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = dict(environ)
        self._api: APIClient | None = None
        self._connecting = threading.Lock()
        self._closed = False
        self.threads = ThreadPoolExecutor(THREADS, "docker")

    async def call(self, work: Callable[[APIClient], T], *, image: str = "") -> T:
        """What `work` returns. Raises `SandboxUnavailable` when Docker, or `image`, cannot be had."""
        try:
            async with asyncio.timeout(DEADLINE_S + 5):
                return await self.begin(work, image=image)
        except TimeoutError:
            raise SandboxUnavailable(f"Docker did not answer within {DEADLINE_S} seconds.") from None

    def begin(self, work: Callable[[APIClient], T], *, image: str = "") -> asyncio.Future[T]:
        """The same as a future: who waits for it may be cancelled and still learn later what became of it."""
        if self._closed:
            raise _hung_up()
        return asyncio.get_running_loop().run_in_executor(self.threads, self._blocking, work, image)

    def close(self) -> None:
        """Hang up; a call that still waits for the daemon is left to its own deadline."""
        self._closed = True
        self.threads.shutdown(wait=False)
        if self._api is not None:
            self._api.close()

    def _blocking(self, work: Callable[[APIClient], T], image: str) -> T:
        try:
            from docker.errors import APIError, DockerException, ImageNotFound
            from requests import RequestException
        except ImportError:
            raise PackageMissing from None
        try:
            if self._closed:
                raise _hung_up()
            return work(self._connected())
        except ImageNotFound:
            raise _image_missing(image) from None
        except APIError as error:
            raise SandboxUnavailable(f"Docker refused: {error.explanation or error}") from error
        except (DockerException, RequestException, OSError) as error:
            raise (_hung_up() if self._closed else self._daemon_missing(error)) from error

    def _connected(self) -> APIClient:
        """The client, made at first use; a failure is not remembered, so that a started daemon is found."""
        import docker

        with self._connecting:
            if self._api is None:
                self._api = docker.from_env(environment=self.environ, timeout=DEADLINE_S).api
            return self._api

    def _daemon_missing(self, error: Exception) -> SandboxUnavailable:
        off = 'or set agents.defaults.sandbox.mode to "off"'
        if "DOCKER_HOST" not in self.environ and not shutil.which("docker", path=self.environ.get("PATH")):
            return SandboxUnavailable(
                'Sandbox mode requires Docker, but the "docker" command was not found in PATH. Install Docker.',
                hint=f"install Docker, {off}",
            )
        where = f" at {self.environ['DOCKER_HOST']}" if "DOCKER_HOST" in self.environ else ""
        return SandboxUnavailable(
            f"Sandbox mode requires Docker, but the Docker daemon is not available. Nothing answers{where} "
            f"({_cause(error)}).",
            hint=f"start Docker, let this user reach its socket, {off}",
        )


def _hung_up() -> SandboxUnavailable:
    return SandboxUnavailable("The gateway is stopping; its line to Docker is closed.")


def _image_missing(image: str) -> SandboxUnavailable:
    if image.startswith("openclaw-sandbox:"):
        return SandboxUnavailable(
            f"Sandbox image not found: {image}. Build it first: make sandbox-image",
            hint="run `make sandbox-image` where the gateway's Docker runs",
        )
    return SandboxUnavailable(
        f"Sandbox image not found: {image}. Build it or pull it first.",
        hint="see agents.defaults.sandbox.docker.image; the default one is built by `make sandbox-image`",
    )


def _cause(error: BaseException) -> str:
    """The last reason in a chain of wrapped ones, in the operating system's words when it has some."""
    seen = error
    while (deeper := seen.__cause__ or seen.__context__) is not None:
        seen = deeper
    return (seen.strerror if isinstance(seen, OSError) else None) or str(seen) or type(seen).__name__
