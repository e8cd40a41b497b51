"""Wheelhouses of other releases of this checkout: good ones, and ones that fail in a way of their own."""

from __future__ import annotations

import shutil
import textwrap
import zipfile
from pathlib import Path

from wheelhouse import read_wheelhouse, write_wheelhouse

STAYS_UP = """
import http.server, json, os, socket, sys, time
from clawfleet import __version__

class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        good = ANSWERS.get(self.path)
        self.send_response(200 if good else 503)
        self.end_headers()
        self.wfile.write(json.dumps(good or {"ready": False, "failing": ["everything"]}).encode())

def notify():
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        name = os.environ["NOTIFY_SOCKET"]
        sock.connect("\\0" + name[1:] if name.startswith("@") else name)
        sock.send(b"READY=1")

ANSWERS = {"/healthz": {"ok": True, "status": "live"},
           "/startupz": {"ok": True, "status": "started", "version": __version__}}
"""
FAULTS = {
    "": "",
    "exits": "raise SystemExit(78)",
    "hangs": f"{STAYS_UP}notify()\ntime.sleep(1e6)\n",
    "never ready": (
        f"{STAYS_UP}notify()\nport = int(sys.argv[sys.argv.index('--port') + 1])\n"
        "http.server.HTTPServer(('127.0.0.1', port), Answer).serve_forever()\n"
    ),
}
"""Fault → what the program does instead of running a gateway."""


NEWER_SCHEMA = b'    "CREATE TABLE of_a_later_release (id INTEGER PRIMARY KEY) STRICT;",\n)\n'
"""The last lines of a `store/schema.py` that knows one more migration."""


def release(wheelhouse: Path, target: Path, version: str, fault: str = "") -> Path:
    """A wheelhouse like the given one, of another version, whose gateway has that fault.

    `newer schema` is none: it works, and changes the state so that the release before refuses it.
    """
    shutil.copytree(wheelhouse, target, ignore=shutil.ignore_patterns("clawfleet-*.tar"))
    (wheel,) = target.glob("clawfleet-*.whl")
    before = read_wheelhouse(wheelhouse).version
    name = wheel.name.replace(before, version)
    with zipfile.ZipFile(wheel) as old, zipfile.ZipFile(target / "new.zip", "w") as new:
        for entry in old.infolist():
            data = old.read(entry)
            path = entry.filename.replace(f"clawfleet-{before}.", f"clawfleet-{version}.")
            if path in {"clawfleet/__init__.py", f"clawfleet-{version}.dist-info/METADATA"}:
                data = data.replace(before.encode(), version.encode())
            if path.endswith("/RECORD"):
                data = data.replace(f"clawfleet-{before}.".encode(), f"clawfleet-{version}.".encode())
            if path == "clawfleet/store/schema.py" and fault == "newer schema":
                data = data.rstrip().removesuffix(b")") + NEWER_SCHEMA
            if path == "clawfleet/cli/main.py" and fault in FAULTS and fault:
                data += broken(fault).encode()
            new.writestr(path, data)
    wheel.unlink()
    (target / "new.zip").rename(target / name)
    write_wheelhouse(target)
    return target


def broken(fault: str) -> str:
    """Python that takes the place of `openclaw gateway`; every other command works."""
    body = textwrap.indent(FAULTS[fault], "    ")
    other = 'def main():\n    return _fault() if "gateway" in sys.argv else _works()\n'
    return f"\n\n_works = main\n\n\ndef _fault():\n{body}\n\n\n{other}"
