"""Asks `kubectl gwdoctor trace` what becomes of a request."""
import json
import os
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

from cluster import KINDS
from traffic_world import CLASS, FRONT, GATEWAY

DUMPED = ("Namespace", "Secret", "Service", "EndpointSlice", "Pod", "Deployment", "ReplicaSet", "Ingress", "IngressClass", "GatewayClass", "Gateway",
          "HTTPRoute",
          "ReferenceGrant")
# Kinds of which there is none: an empty list says so.
NONE_OF = {"GRPCRoute": "gateway.networking.k8s.io/v1", "TLSRoute": "gateway.networking.k8s.io/v1", "TCPRoute": "gateway.networking.k8s.io/v1",
           "UDPRoute": "gateway.networking.k8s.io/v1", "ListenerSet": "gateway.networking.k8s.io/v1", "BackendTLSPolicy": "gateway.networking.k8s.io/v1",
           "DaemonSet": "apps/v1", "StatefulSet": "apps/v1", "Event": "v1"}


def words(request):
    """The command line for a request: the URL as a client would be given it, and a Host header of its own only where it differs."""
    scheme, standard = ("https", 443) if request["tls"] else ("http", 80)
    name = request["sni"] if request["tls"] else request["host"].rsplit(":", 1)[0] if ":" in request["host"] else request["host"]
    port = f":{request['port']}" if request["port"] != standard else ""
    found = ["trace", f"{scheme}://{name}{port}{request['target']}", "-X", request["method"]]
    if request["host"] != name + port:
        found += ["-H", f"Host: {request['host']}"]
    for header, value in request["headers"]:
        found += ["-H", f"{header}: {value}" if value else f"{header};"]
    found += ["--gateway", f"{FRONT}/{GATEWAY}"] if request["entrance"] == "gateway" else ["--ingress-class", CLASS]
    return found


class Predictor:
    """`dump` is a folder of lists that stands for the cluster, `run` (None where there is no API server) the folder of a running lab."""

    def __init__(self, binary, dump, run=None):
        self.binary, self.dump = binary, dump
        self.live = ["--kubeconfig", os.path.join(run, "oncall.kubeconfig"), "--probe", "none", "--request-timeout", "45s"] if run else ["--from", dump]
        self.env = {"PATH": os.environ.get("PATH", ""), "HOME": os.path.join(run, "home") if run else "/nonexistent", "LC_ALL": "C.UTF-8"}
        self.count, self.slowest = 0, 0.0

    def all(self, requests, live):
        """A prediction for each request; one in `live` from the API server."""
        with ThreadPoolExecutor(os.cpu_count() or 2) as pool:
            return list(pool.map(lambda n: self(requests[n], self.live if n % live == 0 else ["--from", self.dump]), range(len(requests))))

    def __call__(self, request, source):
        command = [self.binary, *words(request), *source, "-o", "json"]
        started = time.monotonic()
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, stdin=subprocess.DEVNULL, env=self.env)
            exit_code, out, err = done.returncode, done.stdout, done.stderr
        except subprocess.TimeoutExpired:
            exit_code, out, err = -1, "", "no answer within 60 s"
        self.count += 1
        self.slowest = max(self.slowest, time.monotonic() - started)
        found = {"command": command, "exit": exit_code}
        try:
            trace = json.loads(out)
            found["traces"] = [{"request": t["request"], "outcome": t["outcome"]} for t in trace.get("items", [trace])]
        except (ValueError, KeyError):
            found["error"] = (err or out or "no output").strip()[:500]
        return found


def dump_cluster(api, folder):
    """What a folder of manifests must hold to stand for this cluster: a list of every kind that is looked at."""
    os.makedirs(folder)
    lists = {}
    for kind in DUMPED:
        group, plural, _ = KINDS[kind]
        version = group.removeprefix("/apis/").removeprefix("/api/")
        lists[kind] = version, [{**without_history(item), "apiVersion": version, "kind": kind} for item in api.get(f"{group}/{plural}")["items"]]
    for kind, (version, items) in {**lists, **{kind: (version, []) for kind, version in NONE_OF.items()}}.items():
        with open(os.path.join(folder, kind.lower() + ".json"), "w", encoding="utf-8") as file:
            json.dump({"apiVersion": version, "kind": kind + "List", "items": items}, file)


def without_history(item):
    item["metadata"].pop("managedFields", None)
    return item
