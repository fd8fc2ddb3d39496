#!/usr/bin/env bash
# Builds the package with a sanitizer and runs its tests; fails on any finding, in the tests or in a program they start.
#
#   Tests/faults/sanitize.sh address     memory errors and leaks
#   Tests/faults/sanitize.sh thread      data races
#
# More arguments go to swift test, as in: Tests/faults/sanitize.sh thread --filter HDF5Tests
set -euo pipefail
cd "$(dirname "$0")/../.."

kind="${1:-}"
case "$kind" in
address | thread) shift ;;
*)
    echo "usage: Tests/faults/sanitize.sh address|thread [arguments of swift test]" >&2
    exit 2
    ;;
esac

scratch=".build/sanitize-$kind"
findings="$PWD/$scratch/findings"
suppressions="$PWD/Tests/faults/suppressions"

# Findings go to files, one for each process: the tests read what the programs that they start say on standard error.
rm -rf "$findings"
mkdir -p "$findings"
# An allocation that cannot be had returns null, as without the sanitizer: damaged files ask libhdf5 for exabytes.
export ASAN_OPTIONS="detect_leaks=1:allocator_may_return_null=1:log_path=$findings/report"
export LSAN_OPTIONS="suppressions=$suppressions/leaks.txt:print_suppressions=0"
export TSAN_OPTIONS="allocator_may_return_null=1:suppressions=$suppressions/races.txt:log_path=$findings/report"
# The sanitizer's own memory belongs to the process: a program slows down and grows, and bounds on that mean nothing.
# Faults that are planted are findings, too.
skipped=(--skip SoakTests --skip plantedFaultsAreFound)
export FUZZ_MEMORY=0

start=$SECONDS
swift build --build-tests --sanitize="$kind" --scratch-path "$scratch"
built=$SECONDS
status=0
swift test --skip-build --sanitize="$kind" --scratch-path "$scratch" "${skipped[@]}" "$@" || status=$?
echo "Built in $((built - start)) s, tested in $((SECONDS - built)) s."

# The rest are notes of allocations that could not be had.
mapfile -t reports < <(grep -rlE 'ERROR: |SUMMARY: ' "$findings")
if [ ${#reports[@]} -gt 0 ]; then
    cat "${reports[@]}"
    echo "${#reports[@]} processes with findings: $findings" >&2
    exit 1
fi
exit "$status"
