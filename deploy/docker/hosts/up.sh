#!/usr/bin/env bash
# Starts the two container hosts of the example fleet; see hosts.py. PYTHON chooses the interpreter.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
exec "${PYTHON:-$here/../../../.venv/bin/python}" "$here/hosts.py" up
