# Sourced by the other scripts: how to get a Debian or Ubuntu package, or say plainly which one is missing.

say() { printf '%s\n' "homeroom: $*" >&2; }
die() { say "$*"; exit 1; }

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

may_install() {
    command -v apt-get >/dev/null && { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }
}

# apt_get ARGUMENT...   quiet; what it said is shown when it fails
apt_get() {
    local said
    said=$(as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y "$@" 2>&1) || { printf '%s\n' "$said" >&2; return 1; }
}

# install_packages PACKAGE...   fails with a sentence when we may not install
install_packages() {
    may_install || die "these system packages are missing: $*. Install them (on Debian or Ubuntu: sudo apt-get install $*) and try again."
    say "installing system packages: $*"
    apt_get update || say "apt-get update failed; trying with the lists at hand"
    apt_get install --no-install-recommends "$@" || die "apt-get could not install: $*. Install them by hand and try again."
}
