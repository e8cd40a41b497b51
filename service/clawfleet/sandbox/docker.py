"""The only caller of Docker: containers made, found and removed, and programs run in them.

Everything goes over one `Daemon`, except waiting for a program's output: each running program has a thread for that.
Failures come out as `SandboxUnavailable`, never as the SDK's.
"""

from __future__ import annotations

import asyncio
import logging
import select
import socket
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from clawfleet.core.clock import now_ms
from clawfleet.core.errors import ToolError
from clawfleet.core.ids import new_id
from clawfleet.core.tasks import Tasks
from clawfleet.sandbox.daemon import Daemon
from clawfleet.sandbox.engine import Execution
from clawfleet.sandbox.failures import SandboxUnavailable
from clawfleet.sandbox.outside import Outside, look_outside
from clawfleet.sandbox.place import Keyboard, Output
from clawfleet.sandbox.reuse import Found
from clawfleet.sandbox.spec import ContainerSpec, Mount

if TYPE_CHECKING:
    from docker import APIClient

log = logging.getLogger("clawfleet.sandbox")

MOST_PROGRAMS = 64
"""Programs whose output is read at once; the output of further ones waits in Docker until one has ended."""
IDLE_PROCESSES = 2
"""What runs in a container that nobody uses: Docker's init, and the process that it keeps."""
GRACE_S = 2.0
"""Between SIGTERM and SIGKILL."""
KILL_S = 5.0
OOM_SCORE = 500
"""When the host itself runs out of memory, sandboxed processes go first."""
TYPING_S = 5.0
"""Longest wait for a program to take what is typed."""
CHUNK = 65_536
PIECE = 4_096
"""What fits into a socket that takes anything at all."""

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
        self._connection: Any = None
        self.is_hung_up = False
        self._is_closing = False
        self._id = ""

    def open(self, api: APIClient) -> None:
        """Start it, unless it was given up while Docker took its time: then nobody is left who would end it."""
        asked = self._execution
        created = api.exec_create(
            self.container_id,
            list(asked.argv),
            environment={**asked.env, "OPENCLAW_EXEC_ID": self.mark},
            workdir=asked.workdir,
            stdin=bool(asked.stdin) or asked.keyboard is not None,
            tty=asked.keyboard is not None,
        )
        if self.is_hung_up:
            return
        self._id = created["Id"]
        self._connection = api.exec_start(self._id, socket=True, tty=asked.keyboard is not None)
        self._socket.settimeout(None)
        if asked.stdin:
            self.write(asked.stdin)

    def write(self, data: bytes) -> None:
        """Send input. It is not closed afterwards, which not every connection can do: a program must know its end."""
        bare, rest = self._socket, memoryview(data)
        deadline = time.monotonic() + TYPING_S
        while rest:
            if not select.select([], [bare], [], max(0, deadline - time.monotonic()))[1]:
                raise TimeoutError
            rest = rest[bare.send(rest[:PIECE]) :]

    def read(self) -> bytes:
        """The next piece of output, stdout and stderr alike; empty at the end.

        Docker frames it: a byte for the stream, three of nothing, four with the length. It is read where the answer's
        headers were read, not from the bare socket: on a busy machine the first output is already buffered there.
        """
        stream = self._connection._response.raw._fp.fp
        if self._execution.keyboard is not None:  # a terminal has one stream, which is not framed
            with suppress(OSError, ValueError):
                return bytes(stream.read1(CHUNK))
            return b""
        # A daemon that went away, or a hang-up, ends the stream; asking for the exit code then tells what happened.
        with suppress(OSError, ValueError):
            while len(header := stream.read(8)) == 8:
                if size := int.from_bytes(header[4:]):
                    return bytes(stream.read(size))
        return b""

    def exit_code(self, api: APIClient) -> int | None:
        """None while it runs."""
        state = api.exec_inspect(self._id)
        return None if state["Running"] else int(state["ExitCode"])

    def hang_up(self) -> None:
        """Give the connection back, after waking up a thread that still reads from it. Once more is harmless."""
        self.is_hung_up = True
        if self._connection is None or self._is_closing:
            return
        self._is_closing = True
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        if self.reading is not None and not self.reading.done():
            self.reading.add_done_callback(lambda _: self._close())
        else:
            self._close()

    def _close(self) -> None:
        bare = self._socket
        self._connection._response.close()
        self._connection.close()
        bare.close()

    @property
    def keyboard(self) -> Keyboard | None:
        """What types to it, if it runs on a terminal."""
        return self._execution.keyboard

    @property
    def _socket(self) -> Any:
        """The socket itself: the SDK gives a file around it, or the TLS socket."""
        return getattr(self._connection, "_sock", self._connection)


