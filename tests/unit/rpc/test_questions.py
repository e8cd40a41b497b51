"""Nothing waits for a person's answer."""

from tests.unit.rpc.house import House


async def test_nothing_is_asked_and_nobody_is_mentioned(house: House) -> None:
    assert await house.call("question.list") == {"questions": []}
    assert await house.call("mentions.list") == {"gatewayInstanceId": "boot-1", "revision": 0, "items": []}


async def test_questions_are_for_those_who_may_answer(house: House) -> None:
    error = await house.refused("question.list", caller=house.caller("operator.write"))
    assert error["details"]["missingScope"] == "operator.questions"
