"""`/compact` shortens, or says why not."""

from tests.unit.agents.commands.typed import typed
from tests.unit.agents.fakes import House


async def test_a_conversation_is_compacted_on_request(house: House) -> None:
    assert await typed(house, "/compact") == "⚙️ Compaction skipped: nothing to compact."
    await typed(house, "hello")
    assert (await typed(house, "/compact")).startswith("⚙️ Compacted")