class Docker:
    """Docker as one gateway uses it."""

    def __init__(self, daemon: Daemon) -> None:
        self._daemon = daemon
        self._streams = ThreadPoolExecutor(MOST_PROGRAMS, "docker-output")
        self._tasks = Tasks()
        self._outside: Outside | None = None
        self._running: set[_Program] = set()

    async def find(self, name: str) -> Found | None:
        """The container of that name, running or not."""

        def work(api: APIClient) -> Found | None:
            from docker.errors import NotFound

            try:
                row = api.inspect_container(name)
            except NotFound:
                return None
            config, running = row["Config"], row["State"]["Running"]
            labels = config["Labels"] or {}
            return Found(row["Id"], name, running, _created_at_ms(labels), labels, config["Image"], row["Image"])

        return await self._daemon.call(work)

    async def of_instance(self, tag: str) -> list[Found]:
        """Every sandbox container of one gateway."""
        wanted = {"label": ["openclaw.sandbox=1", f"openclaw.instance={tag}"]}
        rows = await self._daemon.call(lambda api: api.containers(all=True, filters=wanted))
        return [
            Found(
                row["Id"],
                row["Names"][0].lstrip("/"),
                row["State"] == "running",
                _created_at_ms(row["Labels"]),
                row["Labels"],
                row["Image"],
                row["ImageID"],
            )
            for row in rows
        ]

    async def create(self, spec: ContainerSpec) -> Found:
        """A new container that does not run yet; its only process will be an idle one."""
        created_at_ms = now_ms()
        labels = {**spec.labels, "openclaw.createdAtMs": str(created_at_ms)}

        def work(api: APIClient) -> str:
            self._outside = self._outside or look_outside(api, self._daemon.environ)
            mounts = self._outside.of(spec.mounts)
            created = api.create_container(
                spec.image,
                ["sleep", "infinity"],
                name=spec.name,
                entrypoint=[],
                user=spec.user,
                working_dir=spec.workdir,
                environment=dict(spec.env),
                labels=labels,
                host_config=api.create_host_config(**_host_settings(spec, mounts)),
            )
            return str(created["Id"])

        return Found(await self._daemon.call(work, image=spec.image), spec.name, False, created_at_ms, labels)

    async def image_id(self, image: str) -> str | None:
        """What the name of an image means now; None when there is no such image."""

        def work(api: APIClient) -> str | None:
            from docker.errors import NotFound

            try:
                row: dict[str, Any] = api.inspect_image(image)  # type: ignore[no-untyped-call]
            except NotFound:
                return None
            return str(row["Id"])

        return await self._daemon.call(work)

    async def has_leftovers(self, found: Found) -> bool:
        """Whether more runs in it than the idle process and its init."""

        def work(api: APIClient) -> bool:
            return len(api.top(found.id)["Processes"]) > IDLE_PROCESSES

        return await self._daemon.call(work)

    async def stop(self, found: Found) -> None:
        """End everything that runs in it, at once; stopped or gone already is fine."""

        def work(api: APIClient) -> None:
            from docker.errors import APIError

            try:
                api.kill(found.id)
            except APIError as error:
                if error.status_code not in (404, 409):
                    raise

        await self._daemon.call(work)

    async def start(self, found: Found) -> None:
        """Start it; running already is fine."""
        await self._daemon.call(lambda api: api.start(found.id))

    async def remove(self, found: Found) -> None:
        """End and remove it; gone already is fine."""

        def work(api: APIClient) -> None:
            from docker.errors import NotFound

            with suppress(NotFound):
                api.remove_container(found.id, force=True, v=True)

        await self._daemon.call(work)

    async def execute(self, container_id: str, execution: Execution, output: Output) -> int:
        """The exit code of a program run inside. When cancelled, ends the program and all its children first."""
        program = _Program(container_id, execution)
        self._running.add(program)
        opening = self._daemon.begin(program.open)
        try:
            await asyncio.shield(opening)
            self._plug_in(program)
            execution.started()
            await self._pump(program, output, self._streams)
            code = await self._exit_code(program)
        except asyncio.CancelledError:
            await asyncio.shield(self._tasks.start(self._end(program, opening, output), name="end of docker exec"))
            raise
        except BaseException:
            self._let_go(program)
            raise
        self._let_go(program)
        return code

    async def close(self) -> None:
        """Let go of the daemon. Containers stay, and so do programs that nobody cancelled; their callers fail."""
        await self._tasks.close()
        for program in list(self._running):
            self._let_go(program)
        self._streams.shutdown(wait=False)
        self._daemon.close()

    def _plug_in(self, program: _Program) -> None:
        if program.keyboard is None:
            return

        async def typing(data: bytes) -> None:
            try:
                await asyncio.get_running_loop().run_in_executor(self._daemon.threads, program.write, data)
            except (OSError, TimeoutError):
                raise ToolError("The command takes no input.") from None

        program.keyboard.plug_in(typing)

    def _let_go(self, program: _Program) -> None:
        self._running.discard(program)
        if program.keyboard is not None:
            program.keyboard.plug_in(None)
        program.hang_up()

    async def _pump(self, program: _Program, output: Output, pool: ThreadPoolExecutor) -> None:
        """Hand on output until its end. Cancelled, it can be called again and loses nothing."""
        loop = asyncio.get_running_loop()
        while not program.is_hung_up:
            program.reading = program.reading or loop.run_in_executor(pool, program.read)
            data = await asyncio.shield(program.reading)
            program.reading = None
            if not data:
                return
            output(data)

    async def _exit_code(self, program: _Program) -> int:
        """The exit code; a program may close its output before it ends."""
        pause_s = 0.01
        while (code := await self._daemon.call(program.exit_code)) is None:
            await asyncio.sleep(pause_s)
            pause_s = min(0.5, pause_s * 2)
        return code

    async def _end(self, program: _Program, opening: asyncio.Future[None], output: Output) -> None:
        """No process of `program` is left; in the worst case its container is stopped."""
        try:
            await asyncio.wait({opening}, timeout=KILL_S)
            if not opening.done():
                program.hang_up()
            elif opening.exception() is not None:
                return
            # Docker tells of no end in a container while the output of one that ended there waits to be read.
            draining = self._tasks.start(self._pump(program, output, self._streams), name="rest of a docker exec")
            await self._signal(program, "TERM")
            await asyncio.wait({draining}, timeout=GRACE_S)
            if not await self._signal(program, "KILL"):
                log.warning("container %s is stopped: a command in it did not end", program.container_id[:12])
                await self._daemon.call(lambda api: api.kill(program.container_id))
        except SandboxUnavailable as error:
            log.warning("a command in container %s may still run: %s", program.container_id[:12], error)
        finally:
            self._let_go(program)

    async def _signal(self, program: _Program, name: str) -> bool:
        """Whether the marked processes got the signal in time, and for KILL are gone."""
        argv = ("/bin/sh", "-c", END_MARKED, "end", program.mark, name)
        killer = _Program(program.container_id, Execution(argv, "/", {}))
        try:
            async with asyncio.timeout(KILL_S):
                await asyncio.shield(self._daemon.begin(killer.open))
                await self._pump(killer, lambda data: None, self._daemon.threads)
                return await self._exit_code(killer) == 0
        except TimeoutError:
            return False
        finally:
            killer.hang_up()


