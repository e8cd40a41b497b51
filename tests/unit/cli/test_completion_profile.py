from __future__ import annotations

from clawfleet.cli.completion_profile import TITLE, block, with_block, without_block

MINE = "alias ll='ls -l'\n"


def test_the_block_is_there_once_and_goes_without_a_trace() -> None:
    once = with_block(MINE, "/s/openclaw.bash")
    assert once == MINE + block("/s/openclaw.bash")
    assert with_block(once, "/s/openclaw.bash") == once
    assert without_block(once, "/s/openclaw.bash") == MINE


def test_another_place_takes_the_old_ones() -> None:
    moved = with_block(with_block(MINE, "/old") + "# after\n", "/new dir/x")
    assert moved == f"{MINE}{TITLE}\n[ -f '/new dir/x' ] && source '/new dir/x'\n# after\n"
    assert without_block(moved, "/old") == moved


def test_a_file_without_a_last_line_end_keeps_its_last_line() -> None:
    assert with_block("export A=1", "/s").startswith("export A=1\n" + TITLE)
    assert with_block("", "/s") == block("/s")
