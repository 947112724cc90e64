#!/bin/sh
# Fuzzes targets one after the other: `media/fuzz/run.sh SECONDS [target ..]`, all when none is named.
#
# Needs `cargo install cargo-fuzz`, a nightly Rust and a C++ compiler. Address sanitizer and overflow checks are on.
# The grown corpus stays in target/corpus (or under CARGO_TARGET_DIR); a line of figures a target goes to standard
# output, everything else into a log beside the corpus. A crash ends the run with code 1 and leaves the input there.
set -eu

cd "$(dirname "$0")"
seconds=${1:?usage: run.sh SECONDS [target ..]}
shift
[ $# -gt 0 ] || set -- rtp rtcp stun sdp_parameters control wav srtp dtls stream
place=${CARGO_TARGET_DIR:-$PWD/target}/corpus

cargo +nightly fuzz build --fuzz-dir . -s address >&2
# The programs as built now: sources may change while they run.
programs=${CARGO_TARGET_DIR:-$PWD/target}/$(rustc +nightly -vV | sed -n 's/^host: //p')/release
for target in "$@"; do
    mkdir -p "$place/$target"
    log=$place/$target.log
    # Inputs end after 5 s as "too slow"; memory over 1 GB is a fault as well.
    nice -n 19 "$programs/$target" "$place/$target" "seeds/$target" \
        -max_total_time="$seconds" -timeout=5 -rss_limit_mb=1024 -max_len=4096 -print_final_stats=1 \
        -artifact_prefix="$place/$target-" >"$log" 2>&1 || {
        echo "$target: failed, see $log"
        exit 1
    }
    executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    edges=$(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$log" | tail -n 1)
    echo "$target: $executions executions in $seconds s, $edges edges covered, clean"
done
