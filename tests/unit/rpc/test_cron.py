"""The scheduler's tables, while there is no scheduler."""

import pytest

from tests.unit.rpc.house import House


async def test_no_automation_is_listed_and_none_has_run(house: House) -> None:
    jobs = await house.call("cron.list", includeDisabled=True, limit=50, offset=0, sortBy="nextRunAtMs")
    assert (jobs["jobs"], jobs["total"], jobs["limit"], jobs["hasMore"], jobs["nextOffset"]) == ([], 0, 50, False, None)
    assert jobs["snapshotRevision"].startswith("sha256:") and jobs["deliveryPreviews"] == {}
    runs = await house.call("cron.runs", scope="all", limit=20)
    assert runs == {"entries": [], "total": 0, "offset": 0, "limit": 20, "hasMore": False, "nextOffset": None}


async def test_the_scheduler_says_that_it_does_not_run(house: House) -> None:
    status = await house.call("cron.status")
    assert (status["enabled"], status["jobs"], status["nextWakeAtMs"]) == (False, 0, None)
    assert status["sqlitePath"] == str(house.gateway.sessions.path)


@pytest.mark.parametrize("name", ["id", "jobId"])
async def test_an_automation_that_is_not_there_is_named_in_the_refusal(house: House, name: str) -> None:
    error = await house.refused("cron.get", {name: "nope"})
    assert error["message"] == "cron job not found: nope"
    assert (error["details"]["code"], error["details"]["jobId"]) == ("CRON_JOB_NOT_FOUND", "nope")


async def test_an_automation_must_be_named(house: House) -> None:
    assert "must have required property 'id'" in (await house.refused("cron.get", {}))["message"]
