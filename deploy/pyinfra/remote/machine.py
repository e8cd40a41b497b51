"""Runs on a host: what hands the scripts the kind of services and processes that this host has. Standard library only.

systemd and /proc, or launchd, `ps` and `lsof`; chosen once, and nothing else in the scripts asks which it is.
"""

from __future__ import annotations

from places import HAS_LAUNCHD

if not HAS_LAUNCHD:
    from sockets import ancestry, describe, holds, listening, owners, resident_bytes
    from systemd_unit import Unit, as_user
else:
    from launchd_job import Job as Unit  # type: ignore[assignment]
    from launchd_job import as_user
    from mac_processes import ancestry, describe, holds, listening, owners, resident_bytes

__all__ = ["Unit", "ancestry", "as_user", "describe", "holds", "listening", "owners", "resident_bytes"]
