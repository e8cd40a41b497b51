#!/usr/bin/env bash
# Builds the gateway's image from this checkout: its wheelhouse goes in, no package index is asked from inside.
# Usage: deploy/docker/build.sh [TAG]     (default: clawfleet-gateway:<version>)
# PYTHON chooses the interpreter that fetches the wheels (3.11, as in the image), WHEELHOUSE where they are kept.
set -euo pipefail
cd "$(dirname "$0")/../.."

python=${PYTHON:-.venv/bin/python}
wheelhouse=${WHEELHOUSE:-wheelhouse}
version=$(sed -n 's/^__version__ = "\(.*\)"$/\1/p' service/clawfleet/__init__.py)
tag=${1:-clawfleet-gateway:$version}

"$python" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || {
  echo "gateway image: its Python is 3.11; name one of that version: PYTHON=python3.11 $0" >&2
  exit 1
}
bash sandbox-image/base.sh
PYTHON="$python" deploy/wheelhouse.sh "$wheelhouse"
context=$(mktemp -d)
trap 'rm -rf "$context"' EXIT
mkdir "$context/wheelhouse"
cp deploy/docker/Dockerfile "$context/"
cp "$wheelhouse"/*.whl "$context/wheelhouse/"
docker build --quiet --build-arg "VERSION=$version" --tag "$tag" "$context" >/dev/null
echo "gateway image: $tag"
