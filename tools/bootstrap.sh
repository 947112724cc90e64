#!/bin/sh
# Brings what the work needs and this machine lacks: `tools/bootstrap.sh run|check|test`.
#
# run    uv, a C compiler and Rust (everything else comes in locked packages)
# check  and clippy and rustfmt
# test   and Chromium, SIP peers and a voice (espeak-ng)
#
# With the right to install (root, or sudo that asks for no password) missing Debian packages are installed. Without it
# every missing thing gets a line that says how to get it, all of them at once, and the exit code is 1.
set -eu

goal=${1:-run}
root=$(cd "$(dirname "$0")/.." && pwd)
tools=$root/var/tools
cd "$root"

packages=""   # Debian packages to install
missing=""    # lines for the person at the terminal
newline='
'

say() { printf 'bootstrap: %s\n' "$*"; }
have() { command -v "$1" >/dev/null 2>&1; }

# need WHAT PACKAGES HOW: WHAT is not there; PACKAGES bring it on Debian.
need() {
    packages="$packages $2"
    missing="$missing  $1: $3$newline"
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

may_install() {
    have apt-get || return 1
    [ "$(id -u)" = 0 ] || { have sudo && sudo -n true 2>/dev/null; }
}

# at_least 1.95.0 1.89: whether the first version is not older than the second.
at_least() {
    [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]
}

# ---- what is missing -------------------------------------------------------------------------------------------------

need_python() {
    if ! have python3 || ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
        need "Python 3.11 or newer" "python3" "apt-get install python3"
    fi
}

find_uv() {
    PATH="$PATH:$HOME/.local/bin:$tools/uv/bin"
    have uv
}

# uv comes from PyPI by whatever this Python can do: a venv, or pip into a folder of ours.
need_uv() {
    find_uv && return 0
    if python3 -c 'import ensurepip, venv' 2>/dev/null || python3 -c 'import pip' 2>/dev/null; then
        return 0
    fi
    need "uv" "python3-venv" "apt-get install python3-venv, or install uv itself"
}

need_rust() {
    floor=$(sed -n 's/^rust-version *= *"\(.*\)"/\1/p' media/Cargo.toml)
    if ! have cc; then
        need "a C compiler" "gcc libc6-dev" "apt-get install gcc libc6-dev"
    fi
    found=$(cargo --version 2>/dev/null | cut -d ' ' -f 2 || true)
    if [ -z "$found" ] || ! at_least "$found" "$floor"; then
        need "Rust $floor or newer (found: ${found:-none})" "rustc-web cargo-web" \
            "apt-get install rustc-web cargo-web (Debian), or rustup"
    fi
    if [ "$goal" != run ]; then
        cargo clippy --version >/dev/null 2>&1 ||
            need "clippy" "rust-web-clippy" "apt-get install rust-web-clippy, or rustup component add clippy"
        cargo fmt --version >/dev/null 2>&1 ||
            need "rustfmt" "rustfmt-web" "apt-get install rustfmt-web, or rustup component add rustfmt"
    fi
}

need_program() {
    PATH="$PATH:/usr/sbin" have "$1" || need "$1" "$2" "apt-get install $2"
}

need_test_programs() {
    # The fonts: Debian's Chromium comes with none, and pages in Russian would show boxes.
    need_program chromium "chromium fonts-dejavu-core"
    need_program sipp sip-tester
    need_program baresip baresip-core
    need_program espeak-ng espeak-ng
    need_program linphonec linphone-cli
    need_program kamailio kamailio
    need_program svmap sipvicious
}

# ---- bringing it -----------------------------------------------------------------------------------------------------

install_packages() {
    [ -n "$packages" ] || return 0
    if ! may_install; then
        printf 'Missing on this machine, and no right to install it:\n%s' "$missing" >&2
        exit 1
    fi
    say "installing:$packages"
    had_kamailio=$(have kamailio && echo yes || echo no)
    as_root env DEBIAN_FRONTEND=noninteractive apt-get update -q
    # shellcheck disable=SC2086  # a list of names
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $packages
    # The package starts a SIP server on port 5060, which is ours; the tests start their own.
    if [ "$had_kamailio" = no ] && have systemctl && have kamailio; then
        as_root systemctl disable --now kamailio 2>/dev/null || true
    fi
}

install_uv() {
    find_uv && return 0
    say "installing uv from PyPI into var/tools/uv"
    rm -rf "$tools/uv"
    mkdir -p "$tools"
    if python3 -c 'import ensurepip, venv' 2>/dev/null; then
        python3 -m venv "$tools/uv"
        "$tools/uv/bin/pip" install -q uv
    else
        python3 -m pip install -q --target "$tools/uv" uv
    fi
}

case $goal in run | check | test) ;; *) echo "usage: tools/bootstrap.sh run|check|test" >&2; exit 2 ;; esac
need_python
[ -n "$missing" ] || need_uv
need_rust
[ "$goal" != test ] || need_test_programs
install_packages
install_uv
