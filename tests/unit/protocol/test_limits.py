"""The wire's numbers, as clients were told them."""

from clawfleet.protocol import limits


def test_the_figures_of_the_protocol() -> None:
    assert limits.MAX_FRAME == 26_214_400
    assert limits.MAX_BUFFERED == 52_428_800
    assert limits.MAX_FRAME_BEFORE_CONNECT == 65_536
    assert (limits.PROTOCOL, limits.OLDEST_PROTOCOL) == (4, 3)
