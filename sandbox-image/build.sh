#!/usr/bin/env bash
# Builds the image that agents' tools run in. Two tags: openclaw-sandbox:bookworm-slim, which configs name, and
# openclaw-sandbox:bookworm-slim-<hash of Dockerfile and version>, by which an image that is here already is known.
# VERSION=<text> overrides the version that the image is labelled with. Runs on bash 3.2 and newer.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
name=openclaw-sandbox:bookworm-slim

say() { printf 'sandbox image: %s\n' "$*"; }

# macOS has shasum, Linux has sha256sum.
sha256() { if command -v sha256sum >/dev/null 2>&1; then sha256sum; else shasum -a 256; fi; }

package_version() {
  sed -n 's/^__version__ = "\(.*\)"$/\1/p' "$here/../service/clawfleet/__init__.py" 2>/dev/null || true
}

bash "$here/base.sh"
version=${VERSION:-$(package_version)}
version=${version:-unknown}
hash=$( (printf 'VERSION=%s\n' "$version"; cat "$here/Dockerfile") | sha256 | cut -c1-12)
if docker image inspect "$name-$hash" >/dev/null 2>&1; then
  say "$name-$hash is here"
else
  say "building $name-$hash (half a minute)"
  log=$(mktemp)
  trap 'rm -f "$log"' EXIT
  docker build --build-arg "VERSION=$version" -t "$name-$hash" "$here" >"$log" 2>&1 || {
    tail -n 20 "$log" >&2
    printf 'sandbox image: docker build failed; its last words are above.\n' >&2
    exit 1
  }
fi
docker tag "$name-$hash" "$name"
say "$name is version $version"
