"""Routes are compared by what they say, and show no secret."""

from clawfleet.models.providers.route import STRAIGHT, Route, Shown, Tls


def test_equal_words_are_one_route() -> None:
    assert Route() == STRAIGHT
    assert len({Route(proxy="http://a"), Route(proxy="http://a"), Route(tls=Tls(ca="x"))}) == 2


def test_nothing_secret_is_shown() -> None:
    tls = Tls(ca="c-a", cert="c-ert", key="k-ey", passphrase="p-ass")
    shown = repr((Route(proxy="http://u:p-word@h", tls=tls, proxy_tls=tls), Shown("x-key", "v-alue")))
    assert not [word for word in ("c-a", "c-ert", "k-ey", "p-ass", "p-word", "v-alue") if word in shown]
