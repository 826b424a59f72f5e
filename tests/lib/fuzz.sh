#!/usr/bin/env bash
# Builds the fuzz targets and gives each the files of connectors/corpus, and many changes of them.
#
#   tests/lib/fuzz.sh                all of them
#   tests/lib/fuzz.sh csv vcard      these
#
# Without more, each tries the same inputs on every machine (fuzz/src/fixed.rs), so that what passes once passes again: the
# files, then CARNET_FUZZ_INPUTS (10000) changes of them from CARNET_FUZZ_SEED (1). The digest of all of them is printed.
# CARNET_FUZZ_SECONDS=60 lets libFuzzer look for that long instead, guided by what its inputs reach, and never twice alike.
# An input that fails is kept in target/test-logs, and the line that runs it again is printed. Neither needs a nightly
# compiler: the coverage that libFuzzer is guided by is a pass of LLVM (tests/lib/fuzz-rustc.sh); only the sanitizers, which
# safe Rust has little use for, are not in the stable one.
set -euo pipefail
shopt -s inherit_errexit nullglob
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

seconds="${CARNET_FUZZ_SECONDS:-0}" seed="${CARNET_FUZZ_SEED:-1}" inputs="${CARNET_FUZZ_INPUTS:-10000}"
logs="$PWD/target/test-logs"
unset CARNET_FUZZ_INPUTS
# Bytes are bytes to the tools below, too.
export LC_ALL=C

build() {
    local manifest=(--manifest-path fuzz/Cargo.toml --locked --bins)
    if [[ $seconds -eq 0 ]]; then
        # Where the product is built, so that its libraries are there.
        built="$PWD/target/debug"
        cargo build "${manifest[@]}" --target-dir target
    else
        built="$PWD/target/guided/debug"
        RUSTC_WRAPPER="$PWD/tests/lib/fuzz-rustc.sh" cargo build "${manifest[@]}" --target-dir target/guided
    fi
}

# The values of the tables, one a file: what a person would write as a date, an address, a number.
write_cells() {
    local folder="$1" file
    mkdir -p "$folder"
    for file in connectors/corpus/csv/*.csv; do
        tr -d '\000' <"$file" | tr ',;\t' '\n\n\n'
    done | tr -d '"\r' | sort -u |
        awk -v folder="$folder" 'NF { name = folder "/" NR; printf "%s", $0 > name; close(name) }'
}

# The folders that a target starts from.
seeds_of() {
    local corpus=connectors/corpus
    case "$1" in
        csv | csv_rows | csv_mapping | text) echo "$corpus/csv" ;;
        vcard | ldif | jscontact) echo "$corpus/$1" ;;
        merge) echo "$corpus/jscontact $corpus/vcard $corpus/ldif $corpus/csv" ;;
        archive) echo "$corpus/packed $corpus/csv" ;;
        dates | email | phone) echo "$made/cells" ;;
        *) echo "tests/lib/fuzz.sh does not know what the target $1 starts from" >&2 && return 1 ;;
    esac
}

# One target with the inputs that are the same everywhere. Whatever ends it leaves the input that was tried.
try_fixed() {
    local target="$1" && shift
    export CARNET_FUZZ_INPUT="$logs/fuzz-$target-input"
    (
        # What reads a few kilobytes has no use for more.
        ulimit -v 1048576
        CARNET_FUZZ_INPUTS="$inputs" CARNET_FUZZ_SEED="$seed" timeout --kill-after=5s 600s "$built/$target" "$@"
    )
}

# One target with whatever libFuzzer comes upon.
look_further() {
    local target="$1" && shift
    mkdir -p "$made/found/$target"
    "$built/$target" -seed="$seed" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=768 -max_len=8192 \
        -print_final_stats=1 -artifact_prefix="$logs/fuzz-$target-" "$made/found/$target" "$@"
}

# Runs one target; its output is in its log, and the end of it here if it failed.
run() {
    local target="$1" log="$logs/fuzz-$1.log" found folders seeds status=0
    folders="$(seeds_of "$target")" || return 1
    read -ra seeds <<<"$folders"
    rm -f "$logs/fuzz-$target"-*
    if [[ $seconds -eq 0 ]]; then
        try_fixed "$target" "${seeds[@]}" >"$log" 2>&1 || status=$?
    else
        look_further "$target" "${seeds[@]}" >"$log" 2>&1 || status=$?
    fi
    if [[ $status -eq 0 ]]; then
        echo "ok      $target: $(sed -nE 's/^stat::number_of_executed_units: +(.*)/\1 inputs/p; /^[0-9]+ inputs, digest /p' "$log")"
        return 0
    fi
    echo "FAILED  $target, seed $seed; again: $built/$target FILE"
    for found in "$logs/fuzz-$target"-*; do echo "        FILE: $found"; done
    grep -aE -A 3 '^thread .* panicked|^==[0-9]+== ERROR' "$log" | cut -c -2000 || tail -n 20 "$log"
    return 1
}

main() {
    local targets=("$@") passed=0 failed=0 target
    if [[ ${#targets[@]} -eq 0 ]]; then
        targets=(fuzz/fuzz_targets/*.rs)
        targets=("${targets[@]##*/}")
        targets=("${targets[@]%.rs}")
    fi
    mkdir -p "$logs"
    build
    made="$(mktemp -d)"
    trap 'rm -rf "$made"' EXIT
    write_cells "$made/cells"
    if [[ $seconds -eq 0 ]]; then
        echo "the files and $inputs changes of them for each, seed $seed"
    else
        echo "$seconds s of libFuzzer for each, seed $seed"
    fi
    for target in "${targets[@]}"; do
        if run "$target"; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
    done
    local result=ok
    [[ $failed -eq 0 ]] || result=FAILED
    echo "test result: $result. $passed passed; $failed failed; 0 ignored"
    [[ $failed -eq 0 ]]
}

{ main "$@"; exit; }
