"""Large blocks of memory go back when they are freed."""

import subprocess
import sys

import pytest

PROGRAM = """
import sys
from clawfleet.host.allocation import return_large_blocks
from clawfleet.host.memory import resident_bytes
if sys.argv[1] == "on":
    return_large_blocks()
kept = []
for _ in range(4):
    blocks = [bytes(20_000_000) for _ in range(6)]
    kept.append(bytes(200_000))
    del blocks
print(resident_bytes())
"""


def test_the_c_library_takes_it_or_the_call_says_no() -> None:
    program = "from clawfleet.host.allocation import return_large_blocks as r; print(r())"
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.strip()
    assert told == ("True" if sys.platform == "linux" else "False")


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's allocator")
def test_what_was_freed_is_not_kept() -> None:
    after = subprocess.run([sys.executable, "-c", PROGRAM, "on"], capture_output=True, text=True, check=True).stdout
    assert int(after) < 100_000_000
