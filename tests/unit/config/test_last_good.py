"""Earlier texts of a config file."""

from pathlib import Path

import pytest

from clawfleet.config.env import resolve_instance
from clawfleet.config.last_good import NothingKept, keep_last_good, kept_text, kept_texts
from clawfleet.config.load import load_config
from clawfleet.config.write import change_file


def test_what_a_gateway_ran_with_and_what_writers_replaced(tmp_path: Path) -> None:
    instance = resolve_instance(environ={"HOME": str(tmp_path)}, cwd=tmp_path)
    keep_last_good(load_config(instance))  # there is no file: nothing to keep
    with pytest.raises(NothingKept, match="There is no last-good"):
        kept_text(instance, "last-good")
    change_file(instance.config_path, {}, lambda _: "{gateway: {mode: 'local'}}")
    keep_last_good(load_config(instance))
    change_file(instance.config_path, {}, lambda _: "{}")
    assert list(kept_texts(instance)) == ["last-good", "bak"]
    assert kept_text(instance, "last-good") == kept_text(instance, "bak") == "{gateway: {mode: 'local'}}"
    assert (tmp_path / ".openclaw" / "openclaw.json.last-good").stat().st_mode & 0o777 == 0o600
    with pytest.raises(NothingKept) as caught:
        kept_text(instance, "bak.7")
    assert caught.value.hint == "kept: last-good, bak"


def test_what_is_no_text_is_replaced_and_not_restored(tmp_path: Path) -> None:
    instance = resolve_instance(environ={"HOME": str(tmp_path)}, cwd=tmp_path)
    change_file(instance.config_path, {}, lambda _: "{}")
    beside = instance.config_path.with_name("openclaw.json.last-good")
    beside.write_bytes(b"\xff\xfe")
    with pytest.raises(NothingKept, match="not UTF-8"):
        kept_text(instance, "last-good")
    keep_last_good(load_config(instance))
    assert kept_text(instance, "last-good") == "{}"
