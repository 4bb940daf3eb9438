#!/usr/bin/env bash
# Writes requirements.lock (what `make run` installs) and requirements-dev.lock (what `make test` installs) from
# pyproject.toml: exact versions with hashes, good for Python 3.11 and later on every platform.
# Versions already locked stay; `scripts/lock.sh --upgrade` moves them all.
set -euo pipefail
cd "$(dirname "$0")/.."

compile() {
    # No configuration of this machine (mirrors, extra indexes) may end up in a lock.
    env -u UV_INDEX -u UV_DEFAULT_INDEX -u UV_INDEX_URL -u UV_EXTRA_INDEX_URL -u UV_FIND_LINKS \
        .venv/bin/uv --no-config pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" "$@" pyproject.toml
}

compile "$@" --extra build --output-file requirements.lock
compile "$@" --extra build --extra dev --constraints requirements.lock --output-file requirements-dev.lock

if grep -nE '://|--(index|extra-index|find-links)' requirements.lock requirements-dev.lock; then
    echo "lock: the lines above tie a lock to one machine's package index" >&2
    exit 1
fi
