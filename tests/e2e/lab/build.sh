#!/bin/bash
# Builds the control plane (etcd, kube-apiserver, kube-controller-manager, kwok, Contour) from the pinned Go modules in modules/ into $LAB/bin:
# what is missing, or was built from other versions. A cold build takes about 7 minutes on two idle cores; a warm one nothing.
set -euo pipefail
. "$(dirname "$(readlink -f "$0")")/env.sh"
export CGO_ENABLED=0 GOFLAGS="-mod=readonly -buildvcs=false" GOWORK=off

NEEDS="install the toolchain from https://go.dev/dl/ and put its bin folder into PATH"
command -v go >/dev/null || die "cannot build: no Go 1.26 ($NEEDS)"
# Asked inside a module, so that a Go which fetches newer toolchains by itself answers with the one it would use.
GO=$(cd "$HERE/modules/k8s" && go env GOVERSION 2>/dev/null) || GO=$(go version 2>/dev/null || echo unknown)
[[ $GO =~ ^go1\.([0-9]+) && ${BASH_REMATCH[1]} -ge 26 ]] || die "cannot build: no Go 1.26, found ${GO:-none} ($NEEDS)"

K8S=$(sed -n 's/^require k8s.io\/kubernetes v//p' "$HERE/modules/k8s/go.mod")
V=k8s.io/component-base/version
STAMP="-X $V.gitVersion=v$K8S -X $V.gitMajor=1 -X $V.gitMinor=$(cut -d. -f2 <<<"$K8S") -X $V.gitTreeState=clean -X $V.buildDate=2026-01-01T00:00:00Z"

# build NAME MODULE PACKAGE [LDFLAGS]
build() {
  local sum started=$SECONDS
  sum=$(cat "$HERE/modules/$2"/go.* | sha256sum | cut -d' ' -f1)
  [ -x "$BIN/$1" ] && [ "$(cat "$BIN/$1.built-from" 2>/dev/null)" = "$sum" ] && return 0
  echo "building $1 (once; kept in $BIN)"
  (cd "$HERE/modules/$2" && go build -trimpath -ldflags "-s -w ${4:-}" -o "$BIN/$1.new" "$3") || die "cannot build $1: see above (module $HERE/modules/$2)"
  mv "$BIN/$1.new" "$BIN/$1"; echo "$sum" >"$BIN/$1.built-from"
  echo "built $1 in $((SECONDS - started)) s"
}

# module NAME PATH: prints the folder with the sources of a pinned module.
module() { (cd "$HERE/modules/$1" && go mod download "$2" && go list -m -f '{{.Dir}}' "$2") || die "cannot fetch the module $2 (no module proxy reachable?)"; }

mkdir -p "$BIN"
build etcd k8s go.etcd.io/etcd/server/v3
build kube-apiserver k8s k8s.io/kubernetes/cmd/kube-apiserver "$STAMP"
build kube-controller-manager k8s k8s.io/kubernetes/cmd/kube-controller-manager "$STAMP"
build kwok kwok sigs.k8s.io/kwok/cmd/kwok
build contour contour github.com/projectcontour/contour/cmd/contour
command -v kubectl >/dev/null || build kubectl k8s k8s.io/kubernetes/cmd/kubectl "$STAMP"

if [ "$(cat "$LAB/crds/built-from" 2>/dev/null)" != "$(cat "$HERE"/modules/{gateway-api,contour}/go.sum | sha256sum)" ]; then
  rm -rf "$LAB/crds"; mkdir -p "$LAB/crds"
  gateway_api=$(module gateway-api sigs.k8s.io/gateway-api)
  contour=$(module contour github.com/projectcontour/contour)
  install -m 644 "$gateway_api"/config/crd/standard/gateway.networking.k8s.io_*s.yaml "$LAB/crds/"
  rm -f "$LAB"/crds/*_vap_*
  install -m 644 "$contour/examples/contour/01-crds.yaml" "$LAB/crds/contour.yaml"
  cat "$HERE"/modules/{gateway-api,contour}/go.sum | sha256sum >"$LAB/crds/built-from"
fi
