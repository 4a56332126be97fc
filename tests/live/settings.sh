#!/usr/bin/env bash
# Holds `mta-sim settings` against `postconf -x`, for each main.cf given, or for those of tests/live/main.cf.
# A file that mta-sim refuses is named, and not compared. Without postconf(1) nothing is compared, and that is said.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)

if ! command -v postconf >/dev/null; then
    echo "SKIPPED: postconf is not here"
    exit 0
fi
cargo build --quiet --locked --manifest-path "$root/Cargo.toml" --bin mta-sim
mta_sim=${CARGO_TARGET_DIR:-$root/target}/debug/mta-sim
[ $# -gt 0 ] || set -- "$root"/tests/live/main.cf/*.cf

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# Parameters of a delivery service exist where master.cf has the service.
printf '%s unix - - y - - smtp\n' smtp relay >"$work/master.cf"
: >"$work/main.cf"
release=$(postconf -c "$work" -dh mail_version | cut -d. -f1,2)

same=0 different=0 refused=0
for file; do
    cp "$file" "$work/main.cf"
    if ! "$mta_sim" settings "$work/main.cf" --postconf x --for-postfix "$release" --hostname "$(hostname)" \
        >"$work/ours" 2>"$work/told"; then
        refused=$((refused + 1))
        echo "refused: $file: $(grep -v warning: "$work/told" | head -1)"
        continue
    fi
    names=$(cut -d' ' -f1 "$work/ours")
    # The folder of the file is not what the file says.
    # shellcheck disable=SC2086
    postconf -c "$work" -x $names 2>/dev/null | sed "s|$work|/etc/postfix|g" >"$work/theirs"
    if diff <(sed 's/ *$//' "$work/ours") <(sed 's/ *$//' "$work/theirs") >"$work/difference"; then
        same=$((same + 1))
    else
        different=$((different + 1))
        echo "different: $file (< mta-sim, > postconf)"
        sed 's/^/    /' "$work/difference"
    fi
done
echo "Postfix $release: $same the same, $different different, $refused refused"
[ "$different" -eq 0 ]
