"""The table of known providers is sound: it can be used as it stands."""

from __future__ import annotations

import re

from clawfleet.config.provider_ids import provider_id
from clawfleet.models.adapters import ADAPTERS
from clawfleet.models.hosts import nearness
from clawfleet.models.presets import ALIASES, DEMO_PROVIDER, PRESETS
from clawfleet.models.refs import parse_ref


def test_each_row_can_be_reached() -> None:
    for name, preset in PRESETS.items():
        assert provider_id(name) == name
        assert preset.api in ADAPTERS, name
        scheme = "https://" if nearness(preset.base_url) == "remote" else "http://"
        assert preset.base_url.startswith(scheme), name
        assert not preset.base_url.endswith("/"), name


def test_each_row_names_its_key() -> None:
    for name, preset in PRESETS.items():
        assert preset.key_names, name
        assert all(re.fullmatch(r"[A-Z][A-Z0-9_]*", key) for key in preset.key_names), name


def test_models_are_named_once() -> None:
    for name, preset in PRESETS.items():
        ids = [model.id for model in preset.models]
        assert len(set(ids)) == len(ids), name


def test_shorthands_lead_to_listed_models() -> None:
    for alias, target in ALIASES.items():
        ref = parse_ref(target)
        assert ref is not None, alias
        assert ref.model in [model.id for model in PRESETS[ref.provider].models], alias


def test_the_demo_is_not_a_preset() -> None:
    assert DEMO_PROVIDER not in PRESETS
