"""What the command line and the runtime agree on."""

from pathlib import Path

from clawfleet.runtime.options import Ready, RunOptions


def test_without_flags_everything_is_as_the_config_says() -> None:
    options = RunOptions()
    assert (options.port, options.bind, options.auth, options.token, options.password) == (None,) * 5
    assert not options.verbose


def test_no_secret_stands_in_a_repr() -> None:
    assert "s3cret" not in repr(RunOptions(token="s3cret", password="s3cret"))
    ready = Ready(
        url="http://127.0.0.1:1/",
        token="s3cret",
        model="demo/echo",
        is_demo=True,
        state_dir=Path("/s"),
        config_path=Path("/c"),
        config_exists=False,
        log_file=Path("/l"),
    )
    assert "s3cret" not in repr(ready)
