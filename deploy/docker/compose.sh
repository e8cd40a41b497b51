#!/usr/bin/env bash
# One gateway of compose.yaml: the file with its variables names the project.
# Usage: deploy/docker/compose.sh ada.env up -d | ps | run --rm openclaw-cli status | down …
# Adds what compose.yaml cannot say by itself: OPENCLAW_SANDBOX=1 (compose.sandbox.yaml), OPENCLAW_EXTRA_MOUNTS
# (source:target[:options], separated by commas) and OPENCLAW_HOME_VOLUME (a volume for the whole home).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
fail() { printf '✗ %s\n  %s\n' "$@" >&2 && exit 2; }
[ $# -ge 2 ] || fail 'a file with variables and a command of Compose are needed' 'for example: compose.sh ada.env up -d'
file=$1
shift
[ -r "$file" ] || fail "there is no $file" "make it from $here/env.example"

value() { sed -n "s/^$1=//p" "$file" | tail -n 1; }
project=$(basename "$file" .env)
[ -n "$(value OPENCLAW_GATEWAY_TOKEN)${OPENCLAW_GATEWAY_TOKEN-}" ] ||
  fail "OPENCLAW_GATEWAY_TOKEN is not set in $file" 'make one: openssl rand -hex 24'
layers=(--file "$here/compose.yaml")
case $(value OPENCLAW_SANDBOX) in 1 | true | yes | on) layers+=(--file "$here/compose.sandbox.yaml") ;; esac

mounts=$(value OPENCLAW_EXTRA_MOUNTS) home=$(value OPENCLAW_HOME_VOLUME)
if [ -n "$mounts$home" ]; then
  extra=$file.extra.yaml
  {
    printf 'services:\n'
    for service in openclaw-gateway openclaw-cli; do
      printf '  %s:\n    volumes:\n' "$service"
      [ -z "$home" ] || printf '      - "%s:/home/node"\n' "$home"
      [ -z "$mounts" ] || printf '%s\n' "$mounts" | tr , '\n' | sed 's/.*/      - "&"/'
    done
    case $home in '' | /*) ;; *) printf 'volumes:\n  %s:\n' "$home" ;; esac
  } >"$extra"
  layers+=(--file "$extra")
fi

if docker compose version >/dev/null 2>&1; then compose=(docker compose); else compose=(docker-compose); fi
exec "${compose[@]}" --project-name "$project" --env-file "$file" "${layers[@]}" "$@"
