#!/usr/bin/env bash
# Makes .venv and installs a hash-locked set of packages and this project into it.
#   scripts/setup_python.sh runtime    what `make run` needs
#   scripts/setup_python.sh dev        and what the tests and linters need
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/packages.sh

case "${1:-}" in
    runtime) lock=requirements.lock ;;
    dev) lock=requirements-dev.lock ;;
    *) die "usage: scripts/setup_python.sh runtime|dev" ;;
esac

# make puts .venv/bin first; the interpreter that makes .venv must be another one.
PATH=${PATH//"$PWD/.venv/bin:"/}

find_python() {
    local candidate
    for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.11}; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    die "no Python 3.11 or later found (tried ${PYTHON:-python3, python3.13, python3.12, python3.11}). Install one, or name it: make PYTHON=/path/to/python3 ..."
}

# Debian and Ubuntu keep venv's ensurepip in a package of its own.
need_venv_module() {
    "$1" -c 'import ensurepip, venv' 2>/dev/null && return
    local package
    package=python$("$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv
    install_packages "$package"
    "$1" -c 'import ensurepip, venv' || die "$1 still cannot make virtual environments after installing $package."
}

if ! .venv/bin/python -c 'import pip' 2>/dev/null; then
    python=$(find_python)
    need_venv_module "$python"
    say "making .venv with $("$python" --version)"
    "$python" -m venv --clear .venv
fi

pip() { .venv/bin/python -m pip --disable-pip-version-check --no-input "$@"; }

say "installing $lock"
pip install --quiet --require-hashes --requirement "$lock"
# The backend is in the lock, so nothing is fetched here.
pip install --quiet --no-deps --no-build-isolation --editable .
