#!/usr/bin/env bash
# Deploys deploy/pyinfra/fleet.json5. Where there is none yet, the example fleet goes to two local containers,
# which are started for it. CLAWFLEET_FLEET names another fleet file; further words go to pyinfra (--dry, --limit …).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
bin=${BIN:-$here/../.venv/bin}

fleet=${CLAWFLEET_FLEET:-}
if [ -z "$fleet" ]; then
  fleet=$here/pyinfra/fleet.json5
  if [ ! -e "$fleet" ]; then
    echo "no fleet.json5 yet: deploying the example fleet to two local containers"
    PYTHON=$bin/python "$here/docker/hosts/up.sh"
    fleet=$here/pyinfra/fleet.example.json5
  fi
fi
case $fleet in /*) ;; *) fleet=$PWD/$fleet ;; esac
cd "$here/pyinfra"
[ "$#" -gt 0 ] || set -- -y
CLAWFLEET_FLEET=$fleet exec "$bin/pyinfra" inventory.py deploy.py "$@"
