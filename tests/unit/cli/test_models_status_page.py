"""The page of `models status` fits 80 columns and says who answers with which key."""

from __future__ import annotations

import json

from clawfleet.cli.context import CliContext
from clawfleet.cli.models_standing import standing
from clawfleet.cli.models_status_page import page
from tests.unit.cli.conftest import Home

LONG = "custom-provider-with-a-long-name"


def test_it_fits_and_says_why_one_cannot_answer(home: Home) -> None:
    near = {"baseUrl": "http://127.0.0.1:9/v1", "models": [{"id": f"model-number-{n}"} for n in range(20)]}
    far = {"baseUrl": "https://far.example/v1", "models": [{"id": "one"}]}
    model = {"primary": f"{LONG}/model-number-1", "fallbacks": ["far/one"]}
    names = {f"{LONG}/model-number-{n}": {"alias": f"short-{n}"} for n in range(9)}
    home.write_config(
        json.dumps(
            {
                "models": {"providers": {LONG: near, "far": far, "odd": {"models": []}}},
                "agents": {"defaults": {"model": model, "imageModel": "far/one", "models": names}},
            }
        )
    )
    lines = list(page(standing(CliContext(environ=home.environ, cwd=home.root), None)))
    assert max(map(len, lines)) <= 80
    text = "\n".join(lines)
    assert "Configured and not usable\n- models.providers.odd: incomplete (missing baseUrl)" in text
    assert f"1. {LONG}/model-number-1  ready, needs no key" in text
    assert "2. far/one  cannot answer: no key: set FAR_API_KEY" in text
    assert "For pictures that the model cannot see\n- far/one  cannot answer" in text
    assert "… and 10 more: openclaw models list" in " ".join(text.split())
