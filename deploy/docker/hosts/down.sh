#!/usr/bin/env bash
# Removes the container hosts of the example fleet and their keys; see hosts.py. PYTHON chooses the interpreter.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
exec "${PYTHON:-$here/../../../.venv/bin/python}" "$here/hosts.py" down
