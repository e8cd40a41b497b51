"""Figures for Prometheus, read back by rules of the exposition format."""

from clawfleet.core.metrics import BOUNDS, DROPPED, Metrics, Sample


def test_counters_gauges_and_histograms_are_written_as_the_format_wants() -> None:
    metrics = Metrics()
    metrics.count("calls_total", {"tool": 'a"b\\c\nd'})
    metrics.count("calls_total", {"tool": 'a"b\\c\nd'}, 2)
    metrics.observe("took_seconds", {"x": "1"}, 0.2)
    metrics.observe("took_seconds", {"x": "1"}, 1000)
    lines = metrics.render([Sample("up", 1), Sample("size", 0.5, {"kind": "rss"})]).splitlines()
    assert lines[:4] == ["# TYPE up gauge", "up 1", "# TYPE size gauge", 'size{kind="rss"} 0.5']
    assert 'calls_total{tool="a\\"b\\\\c\\nd"} 3' in lines
    assert 'took_seconds_bucket{x="1",le="0.1"} 0' in lines
    assert 'took_seconds_bucket{x="1",le="0.25"} 1' in lines
    assert 'took_seconds_bucket{x="1",le="+Inf"} 2' in lines
    assert lines[-2:] == ['took_seconds_sum{x="1"} 1000.2', 'took_seconds_count{x="1"} 2']
    assert sum(line.startswith("took_seconds") for line in lines) == len(BOUNDS) + 3


def test_the_bound_is_kept_and_what_is_left_out_is_counted() -> None:
    metrics = Metrics(most=2)
    for number in range(5):
        metrics.count("seen_total", {"who": str(number)})
    metrics.count("seen_total", {"who": "0"})
    metrics.observe("took_seconds", {}, 1)
    text = metrics.render(())
    assert 'seen_total{who="0"} 2' in text
    assert 'who="2"' not in text
    assert "took_seconds_count" not in text
    assert f"{DROPPED} 4" in text
