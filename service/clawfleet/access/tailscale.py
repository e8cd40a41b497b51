"""Who is behind an address of the tailnet, asked of the Tailscale of this machine. Source: protocol §6 (Tailscale)."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress

TIMEOUT_S = 5.0


async def whois(address: str) -> str | None:
    """The login name of the user behind `address`; None when Tailscale knows none, or is not there."""
    try:
        process = await asyncio.create_subprocess_exec(
            *("tailscale", "whois", "--json", address),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
    except OSError:
        return None
    try:
        async with asyncio.timeout(TIMEOUT_S):
            output, _ = await process.communicate()
    except TimeoutError:
        return None
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    return login_of(output) if process.returncode == 0 else None


def login_of(output: bytes) -> str | None:
    """The login in what `tailscale whois --json` prints, None when there is none."""
    try:
        login = json.loads(output)["UserProfile"]["LoginName"]
    except (ValueError, KeyError, TypeError):
        return None
    return login if isinstance(login, str) and login else None
