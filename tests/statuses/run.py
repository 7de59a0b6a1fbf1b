#!/usr/bin/env python3
"""Replays what real controllers wrote: run.py BINARY. For each capture the cause must come first, and nothing else beside it."""

import json
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
# case: the code of rank 1, or the verdict where nothing is to be found. A case that is left out is one that no check covers yet: its
# replay must only not fail.
EXPECTED = {
    "01": "healthy", "02": "route-not-allowed", "03": "route-hostname-mismatch", "04": "service-not-found", "05": "service-port-not-found",
    "06": "grant-missing", "07": "healthy", "08": "grant-mismatch", "09": "tls-secret-not-found", "10": "tls-secret-type", "11": "healthy",
    "12": "tls-certificate-unparsable", "13": "tls-key-mismatch", "14": "tls-host-mismatch", "15": "grant-missing", "16": "class-not-found",
    "17": "controller-not-found", "18": "listener-not-found", "19": "listener-not-found", "20": "gateway-not-found", "21": "gateway-not-found",
    "22": "listener-conflicted", "23": "listener-conflicted", "24": "service-selector-mismatch", "25": "pod-crash-looping",
    "26": "workload-scaled-to-zero", "27": "service-target-port-name", "28": "service-target-port-mismatch",
    "29": "listener-kinds-exclude-route", "30": "route-not-allowed", "31": "route-backend-kind", "34": "service-not-found",
    "40": "route-hostname-mismatch", "41": "tls-secret-not-found",
    "i01": "healthy", "i02": "class-not-found", "i03": "class-not-set", "i04": "service-not-found", "i05": "service-port-not-found",
    "i06": "service-port-not-found", "i07": "tls-secret-not-found", "i08": "tls-certificate-unparsable", "i09": "pod-crash-looping",
    "i10": "service-selector-mismatch",
}
# Where a controller serves the request all the same.
DIFFERENT = {
    # Told of its Gateway by name, Contour does not look at the class.
    ("contour", "17"): "healthy",
    # Both take an Ingress without a class, and publish an address for it.
    ("contour", "i03"): "healthy", ("traefik", "i03"): "healthy",
}


def replay(binary, capture):
    document = json.loads(capture.read_text())
    is_ingress = capture.name.startswith("i")
    resource = "ingresses.networking.k8s.io" if is_ingress else "httproutes.gateway.networking.k8s.io"
    names = [item["metadata"]["name"] for fact in document["facts"] if fact["resource"] == resource for item in fact.get("documents", [])]
    name = "payments-api" if "payments-api" in names else names[0]
    command = [binary, "ingress" if is_ingress else "route", name if is_ingress else "httproute/" + name, "-n", "payments", "--from", str(capture), "-o", "json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    if done.returncode not in (0, 1, 4):
        return None, f"exit code {done.returncode}: {done.stderr.strip()}"
    return json.loads(done.stdout), None


def judge(diagnosis, expected):
    findings = diagnosis["findings"]
    causes = [finding for finding in findings if finding["role"] == "cause"]
    if expected in ("healthy", "unknown"):
        if diagnosis["verdict"] != expected:
            return f"verdict {diagnosis['verdict']}, expected {expected}: {[finding['code'] for finding in findings]} {diagnosis['unknowns']}"
        return None
    if not findings or findings[0]["code"] != expected:
        return f"first is {findings[0]['code'] if findings else 'nothing'}, expected {expected}"
    others = sorted({finding["code"] for finding in causes} - {expected})
    return f"other causes beside {expected}: {others}" if others else None


def main():
    binary = sys.argv[1]
    passed = failed = 0
    for capture in sorted(HERE.glob("*/*.json")):
        controller, case = capture.parent.name, capture.name.split("-")[0]
        diagnosis, problem = replay(binary, capture)
        expected = DIFFERENT.get((controller, case), EXPECTED.get(case))
        if diagnosis is not None and expected is not None:
            problem = judge(diagnosis, expected)
        if problem:
            failed += 1
            print(f"FAIL {controller}/{capture.name}: {problem}")
        else:
            passed += 1
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)


if __name__ == "__main__":
    main()
