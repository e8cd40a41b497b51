#!/usr/bin/env bash
# Deploys stack.yaml, waits until every gateway runs or was rolled back, and ends with 1 when one was.
# Usage: OPENCLAW_IMAGE=clawfleet-gateway:0.1.0 deploy/docker/stack.sh [STACK]      (default: openclaw)
# ONE_PORT, TWO_PORT and THREE_PORT are the ports of the node. Tokens are made at the first run and kept in TOKENS
# (default: ./secrets, mode 0700); to rotate one, remove its file there and run this again. OPENCLAW_NODE is the node
# that keeps the state (default: this one). Needs an engine in swarm mode: docker swarm init.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

export OPENCLAW_IMAGE=${OPENCLAW_IMAGE:?the image to run, as docker images names it}
export STACK=${1:-openclaw}
export OPENCLAW_NODE=${OPENCLAW_NODE:-$(docker info --format '{{.Name}}')}
export GATEWAY_FILE=${GATEWAY_FILE:-$here/openclaw.stack.json5}
tokens=${TOKENS:-secrets}
limit_s=${LIMIT_S:-180}

sha() { sha256sum "$1" | cut -c1-8; }
token() {
  (umask 077 && mkdir -p "$tokens" && [ -s "$tokens/$1" ] || od -An -N24 -tx1 /dev/urandom | tr -d ' \n' >"$tokens/$1")
  (cd "$tokens" && pwd)
}

for name in one two three; do
  upper=$(printf %s "$name" | tr a-z A-Z)
  folder=$(token "$name")
  export "${upper}_FILE=$folder/$name" "${upper}_SHA=$(sha "$folder/$name")"
done
GATEWAY_SHA=$(sha "$GATEWAY_FILE")
export GATEWAY_SHA
docker stack deploy --compose-file "$here/stack.yaml" --resolve-image never "$STACK" >/dev/null

state() { docker service inspect --format '{{if .UpdateStatus}}{{.UpdateStatus.State}}{{else}}new{{end}}' "$1"; }
ready() { [ "$(docker service ls --filter "name=$1" --format '{{.Replicas}}' | cut -d' ' -f1)" = 1/1 ]; }

failed=0
for name in one two three; do
  service=${STACK}_$name found=""
  while :; do
    found=$(state "$service")
    case $found in
      new | completed | rollback_completed) ready "$service" && break ;;
      *paused) break ;;
    esac
    [ "$SECONDS" -lt "$limit_s" ] || { found="not ready within $limit_s s"; break; }
    sleep 1
  done
  case $found in
    new | completed) echo "stack: $service is ready ($found)" ;;
    *) echo "stack: $service: $found; see: docker service ps --no-trunc $service" >&2; failed=1 ;;
  esac
done

# What a token or config was before is nobody's any more; after a rollback the services still go by it.
if [ "$failed" = 0 ]; then
  kept=" $STACK-gateway-$GATEWAY_SHA $STACK-one-token-$ONE_SHA $STACK-two-token-$TWO_SHA $STACK-three-token-$THREE_SHA "
  for kind in secret config; do
    for old in $(docker "$kind" ls --filter "label=com.docker.stack.namespace=$STACK" --format '{{.Name}}'); do
      case $kept in
        *" $old "*) ;;
        *) docker "$kind" rm "$old" >/dev/null && echo "stack: $kind $old is removed" ;;
      esac
    done
  done
fi
exit "$failed"
