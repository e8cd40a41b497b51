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
    echo "There is no deploy/pyinfra/fleet.json5 yet: the example fleet goes to two local containers."
    PYTHON=$bin/python "$here/docker/hosts/up.sh"
    fleet=$here/pyinfra/fleet.example.json5
  fi
fi
case $fleet in /*) ;; *) fleet=$PWD/$fleet ;; esac
cd "$here/pyinfra"
if [ "$#" -gt 0 ]; then
  CLAWFLEET_FLEET=$fleet exec "$bin/pyinfra" inventory.py deploy.py "$@"
fi
CLAWFLEET_FLEET=$fleet "$bin/pyinfra" inventory.py deploy.py -y
case $fleet in
  */fleet.example.json5)
    echo "Ask one of them:      docker exec clawfleet-edge-1 su - openclaw -c 'openclaw --profile ops agent --message hello'"
    echo "A fleet of your own:  cp deploy/pyinfra/fleet.example.json5 deploy/pyinfra/fleet.json5    (see docs/fleet.md)"
    ;;
esac
