"""What a server answered."""

from __future__ import annotations

from clawfleet.tools.web.reply import Reply


def test_a_whole_body_is_the_usual_case() -> None:
    assert not Reply("http://a/", 200, "text/html", None, b"").cut
