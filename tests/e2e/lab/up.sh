#!/bin/bash
# Brings the control plane up on free loopback ports: etcd, kube-apiserver (TLS, RBAC, audit log), kube-controller-manager, kwok with one node, the
# CRDs of Gateway API and Contour, and Contour itself. What an earlier run left behind is stopped and removed first. About 10 seconds.
#   $RUN/pki/admin.{crt,key}    all rights, for the suite         $RUN/oncall.kubeconfig   all rights, for the program under test
#   $RUN/{nobody,wrong,down}.kubeconfig   no right at all; a token which nobody knows; an address where nothing listens
set -euo pipefail
. "$(dirname "$(readlink -f "$0")")/env.sh"
bash "$HERE/down.sh"
mkdir -p "$RUN/pki"; chmod 700 "$RUN"
for tool in openssl curl python3; do command -v $tool >/dev/null || die "cannot start: no $tool (apt-get install $tool)"; done

read -r ETCD_PORT ETCD_PEER API_PORT KCM_PORT DOWN_PORT XDS HEALTH METRICS DEBUG STATS < <(python3 - <<'P'
import socket
held = [socket.socket() for _ in range(10)]
for s in held: s.bind(("127.0.0.1", 0))
print(*[s.getsockname()[1] for s in held])
P
)
printf 'API_PORT=%s\n' "$API_PORT" >"$RUN/ports.env"

# --- keys and certificates
P=$RUN/pki
key() { openssl ecparam -name prime256v1 -genkey -noout -out "$1"; }
cert() { # cert NAME SUBJECT USAGE [SAN]
  key "$P/$1.key"
  { echo "keyUsage=critical,digitalSignature"; echo "extendedKeyUsage=$3"; [ -z "${4:-}" ] || echo "subjectAltName=$4"; } >"$P/$1.ext"
  openssl req -new -key "$P/$1.key" -subj "$2" 2>/dev/null |
    openssl x509 -req -CA "$P/ca.crt" -CAkey "$P/ca.key" -CAcreateserial -days 30 -extfile "$P/$1.ext" -out "$P/$1.crt" 2>/dev/null
}
key "$P/ca.key"
openssl req -x509 -new -key "$P/ca.key" -subj /CN=e2e-ca -days 30 -out "$P/ca.crt" \
  -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign,digitalSignature 2>/dev/null
key "$P/sa.key"; openssl ec -in "$P/sa.key" -pubout -out "$P/sa.pub" 2>/dev/null
cert apiserver /CN=kube-apiserver serverAuth "IP:127.0.0.1,IP:10.96.0.1,DNS:localhost,DNS:kubernetes.default.svc"
cert kcm "/CN=system:kube-controller-manager" clientAuth
for user in admin:e2e-admin oncall:oncall kwok:kwok contour:contour; do cert "${user%%:*}" "/O=system:masters/CN=${user##*:}" clientAuth; done
echo 'e2e-nobody-token,nobody,u1,"nobodies"' >"$P/tokens.csv"

kubeconfig() { # kubeconfig NAME PORT USER-ENTRY
  cat >"$RUN/$1.kubeconfig" <<K
apiVersion: v1
kind: Config
clusters: [{name: e2e, cluster: {server: "https://127.0.0.1:$2", certificate-authority-data: $(base64 -w0 "$P/ca.crt")}}]
contexts: [{name: e2e, context: {cluster: e2e, user: $1}}]
current-context: e2e
users: [{name: $1, user: $3}]
K
  chmod 600 "$RUN/$1.kubeconfig"
}
by_cert() { echo "{client-certificate-data: $(base64 -w0 "$P/$1.crt"), client-key-data: $(base64 -w0 "$P/$1.key")}"; }
for user in admin oncall kcm kwok contour; do kubeconfig $user "$API_PORT" "$(by_cert $user)"; done
kubeconfig nobody "$API_PORT" "{token: e2e-nobody-token}"
kubeconfig wrong "$API_PORT" "{token: not-a-token-of-this-cluster}"
kubeconfig down "$DOWN_PORT" "{token: e2e-nobody-token}"

