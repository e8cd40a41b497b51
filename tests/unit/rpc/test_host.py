"""The machine as clients see it."""

import os

from tests.unit.rpc.house import House


async def test_it_tells_the_machine_and_this_process(house: House) -> None:
    info = await house.call("system.info")
    assert (info["pid"], info["port"], info["processInstanceId"]) == (4711, 18789, "boot-1")
    assert info["cpuCount"] == os.cpu_count() and len(info["loadAverage"]) == 3
    assert info["memoryTotalBytes"] >= info["memoryFreeBytes"] > 0
    assert info["diskPath"] == str(house.gateway.instance.state_dir)
    assert info["diskTotalBytes"] >= info["diskAvailableBytes"] == info["disks"][0]["availableBytes"]
    assert info["nodeVersion"].startswith("Python 3.")
    assert info["processMemory"]["rssBytes"] > 0
