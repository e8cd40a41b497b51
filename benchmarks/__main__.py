"""`python -m benchmarks [start] [commands] [turns] [adapters] [store] [clients] [sandbox] [fleet]`: run these.

Without a name all run but `fleet`.
"""

from __future__ import annotations

import sys

from benchmarks import adapters, clients, commands, fleet, sandbox, start, store, turns

BENCHMARKS = {
    "start": start.run,
    "commands": commands.run,
    "turns": turns.run,
    "adapters": adapters.run,
    "store": store.run,
    "clients": clients.run,
    "sandbox": sandbox.run,
    "fleet": fleet.run,
}
LONG = {"fleet"}
"""Takes many minutes: runs only when it is named."""


def main(names: list[str]) -> int:
    """Run the named benchmarks; 2 for a name that is none."""
    if unknown := [name for name in names if name not in BENCHMARKS]:
        print(f"no benchmark named {', '.join(unknown)}; there are: {', '.join(BENCHMARKS)}", file=sys.stderr)
        return 2
    for name in names or [name for name in BENCHMARKS if name not in LONG]:
        print(f"# {name}", flush=True)
        print("\n".join(BENCHMARKS[name]()), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
