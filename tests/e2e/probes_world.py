"""What is probed: a Gateway in front of Envoy, one HTTPRoute, and a Service whose pod answers."""
import base64
import hashlib
import time
from pathlib import Path

from traffic_world import CLASS, FRONT, GATEWAY
from world import PLATFORM, controller, deployment, gateway_class, meta, namespace, secret, service

SHOP = "shop"
HTTP, HTTPS = 9080, 9443                             # ports of the listeners; Contour serves each 8000 above
# Of no reserved ending (RFC 6761), of which the program expects nothing in DNS. Only the name server of this suite is asked for it.
DOMAIN = "shop.gwdoctor.dev"
HOST = "pay." + DOMAIN
GATEWAY_API = "gateway.networking.k8s.io/v1"
ROUTE = ("route", "pay")


def container_port(port):
    return port + 8000


def certificates(authority):
    """PEM pairs (chain, key) by name, signed by an intermediate; `authority` is Certificates of tests/net."""
    names = ["subjectAltName=DNS:*." + DOMAIN]
    for name, days in (("edge", "90"), ("late", "-1"), ("newer", "90")):
        if name == "newer":   # by a second at least: certificates tell no less
            time.sleep(1.1)
        authority.signed(name, "intermediate", names, HOST, days)
    leaf, key = text(authority, "edge.crt"), text(authority, "edge.key")
    for name in ("edge", "newer", "late"):
        authority.append(name, "intermediate")
    found = {name: (text(authority, name + ".crt"), text(authority, name + ".key")) for name in ("edge", "newer", "late", "wrong-host")}
    return {**found, "leaf-alone": (leaf, key)}


def text(authority, file):
    return Path(authority.path(file)).read_text(encoding="ascii")


def fingerprint(chain):
    """SHA-256 of the first certificate of a chain."""
    body = chain.split("-----BEGIN CERTIFICATE-----")[1].split("-----END")[0]
    return hashlib.sha256(base64.b64decode(body)).hexdigest()


def records(address):
    """The names of the shop: right, wrong, and gone."""
    return [f"pay A {address}", "alias CNAME pay", "text TXT \"nothing else\"", "dangling CNAME deleted", "away A 203.0.113.9",
            f"partly A {address}", "partly A 203.0.113.9"]


def listener(name, port, protocol, hostname=None):
    found = {"name": name, "port": port, "protocol": protocol,
             "allowedRoutes": {"namespaces": {"from": "Selector", "selector": {"matchLabels": {"shop": "yes"}}}}}
    if hostname:
        found["hostname"] = hostname
    if protocol == "HTTPS":
        found["tls"] = {"mode": "Terminate", "certificateRefs": [{"kind": "Secret", "name": "edge-tls"}]}
    return found


def rule(prefix, backend=None, filters=()):
    found = {"matches": [{"path": {"type": "PathPrefix", "value": prefix}}]}
    if backend:
        found["backendRefs"] = [{"name": backend, "port": 80}]
    if filters:
        found["filters"] = list(filters)
    return found


def named(label):
    return f"{label}.{DOMAIN}"


def route(name, hosts, section, rules):
    return {"apiVersion": GATEWAY_API, "kind": "HTTPRoute", "metadata": meta(name, SHOP),
            "spec": {"parentRefs": [{"name": GATEWAY, "namespace": FRONT, "sectionName": section}], "hostnames": hosts, "rules": rules}}


def healthy(certificate, backend_port):
    return {
        "gatewayclass": gateway_class(CLASS, "projectcontour.io/gateway-controller"),
        "ns:front": namespace(FRONT), "ns": namespace(SHOP, shop="yes"), "ns:platform": namespace(PLATFORM),
        **controller(),
        "edge-tls": secret("edge-tls", FRONT, certificate),
        "gateway": {"apiVersion": GATEWAY_API, "kind": "Gateway", "metadata": meta(GATEWAY, FRONT), "spec": {
            "gatewayClassName": CLASS, "listeners": [listener("http", HTTP, "HTTP"), listener("https", HTTPS, "HTTPS", "*." + DOMAIN)]}},
        "deployment": deployment("pay", SHOP, 1, backend_port),
        "service": service("pay", SHOP, 80),
        "route": route("pay", [HOST], "https", [rule("/", "pay")]),
    }