# --- etcd and the API server
start etcd --name e2e --data-dir "$RUN/etcd" --unsafe-no-fsync --log-level warn \
  --listen-client-urls "http://127.0.0.1:$ETCD_PORT" --advertise-client-urls "http://127.0.0.1:$ETCD_PORT" \
  --listen-peer-urls "http://127.0.0.1:$ETCD_PEER" --initial-advertise-peer-urls "http://127.0.0.1:$ETCD_PEER" \
  --initial-cluster "e2e=http://127.0.0.1:$ETCD_PEER"
answers etcd 30 "http://127.0.0.1:$ETCD_PORT/health"
# No endpoint reconciler: a loopback address is refused in an EndpointSlice.
start kube-apiserver --etcd-servers "http://127.0.0.1:$ETCD_PORT" --bind-address 127.0.0.1 --advertise-address 127.0.0.1 --secure-port "$API_PORT" \
  --endpoint-reconciler-type none --tls-cert-file "$P/apiserver.crt" --tls-private-key-file "$P/apiserver.key" --client-ca-file "$P/ca.crt" \
  --token-auth-file "$P/tokens.csv" --authorization-mode Node,RBAC --service-account-issuer https://kubernetes.default.svc.cluster.local \
  --service-account-signing-key-file "$P/sa.key" --service-account-key-file "$P/sa.pub" --service-cluster-ip-range 10.96.0.0/12 \
  --audit-policy-file "$HERE/audit-policy.yaml" --audit-log-path "$RUN/audit.log" --profiling=false
answers kube-apiserver 120 --cacert "$P/ca.crt" "https://127.0.0.1:$API_PORT/readyz"

# --- controllers. The node's life is kwok's business: without the node lifecycle controller a busy machine never makes the node unready.
start kube-controller-manager --kubeconfig "$RUN/kcm.kubeconfig" --authentication-kubeconfig "$RUN/kcm.kubeconfig" \
  --authorization-kubeconfig "$RUN/kcm.kubeconfig" --bind-address 127.0.0.1 --secure-port "$KCM_PORT" --cert-dir "$RUN/kcm-certs" --leader-elect=false \
  --service-account-private-key-file "$P/sa.key" --root-ca-file "$P/ca.crt" --use-service-account-credentials=true \
  --controllers='*,-node-lifecycle-controller,-taint-eviction-controller' --kube-api-qps 500 --kube-api-burst 1000
python3 "$HERE/apply.py" "$RUN" "$LAB"/crds/*.yaml
answers kube-controller-manager 60 --cacert "$P/ca.crt" --cert "$P/admin.crt" --key "$P/admin.key" \
  "https://127.0.0.1:$API_PORT/api/v1/namespaces/default/serviceaccounts/default"

start kwok --kubeconfig "$RUN/kwok.kubeconfig" --config "$HERE/kwok-stages.yaml" --manage-all-nodes=true --cidr=10.244.1.0/16 --node-ip=10.244.0.10 \
  --node-lease-duration-seconds=40 --server-address=127.0.0.1:0
python3 "$HERE/apply.py" "$RUN" - <<'Y'
apiVersion: v1
kind: Node
metadata: {name: e2e-node, labels: {kubernetes.io/hostname: e2e-node}}
Y

# --- Contour, which writes status for the Gateway platform-ingress/public-web and for every Ingress of the class contour. Without an Envoy: traffic.sh has
# data planes of its own.
cat >"$RUN/contour.yaml" <<'Y'
gateway: {gatewayRef: {namespace: platform-ingress, name: public-web}}
Y
# The disabled features are kinds of Gateway API 1.6 in versions which Contour 1.33 does not read.
start contour serve --kubeconfig="$RUN/contour.kubeconfig" --config-path="$RUN/contour.yaml" --insecure --ingress-class-name=contour \
  --ingress-status-address=203.0.113.20 --disable-leader-election --xds-address=127.0.0.1 --xds-port="$XDS" --health-address=127.0.0.1 \
  --health-port="$HEALTH" --http-address=127.0.0.1 --http-port="$METRICS" --debug-http-address=127.0.0.1 --debug-http-port="$DEBUG" \
  --stats-address=127.0.0.1 --stats-port="$STATS" --disable-feature=tlsroutes --disable-feature=tcproutes --disable-feature=backendtlspolicies \
  --disable-feature=grpcroutes
answers contour 60 "http://127.0.0.1:$HEALTH/healthz"
