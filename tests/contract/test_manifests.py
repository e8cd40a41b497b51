"""What `deploy/` holds for Compose, Swarm, Kubernetes and Prometheus, against what others published about it."""

from __future__ import annotations

import re

import pytest

from clawfleet.core.metrics import DROPPED
from tests.support.images import ROOT
from tests.support.manifests import documents

pytestmark = pytest.mark.npm


def test_alerts_speak_of_figures_that_there_are() -> None:
    """Every rule has a name, words and an expression over what a gateway tells."""
    rules = documents(ROOT / "deploy/prometheus/alerts.yaml")[0]["groups"][0]["rules"]
    source = "".join(
        (ROOT / "service/clawfleet" / name).read_text(encoding="utf-8")
        for name in ("server/http_metrics.py", "server/run_metrics.py")
    )
    known = {"up", DROPPED}
    for rule in rules:
        assert rule["alert"]
        assert rule["annotations"]["summary"]
        names = re.findall(r"\b(?:openclaw|clawfleet|process)_[a-z_]+\b|\bup\b", rule["expr"])
        assert names
        assert all(name in known or f'"{name}"' in source for name in names), names
