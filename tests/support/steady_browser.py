"""Starts a browser that does not hear of the machine's network interfaces: python steady_browser.py BROWSER ARGUMENT…

Chromium cuts the requests of a page when an interface comes or goes (net::ERR_NETWORK_CHANGED), and every container
that another test starts is an interface. Without the kernel's routing socket it takes the network for steady.
"""

from __future__ import annotations

import ctypes
import os
import platform
import sys
from pathlib import Path

from tests.support.requirements import chromium

# Number of socket(2) and name of the machine in linux/audit.h; elsewhere the browser hears what it hears.
SOCKET_CALLS = {"x86_64": (41, 0xC000003E), "aarch64": (198, 0xC00000B7)}
AF_NETLINK = 16
PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2
ALLOW, REFUSE = 0x7FFF0000, 0x00050000 | 97  # 97 is EAFNOSUPPORT
LOAD, EQUAL, RETURN = 0x20, 0x15, 0x06  # operations of a classic BPF program (linux/filter.h)
NUMBER_AT, MACHINE_AT, FIRST_ARGUMENT_AT = 0, 4, 16  # struct seccomp_data


class Step(ctypes.Structure):
    """One operation: what to do, how far to go on a yes and on a no, and with what."""

    _fields_ = (("code", ctypes.c_ushort), ("yes", ctypes.c_ubyte), ("no", ctypes.c_ubyte), ("value", ctypes.c_uint))


class Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.POINTER(Step)))


def without_routing_socket(number: int, machine: int) -> None:
    """This process and its children cannot open a routing socket any more. Raises OSError."""
    steps = (Step * 8)(
        Step(LOAD, 0, 0, MACHINE_AT),
        Step(EQUAL, 0, 4, machine),
        Step(LOAD, 0, 0, NUMBER_AT),
        Step(EQUAL, 0, 2, number),
        Step(LOAD, 0, 0, FIRST_ARGUMENT_AT),
        Step(EQUAL, 1, 0, AF_NETLINK),
        Step(RETURN, 0, 0, ALLOW),
        Step(RETURN, 0, 0, REFUSE),
    )
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl.argtypes = [ctypes.c_int, *[ctypes.c_ulong] * 4]
    program = Program(len(steps), steps)
    for order in ((PR_SET_NO_NEW_PRIVS, 1, 0), (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.addressof(program))):
        if libc.prctl(*order, 0, 0):
            raise OSError(ctypes.get_errno(), "no filter for system calls")


def launcher(folder: Path) -> Path:
    """A program in `folder` that starts Chromium in that way."""
    path = folder / "chromium"
    root = Path(__file__).parents[2]
    path.write_text(f'#!/bin/sh\nPYTHONPATH="{root}" exec "{sys.executable}" -m {__name__} "{chromium()}" "$@"\n')
    path.chmod(0o700)
    return path


if __name__ == "__main__":
    if sys.platform == "linux" and (call := SOCKET_CALLS.get(platform.machine())):
        without_routing_socket(*call)
    os.execv(sys.argv[1], sys.argv[1:])
