"""Methods are found by name without loading their families."""

from __future__ import annotations

import subprocess
import sys

from clawfleet import rpc
from clawfleet.rpc.index import Methods, index_of
from clawfleet.rpc.registry import collect


def test_the_index_knows_what_the_scan_finds() -> None:
    scanned, known = collect(rpc), Methods.read()
    assert dict(known) == dict(scanned)
    assert len(known) == len(scanned)
    assert set(known.advertised) == {name for name, method in scanned.items() if method.terms.advertised}
    assert "nonsense" not in known and known.get("nonsense") is None


def test_what_is_hidden_can_be_called_all_the_same() -> None:
    scanned = collect(rpc)
    known = Methods(index_of(scanned))
    hidden = set(known) - set(known.advertised)
    assert hidden
    assert all(known[name] is scanned[name] or known[name] == scanned[name] for name in hidden)


def test_a_family_is_loaded_when_one_of_its_methods_is_asked_for() -> None:
    code = (
        "import sys; from clawfleet.rpc.index import Methods; known = Methods.read(); name = 'clawfleet.rpc.cron'\n"
        "print(name in sys.modules, known['cron.list'].name, name in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "cron.list", "True"]
