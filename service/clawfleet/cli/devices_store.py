"""What `openclaw devices` does when no gateway runs: the same, on the store itself, answered in the same shapes."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from clawfleet.access.devices import Devices
from clawfleet.protocol.scopes import ADMIN
from clawfleet.rpc.devices import PairedRow, PendingRow
from clawfleet.rpc.registry import to_wire
from clawfleet.store.files import private_dir
from clawfleet.store.schema import MIGRATIONS
from clawfleet.store.sqlite import Database


def in_store(store_dir: Path, method: str, params: Mapping[str, Any]) -> Any:
    """What the gateway would answer to `method`. Raises as its methods do; nobody is connected who had to be told."""
    file = store_dir / "gateway.sqlite"
    if not file.exists() and method == "device.pair.list":
        return {"pending": [], "paired": []}  # no gateway ever ran here
    private_dir(store_dir)
    return asyncio.run(_open(file, method, params))


async def _open(file: Path, method: str, params: Mapping[str, Any]) -> Any:
    db = await Database.open(file, MIGRATIONS)
    try:
        return await _answer(Devices(db, file.parent), method, params)
    finally:
        await db.close()


async def _answer(devices: Devices, method: str, params: Mapping[str, Any]) -> Any:
    match method:
        case "device.pair.list":
            pending = [to_wire(PendingRow.of(row)) for row in await devices.pending()]
            return {"pending": pending, "paired": [to_wire(PairedRow.of(row, False)) for row in await devices.paired()]}
        case "device.pair.approve":
            device = await devices.approve(params["requestId"])
            return {"requestId": params["requestId"], "device": to_wire(PairedRow.of(device))}
        case "device.pair.reject":
            return {"requestId": params["requestId"], "deviceId": (await devices.reject(params["requestId"])).device_id}
        case "device.pair.remove":
            await devices.remove(params["deviceId"])
        case "device.pair.rename":
            await devices.rename(params["deviceId"], params["label"])
        case _:
            return await _change_token(devices, method, params)
    return dict(params)


async def _change_token(devices: Devices, method: str, params: Mapping[str, Any]) -> Any:
    device_id, role = params["deviceId"], params["role"]
    named = {"deviceId": device_id, "role": role}
    if method == "device.token.revoke":
        return named | {"revokedAtMs": await devices.revoke(device_id, role, within=(ADMIN,))}
    issued = await devices.rotate(device_id, role, scopes=params.get("scopes"), within=(ADMIN,))
    told = {"scopes": list(issued.scopes), "rotatedAtMs": issued.issued_at_ms}
    return named | told | {"tokenDelivery": "withheld-cross-device"}
