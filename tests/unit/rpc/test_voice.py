"""A gateway that neither listens nor speaks."""

from tests.unit.rpc.house import House


async def test_no_word_wakes_it_and_nobody_speaks_for_it(house: House) -> None:
    assert await house.call("voicewake.get") == {"triggers": []}
    nobody = {"ready": False, "providers": []}
    assert await house.call("talk.catalog") == {
        "modes": [],
        "transports": [],
        "brains": [],
        "speech": nobody,
        "transcription": nobody,
        "realtime": nobody,
    }
    assert await house.call("talk.config") == {"config": {}}
