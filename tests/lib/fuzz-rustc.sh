#!/usr/bin/env bash
# The compiler for tests/lib/fuzz.sh where libFuzzer looks: counts which branches of our own code are taken, for it to be guided
# by. Libraries are compiled as they always are.
set -euo pipefail

counters=(--cfg fuzzing -Cdebug-assertions=yes -Cpasses=sancov-module)
for option in sanitizer-coverage-level=4 sanitizer-coverage-inline-8bit-counters sanitizer-coverage-pc-table \
    sanitizer-coverage-trace-compares simplifycfg-branch-fold-threshold=0; do
    counters+=("-Cllvm-args=-$option")
done
case "${CARGO_PKG_NAME:-}" in
    carnet-*) exec "$@" "${counters[@]}" ;;
    *) exec "$@" ;;
esac
