#!/usr/bin/env bash
# Builds the wheelhouse: this checkout's wheel, every locked wheel that a gateway needs, a manifest and one archive.
# Hosts install from the archive alone; it fits hosts with this machine's architecture and Python version.
# The same checkout always gives the same archive: the build tools come from the lock too.
# Usage: deploy/wheelhouse.sh [DIR]      (default: wheelhouse)      PYTHON chooses the interpreter.
# For other hosts than this machine: PLATFORM=linux-aarch64 PY=3.11 or PLATFORM=macosx_14_0_arm64 PY=3.12; also as pip
# calls them (manylinux_2_28_x86_64). It lies in DIR/<PLATFORM>-py<PY>.
set -euo pipefail
cd "$(dirname "$0")/.."

out=${1:-wheelhouse}
python=${PYTHON:-.venv/bin/python}
lock=requirements.lock
target=()
if [ -n "${PLATFORM:-}" ]; then
  out=$out/$PLATFORM-py${PY:?name the Python version too: PY=3.12}
  tags=$("$python" deploy/pyinfra/wheelhouse.py --tags "$PLATFORM")
  for tag in $tags; do target+=(--platform "$tag"); done
  target+=(--python-version "$PY" --implementation cp)
fi
wanted=$( (cat "$lock" && "$python" -VV && echo "${target[@]}") | "$python" -c 'import hashlib, sys; print(hashlib.sha256(sys.stdin.buffer.read()).hexdigest())')

mkdir -p "$out"
# The locked wheels are fetched again only when the lock or the interpreter changed.
if [ "$(cat "$out/.fetched" 2>/dev/null || true)" != "$wanted" ]; then
  rm -f "$out"/*.whl "$out/.fetched"
  "$python" -m pip download --quiet --disable-pip-version-check --only-binary=:all: --require-hashes "${target[@]}" --dest "$out" --requirement "$lock"
  echo "$wanted" >"$out/.fetched"
fi
rm -f "$out"/clawfleet-*.whl
"$python" -m pip wheel --quiet --disable-pip-version-check --no-deps --no-build-isolation --wheel-dir "$out" .
"$python" deploy/pyinfra/wheelhouse.py "$out" ${PLATFORM:+"$PLATFORM" "$PY"}
