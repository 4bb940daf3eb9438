#!/usr/bin/env bash
# What the tests start and cannot bring themselves: Redis, PostgreSQL, coturn and a Chromium. Installs what is missing when we may,
# and otherwise fails: a test that cannot run is a failure, never a skip.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/packages.sh

has_postgres() {
    compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || command -v initdb >/dev/null
}

# The same answer as the tests': a stub that only points to a snap is not a browser.
has_chromium() {
    .venv/bin/python -m tests.services.chromium >/dev/null 2>&1
}

missing=()
command -v redis-server >/dev/null || missing+=(redis-server)
has_postgres || missing+=(postgresql)
command -v turnserver >/dev/null || missing+=(coturn)
command -v runuser >/dev/null || missing+=(util-linux)
if ! has_chromium && ! grep -qs '^ID=ubuntu' /etc/os-release; then missing+=(chromium fonts-liberation fonts-noto-color-emoji); fi
[ ${#missing[@]} = 0 ] || install_packages "${missing[@]}"

if ! has_chromium; then
    # Ubuntu's chromium package only points to a snap; Playwright can fetch a build of its own.
    say "no Chromium here; asking Playwright for one"
    if may_install; then dependencies=--with-deps; else dependencies=; fi
    .venv/bin/playwright install $dependencies chromium >&2 </dev/null || true
fi
has_chromium || die "no working Chromium found. On Debian: sudo apt-get install chromium. On Ubuntu: sudo snap install chromium, or install Google Chrome. Or name one: CHROMIUM=/path/to/chromium make test."
