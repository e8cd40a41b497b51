#!/usr/bin/env bash
# Makes the image debian:bookworm-slim available to the local Docker engine and says how.
#   1. an image of that name that is already here is used as it is;
#   2. otherwise it is pulled (skip this step with CLAWFLEET_NO_PULL=1);
#   3. otherwise it is made: debootstrap writes a minimal Debian 12, `docker import` takes it in (Linux, root).
# The image of step 3 follows the plain release; unlike a pulled one it has no source for security updates.
# DEBIAN_MIRROR names the Debian mirror for step 3; without it debootstrap's own default is used.
# Runs on bash 3.2 and newer.
set -eu

image=debian:bookworm-slim
pull_limit_s=${CLAWFLEET_PULL_LIMIT_S:-120}

say() { printf 'base image: %s\n' "$*"; }
fail() {
  printf 'base image: %s\n' "$1" >&2
  shift
  for line in "$@"; do printf '  %s\n' "$line" >&2; done
  exit 1
}

# Runs a command, ended after a number of seconds; macOS has no timeout(1).
limited() {
  local seconds=$1 worker watcher status=0
  shift
  "$@" & worker=$!
  (sleep "$seconds" && kill "$worker") >/dev/null 2>&1 & watcher=$!
  wait "$worker" || status=$?
  kill "$watcher" >/dev/null 2>&1 || true
  wait "$watcher" 2>/dev/null || true
  return "$status"
}

pull() {
  if [ -n "${CLAWFLEET_NO_PULL:-}" ]; then
    say "not pulled: CLAWFLEET_NO_PULL is set"
    return 1
  fi
  say "pulling $image"
  limited "$pull_limit_s" docker pull -q "$image" || return 1
  say "pulled"
}

bootstrap() {
  if [ "$(uname -s)" != Linux ]; then
    fail "$image cannot be pulled, and it can only be made on Linux." \
      "Give this machine access to a registry, or make it on a Linux host and bring it here:" \
      "docker save $image | gzip > base.tar.gz   and here   docker load < base.tar.gz"
  fi
  command -v debootstrap >/dev/null 2>&1 || fail "$image cannot be pulled, and debootstrap is missing to make it." \
    "Install the package debootstrap and run this again:   apt-get install debootstrap"
  [ "$(id -u)" = 0 ] || fail "$image cannot be pulled, and debootstrap needs root to make it." "Run:   sudo bash $0"
  say "making it with debootstrap (a minute or two)"
  tree=$(mktemp -d)
  trap 'rm -rf "$tree" "$tree.log"' EXIT
  # The last word is empty or the mirror: debootstrap has its own default.
  debootstrap --variant=minbase bookworm "$tree" ${DEBIAN_MIRROR:+"$DEBIAN_MIRROR"} >"$tree.log" 2>&1 || {
    tail -n 15 "$tree.log" >&2
    fail "debootstrap failed; its last words are above." "Is the Debian mirror reachable? DEBIAN_MIRROR=<url> chooses another."
  }
  slim "$tree"
  chmod 755 "$tree" # mktemp made it for us alone; storage drivers that keep it would lock users out of /
  say "importing it"
  tar -C "$tree" --numeric-owner -c . | docker import -c 'CMD ["bash"]' - "$image" >/dev/null
  say "made $image"
}

# Leaves out what a container never reads: package caches, manuals, translations.
slim() {
  rm -rf "$1"/var/cache/apt/archives/*.deb "$1"/var/lib/apt/lists/* "$1"/var/log/*.log
  rm -rf "$1"/usr/share/man/* "$1"/usr/share/locale/* "$1"/usr/share/info/*
  find "$1/usr/share/doc" -type f ! -name copyright -delete
  printf 'APT::Install-Recommends "false";\n' >"$1/etc/apt/apt.conf.d/90slim"
}

command -v docker >/dev/null 2>&1 || fail "the docker command is missing." "Install Docker (Debian: apt-get install docker.io)."
docker version >/dev/null 2>&1 || fail "no Docker engine answers." "Start it (systemctl start docker), or ask for access to its socket."
if docker image inspect "$image" >/dev/null 2>&1; then
  say "$image is here"
else
  pull || bootstrap
fi
