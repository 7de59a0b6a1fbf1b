#!/usr/bin/env python3
"""Makes the captures of this folder: record.py BINARY FOLDER...

A FOLDER holds dumps of one real controller, CASE.json, each a v1 List of all objects of a small cluster in which one thing is broken.
What is kept of each is a capture, which replays on the clock of that day, with a complete list of every kind, so that it answers whatever
a later program asks. Secrets are kept as the program itself redacts them.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
GATEWAY = "gateway.networking.k8s.io/v1"
# The dumps are complete: a kind that they do not hold had no object.
KINDS = [(GATEWAY, kind) for kind in ("GatewayClass", "Gateway", "ListenerSet", "HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute",
                                      "ReferenceGrant")]
KINDS += [("networking.k8s.io/v1", "IngressClass"), ("networking.k8s.io/v1", "Ingress"), ("discovery.k8s.io/v1", "EndpointSlice"),
          ("policy/v1", "PodDisruptionBudget")]
KINDS += [("apps/v1", kind) for kind in ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet")]
KINDS += [("v1", kind) for kind in ("Service", "Pod", "Secret", "Namespace", "Event")]


def without_bulk(value):
    if isinstance(value, dict):
        return {key: without_bulk(member) for key, member in value.items() if key not in ("managedFields", "resourceVersion", "uid")}
    return [without_bulk(item) for item in value] if isinstance(value, list) else value


def group_of(version):
    return version.split("/")[0] if "/" in version else ""


def resource(version, kind):
    plural = {"Ingress": "ingresses", "IngressClass": "ingressclasses", "GatewayClass": "gatewayclasses"}.get(kind, kind.lower() + "s")
    return f"{plural}.{group_of(version)}" if group_of(version) else plural


def blank(secret):
    """Without any value: kubectl repeats them in an annotation."""
    metadata = {key: value for key, value in secret["metadata"].items() if key != "annotations"}
    return {**secret, "metadata": metadata, "data": {}}


def complete(items, capture):
    """A capture with every list in full. A Secret that the program did not read has no values at all."""
    redacted = {(document["metadata"]["namespace"], document["metadata"]["name"]): document
                for fact in capture["facts"] if fact["resource"] == "secrets" for document in fact.get("documents", [])}
    facts = []
    for version, kind in KINDS:
        documents = [item for item in items if item["kind"] == kind and group_of(item["apiVersion"]) == group_of(version)]
        if kind == "Secret":
            documents = [redacted.get((item["metadata"]["namespace"], item["metadata"]["name"]), blank(item)) for item in documents]
        if kind == "Event":
            documents = [item for item in documents if item["metadata"]["namespace"] in ("payments", "platform-ingress")]
        name = resource(version, kind)
        facts.append({"what": "served", "resource": name, "state": "present", "version": version.split("/")[-1]})
        facts.append({"what": "list", "resource": name, "state": "present", "documents": documents})
    return {**capture, "facts": facts}


def record(binary, dump, out):
    items = json.loads(dump.read_text())["items"]
    empty = [{"apiVersion": version, "kind": kind + "List", "items": []} for version, kind in KINDS]
    routes = [item["metadata"]["name"] for item in items if item["kind"] == "Ingress"]
    target = ["ingress", "payments-api" if "payments-api" in routes else routes[0]] if dump.name.startswith("i") else ["route", "httproute/payments-api"]
    with tempfile.TemporaryDirectory() as folder:
        world = Path(folder, "world.json")
        world.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": items + empty}))
        capture = Path(folder, "capture.json")
        command = [binary, *target, "-n", "payments", "--from", str(world), "--capture", str(capture), "-o", "json"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode not in (0, 1, 4):
            sys.exit(f"{dump}: exit code {done.returncode}: {done.stderr}")
        out.parent.mkdir(exist_ok=True)
        out.write_text(json.dumps(without_bulk(complete(items, json.loads(capture.read_text()))), separators=(",", ":")) + "\n")


def main():
    binary, *folders = sys.argv[1:]
    for folder in map(Path, folders):
        for dump in sorted(folder.glob("*.json")):
            if dump.name != "index.json":
                record(binary, dump, HERE / folder.name / dump.name)


if __name__ == "__main__":
    main()
