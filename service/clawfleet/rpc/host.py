"""`system.info`: the machine that this gateway runs on. Source: protocol §12."""

from __future__ import annotations

import asyncio
import platform

from clawfleet.core.clock import now_ms
from clawfleet.host.machine import lan_address, look
from clawfleet.host.memory import resident_bytes
from clawfleet.rpc.call import Call
from clawfleet.rpc.health import EventLoop
from clawfleet.rpc.registry import NoParams, Result, method


class ProcessMemory(Result):
    """Memory of this process that is in use now, in bytes."""

    rss_bytes: int


class DiskSpace(Result):
    """One disk, in bytes."""

    path: str
    total_bytes: int
    available_bytes: int


class UtilityModel(Result):
    """The small model for chores beside turns; this gateway uses none."""

    status: str


class SystemInfo(Result):
    """The answer of `system.info`. `node_version` is the version of the language runtime, which here is Python."""

    machine_name: str
    hostname: str
    platform: str
    release: str
    arch: str
    os_label: str
    lan_address: str | None = None
    port: int
    node_version: str
    pid: int
    process_instance_id: str
    uptime_ms: int
    cpu_count: int
    cpu_model: str | None = None
    load_average: list[float]
    memory_total_bytes: int
    memory_free_bytes: int
    event_loop: EventLoop
    process_memory: ProcessMemory
    disks: list[DiskSpace]
    disk_total_bytes: int
    disk_available_bytes: int
    disk_path: str
    default_agent_utility_model: UtilityModel


@method("system.info", scope="operator.read")
async def system_info(call: Call, params: NoParams) -> SystemInfo:
    """The machine and this process on it."""
    gateway, vitals = call.gateway, call.gateway.vitals
    machine = await asyncio.to_thread(look, gateway.instance.state_dir)
    disk = machine.disk
    return SystemInfo(
        machine_name=machine.hostname,
        hostname=machine.hostname,
        platform=machine.platform,
        release=machine.release,
        arch=machine.arch,
        os_label=machine.os_label,
        lan_address=lan_address(),
        port=vitals.port,
        node_version=f"Python {platform.python_version()}",
        pid=vitals.pid,
        process_instance_id=vitals.boot_id,
        uptime_ms=now_ms() - vitals.started_at_ms,
        cpu_count=machine.cpu_count,
        cpu_model=machine.cpu_model,
        load_average=[round(value, 2) for value in machine.load],
        memory_total_bytes=machine.memory_total_bytes,
        memory_free_bytes=machine.memory_free_bytes,
        event_loop=EventLoop.of(gateway.loop.health()),
        process_memory=ProcessMemory(rss_bytes=resident_bytes()),
        disks=[DiskSpace(path=disk.path, total_bytes=disk.total_bytes, available_bytes=disk.available_bytes)],
        disk_total_bytes=disk.total_bytes,
        disk_available_bytes=disk.available_bytes,
        disk_path=disk.path,
        default_agent_utility_model=UtilityModel(status="unavailable"),
    )
