#!/bin/bash
# run.sh BINARY [NAME...]: the end-to-end suites. Builds the control plane where it is not built yet, brings it up, runs run.py, probes.py and traffic.py
# against it and takes it down again, whatever happened. NAME: only the scenarios whose name contains it; `traffic` is the suite of real requests, `probes`
# that of what is observed on the network. Settings, as environment variables:
#   GWDOCTOR_LAB   where binaries, state and results live (default: gwdoctor-e2e in the user's cache folder)
#   GWDOCTOR_KEEP  1: leave the control plane running afterwards (lab/down.sh stops it)
set -euo pipefail
. "$(dirname "$(readlink -f "$0")")/lab/env.sh"
[ $# -ge 1 ] || die "usage: run.sh BINARY [NAME...]"
[ -x "$1" ] || die "no program at $1: build it first (make)"
BINARY=$(readlink -f "$1"); shift
for tool in python3 openssl curl flock; do command -v $tool >/dev/null || die "cannot run: no $tool (apt-get install python3 openssl curl util-linux)"; done

# One run at a time on one lab.
mkdir -p "$LAB"
exec 9>"$LAB/lock"
flock -n 9 || { echo "waiting for another run on $LAB"; flock -w 1800 9 || die "another run still holds $LAB/lock after half an hour"; }

suite=
down() {
  [ -z "$suite" ] || kill "$suite" 2>/dev/null || true
  [ "${GWDOCTOR_KEEP:-}" = 1 ] || bash "$HERE/down.sh"
}
trap down EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# What is asked for: everything, or the scenarios that are named, or the probes, or the traffic.
names=(); scenarios=1; probes=1; traffic=1
[ $# -eq 0 ] || { scenarios=; probes=; traffic=; }
for name; do
  case $name in traffic) traffic=1 ;; probes) probes=1 ;; *) names+=("$name"); scenarios=1 ;; esac
done

bash "$HERE/build.sh"
started=$SECONDS
bash "$HERE/up.sh"
echo "the control plane is up ($((SECONDS - started)) s)"
mkdir -p "$LAB/results"
passed=0 failed=0

# part NAME PROGRAM ARG...: one suite, in the background so that a signal is answered at once. What it counted is in run/counts.NAME.
part() {
  local name=$1 right=0 wrong=1; shift
  rm -f "$RUN/counts.$name"
  python3 "$HERE/../$1" --run "$RUN" --results "$LAB/results" "${@:2}" 9>&- &
  suite=$!
  wait $suite || true
  suite=
  read -r right wrong 2>/dev/null <"$RUN/counts.$name" || echo "the suite $name ended before it could count"
  passed=$((passed + right)) failed=$((failed + wrong))
}

# The data planes, and what has to grow old until probes.py asks for it, before the scenarios take their minutes.
if [ -n "$probes$traffic" ] && ! bash "$HERE/traffic.sh"; then failed=$((failed + 1)); probes=; traffic=; fi
if [ -n "$probes" ] && ! python3 "$HERE/../probes.py" --run "$RUN" --results "$LAB/results" --install "$BINARY" 9>&-; then failed=$((failed + 1)); probes=; fi
[ -z "$scenarios" ] || part scenarios run.py "$BINARY" "${names[@]}"
[ -z "$probes" ] || part probes probes.py "$BINARY"
[ -z "$traffic" ] || part traffic traffic.py "$BINARY"
echo "$passed passed, $failed failed"
[ $failed -eq 0 ] && [ $passed -gt 0 ]
