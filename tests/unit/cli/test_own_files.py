from __future__ import annotations

from pathlib import Path

from clawfleet.cli.own_files import config_versions, env_file, store_files
from clawfleet.config.env import resolve_instance


def test_what_is_ours_and_must_not_get_lost(tmp_path: Path) -> None:
    instance = resolve_instance(environ={"HOME": str(tmp_path)}, cwd=tmp_path)
    state = instance.state_dir
    ours = ["clawfleet/gateway.sqlite", "clawfleet/instance-id", "clawfleet/media/a.png"]
    other = [
        *("clawfleet/gateway.lock", "clawfleet/gateway.sqlite-wal", "clawfleet/gateway.sqlite.v1.bak"),
        *("clawfleet/.gateway-token.x", "state/openclaw.sqlite", "openclaw.json", "openclaw.json.bak.2", ".env"),
    ]
    for name in (*ours, *other):
        (state / name).parent.mkdir(parents=True, exist_ok=True)
        (state / name).touch()
    (state / "clawfleet" / "link").symlink_to("/etc/passwd")
    assert [str(path.relative_to(state)) for path in store_files(instance)] == ours
    assert config_versions(instance) == [state / "openclaw.json.bak.2"]
    assert env_file(instance) == state / ".env"


def test_an_instance_without_state_has_none(tmp_path: Path) -> None:
    assert store_files(resolve_instance(environ={"HOME": str(tmp_path)}, cwd=tmp_path)) == []
