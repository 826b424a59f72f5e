# shellcheck shell=bash
# Installs what the tests need from Debian and crates.io, and only what is missing. Sourced by tests/run.

# Where the logs go; set by tests/run.
: "${logs:?}"
# The version that deny.toml is written for; an installed one at least as new is used as it is.
cargo_deny_version=0.20.2

# A C compiler, make and perl: SQLite, libpq and OpenSSL are built from source.
install_compiler() {
    if ! { have cc && have make && have perl; }; then debian_install build-essential; fi
}

# What the tests talk to, and the programs that look into a database from outside.
install_servers() {
    local packages=()
    [[ -n $(postgres_binaries) ]] || packages+=(postgresql)
    have openssl || packages+=(openssl)
    have sqlite3 || packages+=(sqlite3)
    have age || packages+=(age)
    have restic || packages+=(restic)
    have faketime || packages+=(faketime)
    [[ ${#packages[@]} -eq 0 ]] || debian_install "${packages[@]}"
}

# Kept outside the work tree, so that a clean clone does not build it again.
install_cargo_deny() {
    local tools="${XDG_CACHE_HOME:-$HOME/.cache}/carnet-tools" build
    export PATH="$tools/bin:$PATH"
    if cargo_deny_is_new_enough; then return; fi
    install_compiler
    echo "installing cargo-deny $cargo_deny_version into $tools (about three minutes on two cores)"
    build="$(mktemp -d)"
    # Its release profile (fat LTO, one unit) takes several times longer to build and saves less than a second a run.
    CARGO_TARGET_DIR="$build" CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_OPT_LEVEL=1 \
        CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 \
        cargo install cargo-deny --locked --quiet --force --version "$cargo_deny_version" --root "$tools" ||
        { rm -rf "$build" && fail "cargo-deny could not be installed"; }
    rm -rf "$build"
}

cargo_deny_is_new_enough() {
    local installed
    installed="$(cargo deny --version 2>/dev/null)" || return 1
    [[ $(printf '%s\n' "$cargo_deny_version" "${installed##* }" | sort -V | head -n 1) == "$cargo_deny_version" ]]
}

debian_install() {
    if [[ $EUID -ne 0 ]]; then
        fail "these Debian packages are missing; run: sudo apt-get update && sudo apt-get install -y --no-install-recommends $*"
    fi
    have apt-get || fail "these are missing, and there is no apt-get to install them: $*"
    echo "installing from Debian: $*"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends "$@" >"$logs/install.log" 2>&1 </dev/null ||
        { tail -n 50 "$logs/install.log" >&2 && fail "apt-get could not install: $*"; }
}

have() {
    command -v "$1" >/dev/null
}

fail() {
    echo "tests/run: $*" >&2
    exit 1
}
