#!/usr/bin/env python3
"""traffic.py BINARY [--run FOLDER] [--results FOLDER] [--seed N] [--each N]: sends real requests through a real data plane, asks `BINARY trace` about
each of them, and compares. lab/up.sh and lab/traffic.sh must have brought everything up. One line a kind of request; the last line is `N passed, M failed`.

traffic.py BINARY --replay FOLDER [--every N]: judges BINARY by what an earlier run recorded in its results folder. Needs no lab.
"""
import argparse
import json
import os
import random
import shutil
import sys
import tempfile
import time

import traffic_requests
import traffic_world
from certificates import Authority
from cluster import Api, Failure, counted, path_of, wait_for
from traffic_corners import Corners
from traffic_judge import Judge, kinds_of
from traffic_plane import Backends, own_address, send, send_all, served_by
from traffic_predict import Predictor, dump_cluster
from traffic_shares import Shares
from traffic_world import CLASS, FRONT, GATEWAY, GATEWAY_API
from world import meta

EACH = 1100                 # requests aimed at the Gateway, and as many at the Ingresses; the corners come on top
ROUNDS = 3                  # every request is sent so often, each time to newly computed tables
LIVE = 12                   # one request in so many is predicted from the API server, the rest from a dump of it
MOST_UNDECIDED = 0.01       # of the requests may get different answers from one table to the next


