"""In which order hosts are changed: sorted, a few first as canaries, then in batches. Source: deploy §8."""

from __future__ import annotations

from collections.abc import Sequence

from clawfleet.fleet.models.fleet import Rollout


def batches(hosts: Sequence[str], rollout: Rollout) -> list[list[str]]:
    """The hosts, each once: those of `rollout.order` first, the others sorted; cut into the canaries and batches."""
    first = [name for name in rollout.order if name in hosts]
    ordered = [*first, *sorted(set(hosts) - set(first))]
    cuts = [ordered[: rollout.canary], ordered[rollout.canary :]]
    rest = [cuts[1][start : start + rollout.batch] for start in range(0, len(cuts[1]), rollout.batch)]
    return [batch for batch in (cuts[0], *rest) if batch]
