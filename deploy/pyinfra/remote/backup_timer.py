"""Runs on a host, as root, when its timer says so: one gateway's backup. `backup_timer.py ORDER` (a file of root's)."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import archives


def main(order: Path) -> int:
    """0 when the archive was made and verified."""
    reports = archives.backup(json.loads(order.read_text(encoding="utf-8")))
    for report in reports:
        print(report.get("state") or report["reason"])
    return 0 if all(report["outcome"] == "ready" for report in reports) else 1


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1])))