class Suite:
    def __init__(self, options):
        self.options = options
        self.api = Api(options.run)
        with open(os.path.join(options.run, "traffic.env"), encoding="ascii") as file:
            env = dict(line.strip().split("=", 1) for line in file)
        self.addresses = {"gateway": env["GATEWAY_ADDRESS"], "ingress": env["INGRESS_ADDRESS"]}
        address = own_address()
        if not address:
            raise Failure("this machine has no address but loopback, and an EndpointSlice takes no loopback address: as root, "
                          "`ip link add gwdoctor0 type dummy && ip addr add 198.51.100.1/32 dev gwdoctor0 && ip link set gwdoctor0 up`")
        self.backends = Backends(address, traffic_world.LISTENING)
        authority = Authority(os.path.join(options.run, "traffic-certificates"))
        certificates = {"safe": authority.issue("safe", "*.safe.example"), "pay": authority.issue("pay", "api.pay.example")}
        self.world = traffic_world.make(random.Random(f"world {options.seed}"), address, self.backends.ports, certificates)
        corners = Corners()
        self.requests = traffic_requests.make(random.Random(f"requests {options.seed}"), self.world, options.each)
        self.requests += [{**request, "id": f"c{number:04d}"} for number, request in enumerate(corners.requests)]
        self.shares = Shares()
        self.world.waves = [corners.routes[0::2], *self.world.waves, corners.routes[1::2] + self.shares.routes]
        self.world.ingresses += corners.ingresses

    # --- the world

    def install(self):
        for obj in self.world.objects:
            self.api.put(obj)
        for wave in self.world.waves:
            time.sleep(1.02 - time.time() % 1)   # a wave has one age
            for obj in wave:
                self.create(obj)
        for obj in self.world.ingresses:
            self.create(obj)

    def create(self, obj):
        self.api.send("POST", path_of(obj["kind"], "", obj["metadata"]["namespace"]), obj)

    def rebuilt(self, number):
        """Makes both Contours compute their tables anew, and waits until the Envoys serve them."""
        host, service = f"rebuilt-{number}.nudge", {"name": "one", "port": 80}
        self.create({"apiVersion": GATEWAY_API, "kind": "HTTPRoute", "metadata": meta(f"nudge-{number}", FRONT), "spec": {
            "parentRefs": [{"name": GATEWAY, "sectionName": "http"}], "hostnames": [host], "rules": [{"backendRefs": [service]}]}})
        backend = {"service": {"name": "one", "port": {"number": 80}}}
        self.create({"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": meta(f"nudge-{number}", FRONT), "spec": {
            "ingressClassName": CLASS, "rules": [{"host": host, "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]}}]}})
        for entrance, address in self.addresses.items():
            request = {"id": "nudge", "entrance": entrance, "tls": False, "sni": "", "port": 80, "host": host, "method": "GET", "target": "/", "headers": []}
            wait_for(lambda r=request, a=address: "backend" in send(r, a), 60, f"the {entrance} serves http://{host}/")
        time.sleep(0.5)   # both may gather several changes

    def settled(self):
        """Waits until Contour has written a status for every route, and nothing changes any more."""
        def answered():
            return all(r.get("status", {}).get("parents") for r in self.api.items("HTTPRoute") if r["spec"]["parentRefs"][0]["name"] == GATEWAY)
        wait_for(answered, 60, "Contour has written the status of every HTTPRoute", every=0.5)

    # --- real requests

    def record(self):
        """What became of each request, a list of `ROUNDS` answers, with the object that served it according to the Envoy's log."""
        answers = [[] for _ in self.requests]
        for number in range(ROUNDS):
            self.rebuilt(number)
            tagged = [{**request, "id": f"{request['id']}.{number}"} for request in self.requests]
            for found, answer in zip(answers, send_all(tagged, self.addresses)):
                found.append(answer)
        logs = {}
        wait_for(lambda: self.read_logs(logs, f".{ROUNDS - 1}"), 20, "the Envoys have written their logs")
        for request, found in zip(self.requests, answers):
            for number, answer in enumerate(found):
                kind, space, name = logs.get(f"{request['id']}.{number}", ("-",) * 6)[:3]
                answer["route"] = f"{kind} {space}/{name}" if kind != "-" else None
                if "backend" in answer:
                    answer["backend"]["name"] = self.named.get(answer["backend"]["port"])
        return answers

    def read_logs(self, logs, last):
        for entrance in self.addresses:
            logs.update(served_by(os.path.join(self.options.run, entrance + ".access.log")))
        plain = [r["id"] + last for r in self.requests if not r["tls"]]   # a handshake that fails leaves no line
        return all(i in logs for i in plain)

    # --- the comparison

    def run(self):
        started = time.monotonic()
        self.named = {port: name for name, port in self.world.backends.items()}
        self.install()
        self.settled()
        routes = sum(map(len, self.world.waves))
        print(f"{routes} HTTPRoutes and {len(self.world.ingresses)} Ingresses stand ({time.monotonic() - started:.1f} s)", flush=True)
        at = time.monotonic()
        answers = self.record()
        print(f"{len(self.requests)} requests were sent {ROUNDS} times ({time.monotonic() - at:.1f} s)", flush=True)
        at = time.monotonic()
        self.shares.count(self.addresses, self.backends, self.named)
        self.shares.save(self.options.results)
        print(f"shares and copies were counted ({time.monotonic() - at:.1f} s)", flush=True)
        dump = os.path.join(self.options.results, "cluster")
        dump_cluster(self.api, dump)
        predictor = Predictor(self.options.binary, dump, self.options.run)
        at = time.monotonic()
        predictions = predictor.all(self.requests, LIVE)
        print(f"{len(predictions)} requests were predicted, one in {LIVE} from the API server ({time.monotonic() - at:.1f} s)", flush=True)
        self.save(answers, predictions)
        passed, failed = report(self.requests, answers, predictions, predictor, self.options.results, self.shares)
        self.backends.close()
        counted(self.options.run, "traffic", passed, failed)
        return 0 if passed and not failed else 1

    def save(self, answers, predictions):
        with open(os.path.join(self.options.results, "requests.jsonl"), "w", encoding="utf-8") as file:
            for request, found, prediction in zip(self.requests, answers, predictions):
                file.write(json.dumps({"request": request, "answers": found, "prediction": prediction}) + "\n")


def report(requests, answers, predictions, predictor, results, shares, live=LIVE):
    """Prints a line for each kind of request and for each rule whose shares were counted, and what differs; (passed, failed) of these."""
    judge = Judge(predictor.dump, results)
    groups, undecided = {}, 0
    for number, (request, found, prediction) in enumerate(zip(requests, answers, predictions)):
        wrong = judge(request, found, prediction)
        undecided += judge.undecided(found)
        for kind in kinds_of(request, live=live and number % live == 0):
            right, total = groups.get(kind, (0, 0))
            groups[kind] = right + (wrong is None), total + 1
    for kind, (right, total) in sorted(groups.items()):
        print(f"{'ok  ' if right == total else 'FAIL'} {kind}: {right} of {total} predicted")
    few = undecided <= MOST_UNDECIDED * len(requests)
    print(f"{'ok  ' if few else 'FAIL'} the data plane itself is undecided about {undecided} requests")
    shared, unshared = shares.judge(predictor)
    judge.report()
    print(f"{len(predictions) - judge.wrong} of {len(predictions)} requests predicted; {predictor.count} runs of {predictor.binary}, "
          f"the slowest {predictor.slowest:.2f} s; what differs is in {judge.file}")
    right = sum(r == t for r, t in groups.values())
    passed, failed = right + few + shared, len(groups) - right + (not few) + unshared
    print(f"{passed} passed, {failed} failed")
    return passed, failed


def replay(options):
    with open(os.path.join(options.replay, "requests.jsonl"), encoding="utf-8") as file:
        rows = [json.loads(line) for line in file][::options.every]
    requests, answers = [row["request"] for row in rows], [row["answers"] for row in rows]
    predictor = Predictor(options.binary, os.path.join(options.replay, "cluster"))
    results = tempfile.mkdtemp(prefix="gwdoctor-traffic-")
    passed, failed = report(requests, answers, predictor.all(requests, LIVE), predictor, results, Shares.saved(options.replay), live=0)
    return 0 if passed and not failed else 1


def main():
    lab = os.environ.get("GWDOCTOR_LAB") or os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "gwdoctor-e2e")
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("binary")
    parser.add_argument("--run", default=os.path.join(lab, "run"))
    parser.add_argument("--results", default=os.path.join(lab, "results"))
    parser.add_argument("--seed", default="1")
    parser.add_argument("--each", type=int, default=EACH)
    parser.add_argument("--replay", metavar="FOLDER", help="results/traffic of an earlier run")
    parser.add_argument("--every", type=int, default=1, help="replay only one request in so many")
    options = parser.parse_args()
    if not os.access(options.binary, os.X_OK):
        parser.error(f"no program at {options.binary}: build it first (make)")
    options.binary = os.path.abspath(options.binary)
    if options.replay:
        return replay(options)
    options.results = os.path.join(options.results, "traffic")
    shutil.rmtree(options.results, ignore_errors=True)
    os.makedirs(options.results)
    try:
        return Suite(options).run()
    except Failure as failure:
        print(f"the lab: {failure}", "0 passed, 1 failed", sep="\n")
        return 1


if __name__ == "__main__":
    sys.exit(main())
