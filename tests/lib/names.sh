#!/usr/bin/env bash
# Test data names nobody: every e-mail address in the tree is at a domain that RFC 2606 and RFC 6761 reserve.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

address='[[:alnum:]._%+-]+@[[:alnum:]]([[:alnum:]-]*\.)+[[:alpha:]]{2,}'
reserved='@([[:alnum:]-]+\.)*(example\.(com|net|org|edu)|[[:alnum:]-]+\.(example|test|invalid|localhost))$'
# Not mailboxes of a person; each with its reason.
known=(
    'git@github.com' # the user that every clone by ssh has
    'elodie@chat.exa' # of chat.example: a vCard folds its lines after 75 bytes
)

# Reads lines of `file:line:text` and prints `file:line: address` for each address that could be somebody's.
foreign_addresses() {
    local place text found
    while IFS= read -r text; do
        place="$(cut -d: -f1,2 <<<"$text")"
        while IFS= read -r found; do
            [[ $found =~ $reserved || " ${known[*]} " == *" $found "* ]] || echo "$place: $found"
        done < <(cut -d: -f3- <<<"$text" | grep -oE "$address" | tr '[:upper:]' '[:lower:]')
    done
}

self_test() {
    local found dot_fr=where.fr # apart, so that this file passes its own check
    found="$(printf '%s\n' 'a:1:x ann@example.org, b@mail.acme.test <c@d.example> serde@1.0.2 git@github.com' \
        "a:2:x@Some$dot_fr" | foreign_addresses)"
    [[ $found == "a:2: x@some$dot_fr" ]] || { echo "self-test: expected one address, found: $found" && return 1; }
    echo "self-test: the foreign address was found, the reserved ones were not"
}

if [[ ${1:-} == --self-test ]]; then
    self_test
else
    # 1 is git's word for "nothing found".
    lines="$(git grep -nIE "$address" -- ':!Cargo.lock')" || [[ $? -eq 1 ]]
    found="$(foreign_addresses <<<"$lines")"
    [[ -z $found ]] || { echo "these addresses may belong to somebody; use example.org, .example or .test:" && echo "$found" && exit 1; }
    echo "every address is at a reserved domain"
fi
