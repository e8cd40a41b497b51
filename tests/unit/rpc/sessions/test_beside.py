"""What there is none of is said to be none."""

from tests.unit.rpc.house import House


async def test_none_is_the_answer(house: House) -> None:
    assert await house.call("sessions.groups.list") == {"groups": [], "sectionOrder": []}
    assert await house.call("sessions.groups.defaults") == {"defaults": []}
    assert await house.call("sessions.catalog.list", agentId="main", limitPerHost=40) == {"catalogs": []}
    assert await house.call("sessions.companion.state", sessionKey="main") == {"exchanges": []}
    assert await house.call("session.discussion.info", sessionKey="main") == {"state": "none"}
    evidence = await house.call("session.members.listEvidence", sessionKey="main")
    assert (evidence["sessionKey"], evidence["members"], evidence["role"]) == ("agent:main:main", [], "admin")
