"""The only caller of Docker: a small async face on its SDK, every call with a deadline.

The SDK blocks, so calls run in threads of their own: a few for control, one for each running program. It is imported
at first use; the `docker` command is not needed. Failures come out as `SandboxUnavailable`, never as the SDK's.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

from clawfleet.core.clock import now_ms
from clawfleet.core.ids import new_id
from clawfleet.core.tasks import Tasks
from clawfleet.sandbox.containers import Execution
from clawfleet.sandbox.failures import SandboxUnavailable
from clawfleet.sandbox.place import Output
from clawfleet.sandbox.reuse import Found
from clawfleet.sandbox.spec import ContainerSpec

if TYPE_CHECKING:
    from docker import APIClient

log = logging.getLogger("clawfleet.sandbox")
T = TypeVar("T")

DEADLINE_S = 60
"""Longest wait for one answer of the daemon."""
CONTROL_THREADS = 4
MOST_PROGRAMS = 64
"""Programs whose output is read at once; the output of further ones waits in Docker until one has ended."""
GRACE_S = 2.0
"""Between SIGTERM and SIGKILL."""
KILL_S = 5.0

# Docker can start a program in a container but not end it. Each program gets a mark in its environment, which its
# children inherit; this script signals whatever carries the mark, and for KILL goes on until nothing does (exit 0).
END_MARKED = """
round=0
while [ "$round" -lt 20 ]; do
  found=
  for process in /proc/[0-9]*; do
    if grep -qsF "OPENCLAW_EXEC_ID=$1" "$process/environ"; then found=1; kill -s "$2" "${process#/proc/}"; fi
  done
  if [ -z "$found" ] || [ "$2" != KILL ]; then exit 0; fi
  round=$((round + 1))
  sleep 0.1
