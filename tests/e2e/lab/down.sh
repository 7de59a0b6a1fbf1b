#!/bin/bash
# Stops what up.sh started, by the recorded process ids, and removes the state of the run (binaries and results stay).
. "$(dirname "$(readlink -f "$0")")/env.sh"
for part in envoy-gateway envoy-ingress contour-gateway contour-ingress contour kwok kube-controller-manager kube-apiserver etcd; do stop "$part"; done
[ "${1:-}" = --keep ] || rm -rf "$RUN"
exit 0
