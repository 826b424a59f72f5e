#!/usr/bin/env bash
# Builds the fuzz targets and runs each for some seconds from the same seed, on the files of connectors/corpus.
#
#   tests/lib/fuzz.sh                all of them
#   tests/lib/fuzz.sh csv vcard      these
#
# Without more, each tries the same inputs everywhere: so many from this seed, so that what passes once passes again
# (CARNET_FUZZ_RUNS, 2000). CARNET_FUZZ_SECONDS looks for as long instead, and CARNET_FUZZ_SEED (1) from where. An input that fails is kept in
# target/test-logs, and the line that runs it again is printed. It needs no nightly compiler: the coverage that libFuzzer is
# guided by is a pass of LLVM (tests/lib/fuzz-rustc.sh); only the sanitizers, which safe Rust has little use for, are not in
# the stable one.
set -euo pipefail
shopt -s inherit_errexit nullglob
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

seconds="${CARNET_FUZZ_SECONDS:-0}" seed="${CARNET_FUZZ_SEED:-1}" runs="${CARNET_FUZZ_RUNS:-2000}"
[[ $seconds -eq 0 ]] || runs=-1
logs="$PWD/target/test-logs" built="$PWD/target/debug"

build() {
    # Where the product is built, so that its libraries are there; ours are told apart by how they are compiled.
    RUSTC_WRAPPER="$PWD/tests/lib/fuzz-rustc.sh" \
        cargo build --manifest-path fuzz/Cargo.toml --locked --target-dir target --bins
}

# The values of the tables, one a file: what a person would write as a date, an address, a number.
write_cells() {
    local folder="$1" file
    mkdir -p "$folder"
    for file in connectors/corpus/csv/*.csv; do
        tr -d '\000' <"$file" | tr ',;\t' '\n\n\n'
    done | tr -d '"\r' | LC_ALL=C sort -u |
        awk -v folder="$folder" 'NF { name = folder "/" NR; printf "%s", $0 > name; close(name) }'
}

# Packed and in other encodings, the same tables.
write_packed() {
    local folder="$1" file
    mkdir -p "$folder"
    cp connectors/corpus/csv/*.zip "$folder"
    for file in connectors/corpus/csv/*.csv; do
        gzip -cn "$file" >"$folder/$(basename "$file").gz"
    done
}

# The folders that a target starts from.
seeds_of() {
    local corpus=connectors/corpus
    case "$1" in
        csv | csv_rows | csv_mapping | text) echo "$corpus/csv" ;;
        vcard | ldif | jscontact) echo "$corpus/$1" ;;
        merge) echo "$corpus/jscontact $corpus/vcard $corpus/ldif $corpus/csv" ;;
        archive) echo "$made/packed" ;;
        dates | email | phone) echo "$made/cells" ;;
        *) echo "tests/lib/fuzz.sh does not know what the target $1 starts from" >&2 && return 1 ;;
    esac
}

# Runs one target; its output is in its log, and the end of it here if it failed.
run() {
    local target="$1" seeds log="$logs/fuzz-$1.log" found
    seeds="$(seeds_of "$target")"
    mkdir -p "$made/found/$target"
    # shellcheck disable=SC2086 # several folders
    if "$built/$target" -seed="$seed" -runs="$runs" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=768 -max_len=8192 \
        -print_final_stats=1 -artifact_prefix="$logs/fuzz-$target-" "$made/found/$target" $seeds >"$log" 2>&1; then
        echo "ok      $target: $(sed -n 's/^stat::number_of_executed_units: //p' "$log") inputs"
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
    write_packed "$made/packed"
    echo "seed $seed, $runs inputs (-1: any number) or $seconds s (0: any time) each"
    for target in "${targets[@]}"; do
        if run "$target"; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
    done
    local result=ok
    [[ $failed -eq 0 ]] || result=FAILED
    echo "test result: $result. $passed passed; $failed failed; 0 ignored"
    [[ $failed -eq 0 ]]
}

{ main "$@"; exit; }