done
exit 1
"""


class _Program:
    """One program in a container. The methods block; each runs in a thread."""

    def __init__(self, container_id: str, execution: Execution) -> None:
        self.container_id = container_id
        self.mark = new_id()
        self.reading: asyncio.Future[bytes] | None = None
        self._execution = execution
        self._stream: Any = None
        self._frames: Iterator[tuple[int, bytes]] = iter(())
        self._id = ""

    def open(self, api: APIClient) -> None:
        """Start it."""
        from docker.utils.socket import frames_iter

        created = api.exec_create(
            self.container_id,
            list(self._execution.argv),
            environment={**self._execution.env, "OPENCLAW_EXEC_ID": self.mark},
            workdir=self._execution.workdir,
        )
        self._id = created["Id"]
        self._stream = api.exec_start(self._id, socket=True)
        self._socket.settimeout(None)
        self._frames = frames_iter(self._stream, tty=False)  # type: ignore[no-untyped-call]

    def read(self) -> bytes:
        """The next piece of output, stdout and stderr alike; empty at the end."""
        # A daemon that went away, or a hang-up, ends the stream; asking for the exit code then tells what happened.
        with suppress(OSError, ValueError):
            return next(self._frames, (0, b""))[1]
        return b""

    def exit_code(self, api: APIClient) -> int | None:
        """None while it runs."""
        state = api.exec_inspect(self._id)
        return None if state["Running"] else int(state["ExitCode"])

    def hang_up(self) -> None:
        """Wake up a thread that reads, and give the connection back."""
        if self._stream is not None:
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)
            self._stream.close()
            self._socket.close()

    @property
    def _socket(self) -> Any:
        """The socket itself: the SDK hands out a file around it, or the TLS socket."""
        return getattr(self._stream, "_sock", self._stream)


class Docker:
    """Docker as one gateway uses it. `environ` has DOCKER_HOST and its like; contexts of the CLI are honoured."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = dict(environ)
        self._api: APIClient | None = None
        self._connecting = threading.Lock()
        self._control = ThreadPoolExecutor(CONTROL_THREADS, "docker")
        self._streams = ThreadPoolExecutor(MOST_PROGRAMS, "docker-output")
        self._tasks = Tasks()

    async def find(self, name: str) -> Found | None:
        """The container of that name, running or not."""

        def work(api: APIClient) -> Found | None:
            from docker.errors import NotFound

            try:
                row = api.inspect_container(name)
            except NotFound:
                return None
            labels = row["Config"]["Labels"] or {}
            return Found(row["Id"], name, row["State"]["Running"], _created_at_ms(labels), labels)

        return await self._call(work)

    async def of_instance(self, tag: str) -> list[Found]:
        """Every sandbox container of one gateway."""
        wanted = {"label": ["openclaw.sandbox=1", f"openclaw.instance={tag}"]}
        rows = await self._call(lambda api: api.containers(all=True, filters=wanted))
        return [
            Found(
                row["Id"],
                row["Names"][0].lstrip("/"),
                row["State"] == "running",
                _created_at_ms(row["Labels"]),
                row["Labels"],
            )
            for row in rows
        ]

    async def create(self, spec: ContainerSpec) -> Found:
        """A new container that does not run yet; its only process will be an idle one."""
        created_at_ms = now_ms()
        labels = {**spec.labels, "openclaw.createdAtMs": str(created_at_ms)}

        def work(api: APIClient) -> str:
            created = api.create_container(
                spec.image,
                ["sleep", "infinity"],
                name=spec.name,
                entrypoint=[],
                user=spec.user,
                working_dir=spec.workdir,
                environment=dict(spec.env),
                labels=labels,
                host_config=api.create_host_config(**_host_settings(spec)),
            )
            return str(created["Id"])

        return Found(await self._call(work, image=spec.image), spec.name, False, created_at_ms, labels)

    async def start(self, found: Found) -> None:
        """Start it; running already is fine."""
        await self._call(lambda api: api.start(found.id))

    async def remove(self, found: Found) -> None:
        """End and remove it; gone already is fine."""

        def work(api: APIClient) -> None:
            from docker.errors import NotFound

            with suppress(NotFound):
                api.remove_container(found.id, force=True, v=True)

        await self._call(work)

    async def execute(self, container_id: str, execution: Execution, output: Output) -> int:
        """The exit code of a program run inside. When cancelled, ends the program and all its children first."""
        program = _Program(container_id, execution)
        opening = self._open(program)
        try:
            await asyncio.shield(opening)
            await self._pump(program, output, self._streams)
            code = await self._exit_code(program)
        except asyncio.CancelledError:
            await asyncio.shield(self._tasks.start(self._end(program, opening, output), name="end of docker exec"))
            raise
        except BaseException:
            program.hang_up()
            raise
        program.hang_up()
        return code

    async def close(self) -> None:
        """Let go of the daemon; containers stay."""
        await self._tasks.close()
        self._control.shutdown(wait=False, cancel_futures=True)
        self._streams.shutdown(wait=False, cancel_futures=True)
        if self._api is not None:
            self._api.close()

    def _open(self, program: _Program) -> asyncio.Future[None]:
        return asyncio.get_running_loop().run_in_executor(self._control, self._blocking, program.open, "")

    async def _pump(self, program: _Program, output: Output, pool: ThreadPoolExecutor) -> None:
        """Hand on output until its end. Cancelled, it can be called again and loses nothing."""
        loop = asyncio.get_running_loop()
        while True:
            program.reading = program.reading or loop.run_in_executor(pool, program.read)
            data = await asyncio.shield(program.reading)
            program.reading = None
            if not data:
                return
            output(data)

    async def _exit_code(self, program: _Program) -> int:
        """The exit code; a program may close its output before it ends."""
        pause_s = 0.01
        while (code := await self._call(program.exit_code)) is None:
            await asyncio.sleep(pause_s)
            pause_s = min(0.5, pause_s * 2)
        return code

    async def _end(self, program: _Program, opening: asyncio.Future[None], output: Output) -> None:
        """No process of `program` is left; in the worst case its container is stopped."""
        try:
            await asyncio.wait({opening}, timeout=KILL_S)
            if opening.done() and opening.exception() is not None:
                return
            await self._signal(program, "TERM")
            with suppress(TimeoutError):
                await asyncio.wait_for(self._pump(program, output, self._streams), GRACE_S)
            if not await self._signal(program, "KILL"):
                log.warning("container %s is stopped: a command in it did not end", program.container_id[:12])
                await self._call(lambda api: api.kill(program.container_id))
        except SandboxUnavailable as error:
            log.warning("a command in container %s may still run: %s", program.container_id[:12], error)
        finally:
            program.hang_up()

    async def _signal(self, program: _Program, name: str) -> bool:
        """Whether the marked processes got the signal in time, and for KILL are gone."""
        argv = ("/bin/sh", "-c", END_MARKED, "end", program.mark, name)
        killer = _Program(program.container_id, Execution(argv, "/", {}))
        try:
            async with asyncio.timeout(KILL_S):
                await asyncio.shield(self._open(killer))
                await self._pump(killer, lambda data: None, self._control)
                return await self._exit_code(killer) == 0
        except TimeoutError:
            return False
        finally:
            killer.hang_up()

    async def _call(self, work: Callable[[APIClient], T], *, image: str = "") -> T:
        """What `work` returns, from a thread. Raises `SandboxUnavailable` in the user's words."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(DEADLINE_S + 5):
                return await loop.run_in_executor(self._control, self._blocking, work, image)
        except TimeoutError:
            raise SandboxUnavailable(f"Docker did not answer within {DEADLINE_S} seconds.") from None

    def _blocking(self, work: Callable[[APIClient], T], image: str) -> T:
        try:
            from docker.errors import APIError, DockerException, ImageNotFound
            from requests import RequestException
        except ImportError:
            raise SandboxUnavailable(
                'Sandbox mode requires Docker, but the "docker" Python package is not installed.',
                hint="pip install 'clawfleet[sandbox]', or set agents.defaults.sandbox.mode to \"off\"",
            ) from None
        try:
            return work(self._connected())
        except ImageNotFound:
            raise _image_missing(image) from None
        except APIError as error:
            raise SandboxUnavailable(f"Docker refused: {error.explanation or error}") from error
        except (DockerException, RequestException, OSError) as error:
            raise self._daemon_missing(error) from error

    def _connected(self) -> APIClient:
        """The client, made at first use; a failure is not remembered, so that a started daemon is found."""
        import docker

        with self._connecting:
            if self._api is None:
                self._api = docker.from_env(environment=self._environ, timeout=DEADLINE_S).api
            return self._api

    def _daemon_missing(self, error: Exception) -> SandboxUnavailable:
        off = 'or set agents.defaults.sandbox.mode to "off"'
        if "DOCKER_HOST" not in self._environ and not shutil.which("docker", path=self._environ.get("PATH")):
            return SandboxUnavailable(
                'Sandbox mode requires Docker, but the "docker" command was not found in PATH. Install Docker.',
                hint=f"install Docker, {off}",
            )
        where = f" at {self._environ['DOCKER_HOST']}" if "DOCKER_HOST" in self._environ else ""
        return SandboxUnavailable(
            f"Sandbox mode requires Docker, but the Docker daemon is not available. Nothing answers{where} "
            f"({_cause(error)}).",
            hint=f"start Docker, let this user reach its socket, {off}",
        )


def _host_settings(spec: ContainerSpec) -> dict[str, Any]:
    return {
        "init": True,
        "read_only": spec.read_only_root,
        "tmpfs": dict.fromkeys(spec.tmpfs, ""),
        "network_mode": spec.network,
        "cap_drop": list(spec.cap_drop),
        "security_opt": ["no-new-privileges"],
        "binds": [f"{each.source}:{each.target}:{'rw' if each.writable else 'ro'},z" for each in spec.mounts],
        "mem_limit": spec.memory,
        "memswap_limit": spec.memory_swap,
        "nano_cpus": round(spec.cpus * 1e9) if spec.cpus else None,
        "pids_limit": spec.pids_limit,
    }


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


def _created_at_ms(labels: Mapping[str, str]) -> int:
    text = labels.get("openclaw.createdAtMs", "")
    return int(text) if text.isdigit() else now_ms()


def _cause(error: BaseException) -> str:
    """The last reason in a chain of wrapped ones, in the operating system's words when it has some."""
    seen = error
    while (deeper := seen.__cause__ or seen.__context__) is not None:
        seen = deeper
    return (seen.strerror if isinstance(seen, OSError) else None) or str(seen) or type(seen).__name__