def _host_settings(spec: ContainerSpec, mounts: Sequence[Mount]) -> dict[str, Any]:
    limits = spec.limits
    return {
        "init": True,
        "read_only": spec.read_only_root,
        "tmpfs": {path: options for path, _, options in (each.partition(":") for each in spec.tmpfs)},
        "network_mode": spec.network,
        "cap_drop": list(spec.cap_drop),
        "security_opt": list(spec.security),
        "binds": [f"{each.source}:{each.target}:{'rw' if each.writable else 'ro'},z" for each in mounts],
        "mem_limit": limits.memory,
        "memswap_limit": limits.memory_swap,
        "nano_cpus": round(limits.cpus * 1e9) if limits.cpus else None,
        "pids_limit": limits.pids,
        "oom_score_adj": OOM_SCORE,
        "ulimits": [{"Name": name, "Soft": soft, "Hard": hard} for name, soft, hard in limits.ulimits],
        "device_requests": [_gpus(limits.gpus)] if limits.gpus else None,
        "dns": list(spec.dns),
        "extra_hosts": list(spec.extra_hosts),
    }


def _gpus(wanted: str) -> dict[str, Any]:
    """`all`, or `device=<id>,…`, as Docker's API has it."""
    devices = wanted.removeprefix("device=").split(",") if wanted.startswith("device=") else []
    count = {"DeviceIDs": devices} if devices else {"Count": -1 if wanted == "all" else int(wanted)}
    return {"Driver": "", "Capabilities": [["gpu"]], "Options": {}, **count}


def _created_at_ms(labels: Mapping[str, str]) -> int:
    text = labels.get("openclaw.createdAtMs", "")
    return int(text) if text.isdigit() else now_ms()
