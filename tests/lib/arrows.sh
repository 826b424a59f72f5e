#!/usr/bin/env bash
# Which room may know which, checked against what cargo says: core <- store <- desk <- app, core <- connectors <- app.
# Development dependencies are not arrows: tests may use more than the product does.
set -euo pipefail
shopt -s inherit_errexit
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

# package            the rooms it may name in its Cargo.toml
declare -A may_know=(
    [carnet-core]=""
    [carnet-store]="carnet-core"
    [carnet-desk]="carnet-core carnet-store"
    [carnet-connectors]="carnet-core"
    [carnet]="carnet-connectors carnet-core carnet-desk"
    [carnet-tests]=""
)
# The core computes; it must build and be read without a runtime, a database or a network.
core_never="actix-web diesel libsqlite3-sys pq-sys openssl-sys reqwest rusqlite tokio"

# The packages under one package, one name a line; $2 is `direct` or `all`.
packages_under() {
    local depth=()
    [[ $2 == all ]] || depth=(--depth 1)
    cargo tree --locked --package "$1" --edges no-dev --target all --prefix none --format '{p}' "${depth[@]}" |
        awk -v self="$1" '$1 != self { print $1 }' | sort -u
}

# The packages that name $1 in their Cargo.toml, one name a line.
packages_over() {
    cargo tree --locked --workspace --edges no-dev --target all --prefix none --format '{p}' --invert "$1" --depth 1 |
        awk -v self="$1" '$1 != self { print $1 }' | sort -u
}

rooms() {
    cargo metadata --locked --no-deps --format-version 1 | grep -oE '"name":"carnet[a-z-]*","version"' | cut -d'"' -f4
}

is_room() { [[ -v may_know[$1] ]]; }

is_word_of() { [[ " $2 " == *" $1 "* ]]; }

# Prints a sentence for each arrow that the plan of the house does not have.
wrong_arrows() {
    local room other found all_rooms
    all_rooms="$(rooms)"
    for room in $all_rooms; do
        is_room "$room" || { echo "$room has no line in tests/lib/arrows.sh: say there what it may know" && continue; }
        found="$(packages_under "$room" direct)"
        for other in $found; do
            [[ $other != carnet* ]] || is_word_of "$other" "${may_know[$room]}" ||
                echo "$room must not depend on $other; it may know: ${may_know[$room]:-no other room}"
        done
    done
    found="$(packages_under carnet-core all)"
    for other in $found; do
        ! is_word_of "$other" "$core_never" || echo "carnet-core must not depend on $other, not even through another crate"
    done
    found="$(packages_over diesel)"
    for other in $found; do
        [[ $other != carnet* || $other == carnet-store ]] || echo "$other must not depend on diesel; only carnet-store knows SQL"
    done
}

# Feeds wrong_arrows a house with one wrong arrow at a time; each must be named, and the right house must pass.
self_test() {
    local wrong_room="" wrong_package=""
    rooms() { printf '%s\n' carnet-core carnet-store carnet-desk carnet-connectors carnet "${extra_room:-carnet-core}"; }
    packages_under() {
        case "$1" in
            carnet-core) echo serde ;;
            carnet-desk) printf '%s\n' carnet-core carnet-store ;;
            carnet) printf '%s\n' carnet-connectors carnet-core carnet-desk clap ;;
            *) echo carnet-core ;;
        esac
        [[ $1 != "$wrong_room" ]] || echo "$wrong_package"
    }
    packages_over() { printf '%s\n' carnet-store diesel_migrations "${extra_over:-carnet-store}"; }

    [[ -z $(wrong_arrows) ]] || { echo "self-test: the right house was refused: $(wrong_arrows)" && return 1; }
    local pair
    for pair in carnet-core:tokio carnet-core:carnet-store carnet-store:carnet-desk carnet-desk:carnet-connectors \
        carnet-connectors:carnet-store carnet:carnet-store; do
        wrong_room="${pair%%:*}" wrong_package="${pair##*:}"
        [[ $(wrong_arrows) == *"$wrong_room must not depend on $wrong_package"* ]] ||
            { echo "self-test: $wrong_room -> $wrong_package was not found" && return 1; }
    done
    wrong_room=""
    [[ $(extra_over=carnet-desk wrong_arrows) == *"carnet-desk must not depend on diesel"* ]] ||
        { echo "self-test: diesel outside the store was not found" && return 1; }
    [[ $(extra_room=carnet-attic wrong_arrows) == *"carnet-attic has no line"* ]] ||
        { echo "self-test: an unknown room was not found" && return 1; }
    echo "self-test: every wrong arrow was found"
}

if [[ ${1:-} == --self-test ]]; then
    self_test
else
    found="$(wrong_arrows)"
    [[ -z $found ]] || { echo "$found" && exit 1; }
    echo "every arrow is in the plan"
fi
