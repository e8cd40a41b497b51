"""A file that was touched, in whatever way editors touch one."""

from pathlib import Path

from clawfleet.config.stamps import stamps


def test_every_way_of_saving_is_seen(tmp_path: Path) -> None:
    file, fresh = tmp_path / "f", tmp_path / "new"
    seen = [stamps([file])]
    file.write_text("a", encoding="utf-8")
    seen.append(stamps([file]))
    file.write_text("ab", encoding="utf-8")
    seen.append(stamps([file]))
    fresh.write_text("ab", encoding="utf-8")
    fresh.replace(file)
    seen.append(stamps([file]))
    file.unlink()
    seen.append(stamps([file]))
    assert seen[0] == seen[4] == {file: None}
    assert len({str(one) for one in seen}) == 4
    assert stamps([file]) == stamps([file])
