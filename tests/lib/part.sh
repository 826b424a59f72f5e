#!/usr/bin/env bash
# Does one part of tests/run, in a process of its own, so that its exit status is the part's result.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

part_fmt() {
    cargo fmt --all --check
    cargo fmt --manifest-path fuzz/Cargo.toml --check
}

part_lints() { cargo clippy --workspace --all-targets --locked --keep-going -- -D warnings; }

# The examples in the documentation are compiled and run.
part_docs() {
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --document-private-items --locked
    cargo test --workspace --doc --locked
}

part_names() {
    tests/lib/names.sh --self-test
    tests/lib/names.sh
}

part_arrows() {
    tests/lib/arrows.sh --self-test
    tests/lib/arrows.sh
}

# Licences, duplicates and sources are judged from Cargo.lock alone; advisories need the database, which is on a
# server of its own. Where that cannot be reached the summary says so; it counts neither as passed nor as failed.
part_deny() {
    cargo deny --locked check -D unmatched-skip bans licenses sources
    cargo deny --locked --manifest-path fuzz/Cargo.toml --config "$PWD/deny.toml" check bans licenses sources
    export GIT_TERMINAL_PROMPT=0
    if timeout 120s cargo deny --locked fetch db; then
        cargo deny --locked check advisories
    elif find "${CARGO_HOME:-$HOME/.cargo}" -path '*/advisory-db*' -name 'RUSTSEC-*' -print -quit | grep -q .; then
        echo "advisories: judged by the copy on this machine, database unreachable" >>"$CARNET_TEST_NOTES"
        cargo deny --locked check --disable-fetch advisories
    else
        echo "advisories: not judged, database unreachable" >>"$CARNET_TEST_NOTES"
    fi
}

# Builds all targets once and notes every program that came of it: kind, package folder, path.
part_build() {
    local messages="$CARNET_TEST_PROGRAMS.json" status=0
    # With --keep-going a room that does not compile leaves the others' tests to run.
    cargo build --workspace --all-targets --locked --keep-going \
        --message-format=json-render-diagnostics >"$messages" || status=$?
    sed -nE 's#.*"manifest_path":"([^"]*)/Cargo\.toml".*"kind":\["(lib|bin|test|proc-macro)"\].*"profile":\{[^}]*"test":true\}.*"executable":"([^"]+)".*#test\t\1\t\3#p
        s#.*"manifest_path":"([^"]*)/Cargo\.toml".*"kind":\["bin"\].*"profile":\{[^}]*"test":false\}.*"executable":"([^"]+)".*#program\t\1\t\2#p' \
        "$messages" >"$CARNET_TEST_PROGRAMS"
    rm "$messages"
    return "$status"
}

part_core() { run_tests_of vault/core; }
part_store() { run_tests_of vault/store; }
part_desk() { run_tests_of vault/desk; }
part_connectors() { run_tests_of connectors; }
part_app() { run_tests_of vault/app; }

# Any bytes, the same on every machine, to whatever reads a file.
part_fuzz() { tests/lib/fuzz.sh; }

part_end_to_end() {
    CARNET_BIN="$(awk -F'\t' -v folder="$PWD/vault/app" '$1 == "program" && $2 == folder { print $3 }' "$CARNET_TEST_PROGRAMS")"
    [[ -x $CARNET_BIN ]] || { echo "the program carnet was not built; see build.log" && return 1; }
    export CARNET_BIN
    run_tests_of tests
}

# Runs every test program of one package where cargo would, and reports all failures, not only the first.
run_tests_of() {
    local folder="$PWD/$1" kind home program found=false status=0
    while IFS=$'\t' read -r kind home program; do
        [[ $kind == test && $home == "$folder" ]] || continue
        found=true
        echo "running $program"
        (cd "$home" && CARGO_MANIFEST_DIR="$home" "$program") || { echo "failed: $program" && status=1; }
    done <"$CARNET_TEST_PROGRAMS"
    $found || { echo "no test program of $1 was built; see build.log" && return 1; }
    return "$status"
}

"part_${1//-/_}"
