#!/bin/bash
# run.sh BINARY [NAME...]: the end-to-end suite. Builds the control plane where it is not built yet, brings it up, runs run.py against it and takes it
# down again, whatever happened. NAME: only the scenarios whose name contains it. Settings, as environment variables:
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

bash "$HERE/build.sh"
started=$SECONDS
bash "$HERE/up.sh"
echo "the control plane is up ($((SECONDS - started)) s)"
# In the background, so that a signal is answered at once.
python3 "$HERE/../run.py" --run "$RUN" --results "$LAB/results" "$BINARY" "$@" 9>&- &
suite=$!
code=0; wait $suite || code=$?
suite=
exit $code
