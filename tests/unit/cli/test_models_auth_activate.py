"""`openclaw models auth activate`: only what works is put in front."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.support.fake_openai import FakeOpenAI, openai_in_process
from tests.unit.cli.conftest import Home, OpenClaw


@pytest.fixture
def provider() -> Iterator[FakeOpenAI]:
    with openai_in_process() as running:
        yield running


def test_what_works_comes_first_and_what_does_not_changes_nothing(
    home: Home, openclaw: OpenClaw, provider: FakeOpenAI
) -> None:
    provider.keys(good={}, bad={"like": "fail-401"})
    row = {key: value for key, value in provider.provider("fake-1").items() if key != "apiKey"}
    home.write_config(json.dumps({"models": {"providers": {"lan": row}}}))
    for name in ("good", "bad"):
        words = ("models", "auth", "paste-api-key", "--provider", "lan", "--profile-id", f"lan:{name}")
        assert openclaw(*words, stdin=f"{name}\n").exit_code == 0
    failed = openclaw("models", "auth", "activate", "lan:bad")
    assert failed.exit_code == 1 and "lan:bad does not work (auth)" in failed.output
    assert "none" in openclaw("models", "auth", "order", "get", "--provider", "lan").stdout
    done = openclaw("models", "auth", "activate", "lan:good")
    assert done.stdout == "Auth profile order override: lan:good, lan:bad\n", done.output
    assert openclaw("models", "auth", "activate", "lan:gone").exit_code != 0
