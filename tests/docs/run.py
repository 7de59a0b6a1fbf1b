#!/usr/bin/env python3
"""The tables of docs/paths.md are what the program says, and its console sessions print what they show.

    run.py BINARY [--update]     --update writes the tables anew
"""

import json
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))
from tally import Tally  # noqa: E402

PAGE = ROOT / "docs/paths.md"
TABLE = re.compile(r"(<!-- table: (\S+) (\S+) -->\n).*?(<!-- end -->)", re.S)
REQUESTS = ["/api", "/api/", "/api/v2", "/api/v2/", "/api/v2/refunds", "/api/v1", "/apis", "/API"]
# The heading of a column: the controllers of IngressClass.spec.controller that it is for.
COLUMNS = {
    "ingress-nginx": "k8s.io/ingress-nginx", "Traefik": "traefik.io/ingress-controller", "ALB": "ingress.k8s.aws/alb",
    "Contour": "projectcontour.io/ingress-controller", "HAProxy": "haproxy-ingress.github.io/controller",
    "Kong": "ingress-controllers.konghq.com/kong", "GKE": "k8s.io/ingress-gce",
}
GATEWAY_TYPES = {"Exact": "Exact", "Prefix": "PathPrefix"}
NOON = '"2026-11-01T08:00:00Z"'


def services():
    return "".join(f"---\napiVersion: v1\nkind: Service\nmetadata: {{name: {name}, namespace: shop}}\n"
                   f"spec: {{selector: {{app: {name}}}, ports: [{{port: 80}}]}}\n" for name in ("api", "api-v2"))


def ingress(controller, first, second):
    def path(value, kind, service):
        return (f"      - {{path: {value}, pathType: {kind}, backend: {{service: {{name: {service}, port: {{number: 80}}}}}}}}\n")
    return (f"apiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {{name: web}}\nspec: {{controller: {controller}}}\n---\n"
            f"apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {{name: shop, namespace: shop, creationTimestamp: {NOON}}}\n"
            "spec:\n  ingressClassName: web\n  rules:\n  - host: shop.example\n    http:\n      paths:\n"
            + path("/api", first, "api") + path("/api/v2", second, "api-v2") + services())


def nothing(*kinds):
    return "".join(f"---\napiVersion: gateway.networking.k8s.io/v1\nkind: {kind}List\nitems: []\n" for kind in kinds)


def gateway(first, second):
    def rule(value, kind, service):
        return f"  - {{matches: [{{path: {{type: {kind}, value: {value}}}}}], backendRefs: [{{name: {service}, port: 80}}]}}\n"
    return ("apiVersion: gateway.networking.k8s.io/v1\nkind: GatewayClass\nmetadata: {name: web}\n"
            "spec: {controllerName: gateway.example.com/controller}\n---\n"
            f"apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {{name: web, namespace: shop, creationTimestamp: {NOON}}}\n"
            "spec: {gatewayClassName: web, listeners: [{name: http, port: 80, protocol: HTTP}]}\n---\n"
            f"apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {{name: shop, namespace: shop, creationTimestamp: {NOON}}}\n"
            "spec:\n  parentRefs: [{name: web}]\n  hostnames: [shop.example]\n  rules:\n"
            + rule("/api", first, "api") + rule("/api/v2", second, "api-v2") + services()
            + nothing("GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute", "ListenerSet", "ReferenceGrant"))


def predicted(program, world, path):
    """What serves this path in a cell of the table."""
    ran = subprocess.run([program, "trace", f"http://shop.example{path}", "-n", "shop", "--from", world, "-o", "json"],
                         capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60)
    try:
        trace = json.loads(ran.stdout)
    except ValueError:
        return f"no JSON: {ran.stdout}{ran.stderr}"
    outcome = trace["outcome"]
    if outcome["action"] == "forward":
        return " + ".join(backend["object"]["name"] for backend in outcome["backends"])
    return str(outcome.get("status", outcome["action"]))


def table(program, first, second, scratch):
    columns = {}
    if first in GATEWAY_TYPES and second in GATEWAY_TYPES:
        columns["Gateway API"] = gateway(GATEWAY_TYPES[first], GATEWAY_TYPES[second])
    for heading, controller in COLUMNS.items():
        columns[heading] = ingress(controller, first, second)
    files = {}
    for heading, world in columns.items():
        files[heading] = scratch / f"{first}-{second}-{heading.replace(' ', '-')}.yaml"
        files[heading].write_text(world)
    with ThreadPoolExecutor(4) as pool:
        cells = {(heading, path): pool.submit(predicted, program, file, path) for heading, file in files.items() for path in REQUESTS}
    lines = ["| request | " + " | ".join(columns) + " |", "|---" * (len(columns) + 1) + "|"]
    lines += [f"| `{path}` | " + " | ".join(cells[heading, path].result() for heading in columns) + " |" for path in REQUESTS]
    return "\n".join(lines) + "\n"


def main():
    program = str(Path(sys.argv[1]).resolve())
    page = PAGE.read_text()
    tally = Tally()
    with tempfile.TemporaryDirectory(prefix="gwdoctor-docs-") as scratch:
        def fresh(found):
            return found[1] + table(program, found[2], found[3], Path(scratch)) + found[4]
        tables = list(TABLE.finditer(page))
        tally.check(len(tables) >= 4, f"docs/paths.md has {len(tables)} tables, and four at least were expected")
        made = {found[0]: fresh(found) for found in tables}
    for old, new in made.items():
        if "--update" in sys.argv:
            page = page.replace(old, new)
        else:
            tally.check(old == new, f"the table {old.splitlines()[0]} is another:\n{new}")
    if "--update" in sys.argv:
        PAGE.write_text(page)
    tally.finish()


if __name__ == "__main__":
    main()
