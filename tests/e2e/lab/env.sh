# Sourced by the scripts beside it. Binaries and state live in $LAB, outside every checkout.
HERE=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
LAB=${GWDOCTOR_LAB:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/gwdoctor-e2e}
BIN=$LAB/bin
RUN=$LAB/run
PARTS="etcd kube-apiserver kube-controller-manager kwok contour"

die() { printf '%s\n' "$*" >&2; exit 1; }

# ours NAME: the recorded process still runs, and is still our binary (process ids are used again).
ours() {
  local pid
  [ -s "$RUN/$1.pid" ] && pid=$(cat "$RUN/$1.pid") && [ "$(readlink "/proc/$pid/exe" 2>/dev/null)" = "$(readlink -f "$BIN/$1")" ]
}

# start NAME ARG...: the binary NAME detached, its id in run/NAME.pid, its log in run/NAME.log. The lock (descriptor 9) is not inherited.
start() {
  local name=$1; shift
  setsid nohup "$BIN/$name" "$@" >"$RUN/$name.log" 2>&1 </dev/null 9>&- &
  echo $! >"$RUN/$name.pid"
  begun "$name"
}

# begun NAME: waits until what was started is the binary, and no longer the shell, setsid or nohup before it: `ours` would say that it stopped.
begun() {
  for _ in $(seq 200); do
    if ours "$1"; then return 0; fi
    # Nothing is left of a process that has ended but its number.
    if [ -s "$RUN/$1.pid" ] && ! readlink "/proc/$(cat "$RUN/$1.pid")/exe" >/dev/null; then return 0; fi
    sleep 0.05
  done
}

# start_orphan NAME ARG...: the same for a program that ends with the process which started it (Envoy does): its parent is gone before it begins.
start_orphan() {
  local name=$1; shift
  rm -f "$RUN/$name.pid"
  setsid --fork bash -c 'echo $$ >"$1.pid.new"; mv "$1.pid.new" "$1.pid"; shift; exec "$@"' \
    start "$RUN/$name" "$BIN/$name" "$@" >"$RUN/$name.log" 2>&1 </dev/null 9>&-
  begun "$name"
}

# stop NAME: by the recorded id only; killed after ten seconds.
stop() {
  local pid
  if ours "$1"; then
    pid=$(cat "$RUN/$1.pid"); kill "$pid" 2>/dev/null
    for _ in $(seq 100); do ours "$1" || break; sleep 0.1; done
    if ours "$1"; then kill -9 "$pid" 2>/dev/null; fi
  fi
  rm -f "$RUN/$1.pid"
}

# answers NAME SECONDS CURL-ARG...: waits until the URL answers, or says why it never will.
answers() {
  local name=$1 end=$((SECONDS + $2)); shift 2
  until curl -fs --max-time 5 -o /dev/null "$@" 2>/dev/null; do
    if ! ours "$name" || [ $SECONDS -ge $end ]; then
      tail -n 15 "$RUN/$name.log" >&2
      die "cannot start $name: it $(ours "$name" && echo "does not answer" || echo "stopped"); its log is $RUN/$name.log"
    fi
    sleep 0.1
  done
}
