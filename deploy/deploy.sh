#!/usr/bin/env bash
# Deploys deploy/pyinfra/fleet.json5. Where there is none yet, the example fleet goes to two local containers,
# which are started for it. CLAWFLEET_FLEET names another fleet file; further words go to `openclaw fleet deploy`.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
bin=${BIN:-$here/../.venv/bin}

case " $* " in
  *" --fleet "*) exec "$bin/openclaw" fleet deploy "$@" ;;
esac
fleet=${CLAWFLEET_FLEET:-$here/pyinfra/fleet.json5}
if [ ! -e "$fleet" ] && [ ! -d "${fleet%.*}.d" ] && [ -z "${CLAWFLEET_FLEET:-}" ]; then
  echo "There is no deploy/pyinfra/fleet.json5 yet: the example fleet goes to two local containers."
  PYTHON=$bin/python "$here/docker/hosts/up.sh"
  fleet=$here/pyinfra/fleet.example.json5
fi
"$bin/openclaw" fleet deploy --fleet "$fleet" "$@"
case $fleet in
  */fleet.example.json5)
    echo "Look at it:           .venv/bin/openclaw fleet status --fleet deploy/pyinfra/fleet.example.json5"
    echo "Ask one of them:      docker exec clawfleet-edge-1 su - openclaw -c 'openclaw --profile ops agent --message hello'"
    echo "A fleet of your own:  cp deploy/pyinfra/fleet.example.json5 deploy/pyinfra/fleet.json5    (see docs/fleet.md)"
    ;;
esac
