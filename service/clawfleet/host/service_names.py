"""What the service of a gateway is called: the same instance always gets the same name, and no two share one.

Names follow the instance profile, as OpenClaw's own do (deploy §3.1). An instance that has none and lives in a
directory of its own is named after that directory. Decides names only; nothing is looked up.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import PurePath

from clawfleet.core.errors import HostError

_PROFILE = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}", re.IGNORECASE)
_LAUNCHD_REFUSES = frozenset({"gateway", "node"})
"""Profiles whose label would be that of the unnamed profile, or of a node's service."""


class NameRefused(HostError):
    """This host's service manager cannot have a service of that name."""

    code = "SERVICE_NAME_REFUSED"


def service_name(profile: str | None, state_dir: PurePath, home: PurePath) -> str:
    """`ops`, or empty for the default instance; `data-3f9c12ab` for a state dir in an unusual place."""
    if profile is not None:
        return profile
    if state_dir == home / ".openclaw":
        return ""
    rest = state_dir.name.removeprefix(".openclaw-")
    if state_dir.parent == home and rest != state_dir.name and _PROFILE.fullmatch(rest):
        return rest  # it is that profile's directory, however it was named
    slug = re.sub(r"[^a-z0-9]+", "-", state_dir.name.lower()).strip("-")[:24] or "state"
    return f"{slug}-{hashlib.sha256(str(state_dir).encode()).hexdigest()[:8]}"


def unit_name(name: str) -> str:
    """`openclaw-gateway-ops.service`."""
    return f"openclaw-gateway{f'-{name}' if name else ''}.service"


def launchd_label(name: str) -> str:
    """`ai.openclaw.ops`. Raises NameRefused for names that launchd services cannot have."""
    if name in _LAUNCHD_REFUSES or name != name.lower():
        why = "it is another service's" if name in _LAUNCHD_REFUSES else "files differ by more than upper case there"
        raise NameRefused(
            f"a macOS service cannot be named after the profile {name!r}: {why}",
            hint="choose another profile name in lower case, or run it yourself: openclaw gateway run",
        )
    return f"ai.openclaw.{name or 'gateway'}"
