"""A few keys changed at once, comments kept; nothing is written when one of them is wrong."""

from __future__ import annotations

import pytest

from clawfleet.cli.config_edit import edit_config, tell_file
from clawfleet.cli.context import CliContext
from clawfleet.config.change import ChangeInvalid, Edit
from tests.unit.cli.conftest import Home

TEXT = '{\n  // mine\n  "gateway": {"mode": "local"},\n  "tools": {"profile": "minimal"},\n}\n'


def context(home: Home) -> CliContext:
    return CliContext(environ=home.environ, cwd=home.root)


def test_keys_are_set_and_taken_out_together(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    home.write_config(TEXT)
    steps = [
        Edit(("gateway", "port"), 1234),
        Edit(("tools", "profile"), removes=True),
        Edit(("logging", "level"), removes=True),
    ]
    cli = context(home)
    assert edit_config(cli, lambda _: steps)
    text = home.config_path.read_text()
    assert "// mine" in text and '"port": 1234' in text and "profile" not in text
    tell_file(cli, changed=True)
    assert capsys.readouterr().out == (
        "Updated config: ~/.openclaw/openclaw.json\n  Backup: ~/.openclaw/openclaw.json.bak\n"
    )


def test_one_wrong_key_and_nothing_is_written(home: Home) -> None:
    home.write_config(TEXT)
    with pytest.raises(ChangeInvalid):
        edit_config(context(home), lambda _: [Edit(("gateway", "port"), 1), Edit(("gateway", "bind"), "nowhere")])
    assert home.config_path.read_text() == TEXT


def test_nothing_to_do_leaves_the_file_alone(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    home.write_config(TEXT)
    cli = context(home)
    assert not edit_config(cli, lambda _: [])
    tell_file(cli, changed=False)
    assert capsys.readouterr().out == "No change: ~/.openclaw/openclaw.json\n"
    assert not home.config_path.with_name("openclaw.json.bak").exists()


def test_without_a_file_one_is_made(home: Home) -> None:
    assert edit_config(context(home), lambda source: [Edit(("gateway", "port"), len(source) + 1000)])
    assert '"mode": "local"' in home.config_path.read_text()


def test_what_an_included_file_holds_is_changed_there(home: Home) -> None:
    home.write_config('{"gateway": {"mode": "local"}, "tools": {"$include": "./tools.json5"}}')
    included = home.state_dir / "tools.json5"
    included.write_text("{ profile: 'minimal' } // theirs\n")
    before = home.config_path.read_text()
    assert edit_config(context(home), lambda source: [Edit(("tools", "profile"), "coding")])
    assert home.config_path.read_text() == before
    assert "coding" in included.read_text() and "// theirs" in included.read_text()
