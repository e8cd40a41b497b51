"""The `tailscale` command of this machine: where it is, what it answers, and what its answers mean."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from clawfleet.core.errors import HostError
from clawfleet.host.command import Done

TIMEOUT_S = 5.0
MAC_APP = "/Applications/Tailscale.app/Contents/MacOS/Tailscale"

_NOT_PERMITTED = (
    "permission denied", "access denied", "operation not permitted", "not permitted", "requires root",
    "must be run as root", "must be run with sudo", "requires sudo", "need sudo",
)  # fmt: skip
_NOT_THERE_YET = ("failed to connect to local tailscale", "connection refused", "503 service unavailable")


class TailscaleFailed(HostError):
    """Tailscale is not there, or could not do what it was asked."""

    code = "TAILSCALE_FAILED"


def find_tailscale(environ: Mapping[str, str]) -> str | None:
    """The command by its full path: from PATH, else the one inside the Mac app; None when there is none."""
    found = shutil.which("tailscale", path=environ.get("PATH"))
    return found or (MAC_APP if Path(MAC_APP).exists() else None)


async def ask(*words: str, timeout_s: float = TIMEOUT_S) -> Done:
    """What a command line says; its exit code is not judged. Raises TailscaleFailed when it cannot run or hangs."""
    try:
        process = await asyncio.create_subprocess_exec(
            *words, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
    except OSError as error:
        raise TailscaleFailed(f"cannot run {words[0]}: {error.strerror or error}") from error
    try:
        async with asyncio.timeout(timeout_s):
            out, err = await process.communicate()
    except TimeoutError as error:
        raise TailscaleFailed(f"`{' '.join(words)}` did not answer within {timeout_s:g} s") from error
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    return Done(process.returncode or 0, out.decode(errors="replace"), err.decode(errors="replace"))


def object_in(text: str) -> dict[str, Any]:
    """The JSON object that an answer holds, also between lines of other text; empty when there is none."""
    start, end = text.find("{"), text.rfind("}")
    try:
        found = json.loads(text[start : end + 1]) if 0 <= start < end else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def is_not_permitted(done: Done) -> bool:
    """Whether Tailscale refused because of who asked."""
    return _says(done, _NOT_PERMITTED)


def is_not_there_yet(done: Done) -> bool:
    """Whether the daemon could not be reached, as while the machine starts."""
    return not done.ok and _says(done, _NOT_THERE_YET)


def _says(done: Done, phrases: tuple[str, ...]) -> bool:
    text = f"{done.out}\n{done.err}".lower()
    return any(phrase in text for phrase in phrases)


def host_name(status: Mapping[str, Any]) -> str | None:
    """What this machine is called in the tailnet, of `tailscale status --json`; else its first address there."""
    own = status.get("Self")
    if not isinstance(own, dict):
        return None
    name = own.get("DNSName")
    if isinstance(name, str) and name:
        return name.rstrip(".")
    addresses = own.get("TailscaleIPs")
    return str(addresses[0]) if isinstance(addresses, list) and addresses else None


def login_of(identity: Mapping[str, Any]) -> str | None:
    """The login in `tailscale whois --json`, None when it names nobody."""
    profile = identity.get("UserProfile")
    login = profile.get("LoginName") if isinstance(profile, dict) else None
    return login if isinstance(login, str) and login else None


def leads_to(serve_status: Mapping[str, Any], port: int) -> bool:
    """Whether a kept route of port 443 has one handler alone, its root, and that leads to `port` of this machine.

    Such a one was made for this gateway by somebody or something before it.
    """
    web = serve_status.get("Web")
    servers = [found for name, found in (web or {}).items() if str(name).endswith(":443")]
    if len(servers) != 1 or not isinstance(servers[0], dict):
        return False
    handlers = servers[0].get("Handlers")
    if not isinstance(handlers, dict) or list(handlers) != ["/"]:
        return False
    target = str((handlers["/"] or {}).get("Proxy", "")).rstrip("/")
    return re.fullmatch(rf"(http|https\+insecure)://(127\.0\.0\.1|localhost):{port}", target) is not None
