#!/usr/bin/env python3
"""probes.py BINARY [--run FOLDER] [--results FOLDER] [--install] [NAME...]: a real data plane is probed as it serves, fails to serve and serves something
else; checks what BINARY says. lab/up.sh and lab/traffic.sh must have brought everything up. One line a scenario; the last line is `N passed, M failed`.

--install only makes the objects: the program gives a load balancer five minutes, so they are made before the other suites run.
"""
import argparse
import calendar
import copy
import os
import shutil
import sys
import time
from pathlib import Path

import probes_stale as stale
import probes_world as world
from cluster import Api, Cluster, Failure, counted, wait_for
from probes_plane import Certificates, Datagrams, Relay, Zone, answer, served
from probes_scenarios import SCENARIOS
from program import Program, contract, judge
from reporting import Reporting
from traffic_plane import Backends, own_address
from traffic_world import FRONT, GATEWAY, TEAMS
from world import base64_of

GRACE = 305           # seconds after which a load balancer may be blamed (the program grants Contour's 300)
SETTLED = 62          # and any other object
ALONE = 25            # requests for a route that has its listener for itself


class Suite(Reporting):
    def __init__(self, options):
        self.options = options
        self.api = Api(options.run)
        self.cluster = Cluster(self.api)
        with open(os.path.join(options.run, "traffic.env"), encoding="ascii") as file:
            self.address = dict(line.strip().split("=", 1) for line in file)["GATEWAY_ADDRESS"]
        self.own = own_address()
        if not self.own:
            raise Failure("this machine has no address but loopback, and a pod takes no loopback address (see traffic.py)")
        folder = Path(options.run) / "probes"
        folder.mkdir(exist_ok=True)
        self.authority = Certificates(folder)
        self.certificates = world.certificates(self.authority)
        self.ca = self.authority.path("root.crt")

    # --- the world

    def objects(self, backend_port):
        return world.healthy(self.certificates["edge"], backend_port)

    def install(self):
        """What a load balancer's age is read from: the Gateway, and Contour with the Service in front of it."""
        self.cluster.become({key: obj for key, obj in self.objects(1).items() if key not in ("deployment", "service", "route")})

    def clear(self):
        """Takes away what another suite attached to the Gateway."""
        for space in (FRONT, *TEAMS):
            for path in ("/apis/gateway.networking.k8s.io/v1/namespaces/{}/httproutes", "/apis/networking.k8s.io/v1/namespaces/{}/ingresses"):
                self.api.send("DELETE", path.format(space), accept=(404,))

    def start(self):
        self.clear()
        self.backends = Backends(self.own, 1)
        self.backend = Relay(self.own, 0, (self.own, self.backends.ports[0]))    # the pod: it can be turned off
        self.http = Relay(self.address, world.HTTP, (self.address, world.container_port(world.HTTP)))
        self.https = Relay(self.address, world.HTTPS, (self.address, world.container_port(world.HTTPS)))
        self.zone = Zone(os.path.join(self.options.run, "probes", "zone"), world.DOMAIN, world.records(self.address))
        self.program = Program(self.options.binary, self.options.run, self.options.results)
        self.program.no_probes = ["--ca-file", self.ca]     # everything else as it is by default
        self.program.secrets = [base64_of(key)[-64:-8] for _, key in self.certificates.values()]
        self.base = self.objects(self.backend.port)
        self.cluster.become(self.base)
        self.api.status("Service", "envoy", "projectcontour", {"loadBalancer": {"ingress": [{"ip": self.address}]}})
        self.place_pod()
        self.stirred = time.monotonic()
        wait_for(self.serves, 60, f"https://{world.HOST}:{world.HTTPS}/ answers 200", every=0.3)

    def place_pod(self):
        """Gives the pod an address at which it answers, in place of the one that kwok made up."""
        def placed():
            pods = [p for p in self.api.items("Pod", world.SHOP) if p.get("status", {}).get("podIP") and "deletionTimestamp" not in p["metadata"]]
            for pod in pods:
                if pod["status"]["podIP"] != self.own:
                    self.api.status("Pod", pod["metadata"]["name"], world.SHOP, {"podIP": self.own, "podIPs": [{"ip": self.own}]})
            slices = self.api.items("EndpointSlice", world.SHOP)
            return [e for s in slices for e in s.get("endpoints") or [] if self.own in e["addresses"] and e["conditions"].get("ready")]
        wait_for(placed, 30, f"the pod of Service {world.SHOP}/pay is ready at {self.own}", every=0.3)

    def serves(self):
        return (answer(self.address, world.HTTPS, world.HOST) == 200
                and served(self.address, world.HTTPS, world.HOST) == world.fingerprint(self.certificates["edge"][0]))

    # --- questions

    def ask(self, name, *arguments, account="oncall", target=None, space=world.SHOP, zone=None):
        dns = [] if account is None else ["--dns-server", (zone or self.zone).address]
        return self.program(name, *(target or (*world.ROUTE, "-n", space)), *dns, *arguments, account=account)

    def details(self, answer):
        return [f"{f.get('code')}: {f.get('message')}" for f in answer.findings[:4]] + [
            f"unknown: {u.get('fact')}: {u.get('detail') or u.get('reason')}" for u in answer.unknowns[:3]]

    def scenario(self, s):
        """One state of the world and its network, made, asked about, and taken back."""
        if s.old:
            self.grow_old()
        broken = copy.deepcopy(self.base)
        undo = s.change(broken, self)
        try:
            self.cluster.become(broken)
            if s.seen:
                wait_for(lambda: s.seen(self), 20, f"what this change must lead to ({s.name})", every=0.2)
            end = time.monotonic() + s.patience
            while True:
                got = self.ask(s.name, *s.arguments, **s.options)
                wrong = (s.judge(self, got) if s.judge else judge(got, s.exit, s.verdict, s.first)) + self.program.leaks(got)
                wrong += [f"code {code}, expected none" for code in s.without if code in got.codes()]
                wrong += [f"codes {got.codes()}, expected {code} among them" for code in s.among if code not in got.codes()]
                if not wrong or time.monotonic() > end:
                    return wrong, got
                time.sleep(1)
        finally:
            if undo:
                undo()
            self.cluster.become(self.base)
            if broken != self.base:
                self.stirred = time.monotonic()
            wait_for(self.serves, 30, "the world serves again", every=0.2)

    # --- what is no change of the world

    def replay(self):
        """What one run observed, another reads: the same diagnosis, without the cluster and without the network."""
        kept = os.path.join(self.options.results, "kept.capture")
        target = self.https.target
        self.https.to(None)
        try:
            live = self.ask("replay-live", "--capture", kept)
        finally:
            self.https.to(target)
        again = self.program("replay", *world.ROUTE, "-n", world.SHOP, "--from", kept, account=None)
        with open(kept, encoding="utf-8") as file:
            text = file.read()
        wrong = self.program.leaks(live) + self.program.leaks(again) + [f"no {kind} in the capture" for kind in
                                                                        ("DNSObservation", "TCPObservation") if kind not in text]
        wrong += ["the capture holds a private key or token"] if any(s in text for s in self.program.secrets) else []
        wrong += [] if live.codes()[:1] == ["lb-unreachable"] else [f"live: {live}"]
        differ = [key for key in (live.json or {}) if key != "stats" and (again.json or {}).get(key) != live.json[key]]
        return wrong + ([f"the replay differs in {differ}: {again}"] if again.exit != live.exit or differ else []), again

    def nothing_sent(self):
        """Neither connections nor packets with --probe none; and some without, so that the suite would see them."""
        silent = Datagrams()
        try:
            counts = []
            for probes in (["--probe", "none"], ["--probe-timeout", "300ms"]):
                before = self.http.connections + self.https.connections + silent.asked
                got = self.ask("nothing-sent", *probes, zone=silent)
                counts.append(self.http.connections + self.https.connections + silent.asked - before)
                if probes[1] == "none":
                    wrong, none = judge(got, 0, ("healthy",), []), got
        finally:
            silent.close()
        if counts[0]:
            wrong.append(f"{counts[0]} connections and packets with --probe none")
        if not counts[1]:
            wrong.append("no connection and no packet with the probes of the default: this suite does not see them")
        return wrong, none

    def alone(self):
        got = self.ask("alone", "--probe", "none")
        requests = (got.json or {}).get("stats", {}).get("requests", 0)
        return contract(got) + ([] if 0 < requests <= ALONE else [f"{requests} requests, expected at most {ALONE}"]), got

    def grow_old(self):
        """Waits until a load balancer may be blamed, and nobody is given time for what was changed last."""
        time.sleep(max(0.0, self.old - time.monotonic(), self.stirred + SETTLED - time.monotonic()))

    def age(self):
        """Seconds since the last change of what a load balancer's age is read from; who writes status does not count."""
        stamps = []
        for found in (self.api.find("Gateway", GATEWAY, FRONT), self.api.find("Service", "envoy", "projectcontour")):
            meta = found["metadata"]
            stamps += [meta["creationTimestamp"], *[f["time"] for f in meta.get("managedFields", []) if not f.get("subresource")]]
        return time.time() - max(calendar.timegm(time.strptime(s, "%Y-%m-%dT%H:%M:%SZ")) for s in stamps)

    def run(self):
        started = time.monotonic()
        try:
            self.start()
            self.old = time.monotonic() + GRACE - self.age()
            print(f"the shop stands ({time.monotonic() - started:.1f} s)", flush=True)
            for s in sorted(SCENARIOS, key=lambda s: s.old):      # what has to be old comes last
                self.check(s.name, lambda s=s: self.scenario(s))
            for name, test in stale.tests(self):
                self.check(name, test)
            self.check("a-capture-replays-what-was-observed", self.replay)
            self.check("nothing-is-sent-with-probe-none", self.nothing_sent)
            self.check("a-route-alone-on-its-listener-costs-few-requests", self.alone)
        finally:
            self.stop()
        print(f"{self.program.count} runs of {self.options.binary} in {time.monotonic() - started:.0f} s; what they said is in {self.options.results}")
        print(f"{self.passed} passed, {self.failed} failed")
        counted(self.options.run, "probes", self.passed, self.failed)
        return 0 if self.passed and not self.failed else 1

    def stop(self):
        for name in ("https", "http", "backend", "backends", "zone"):
            if hasattr(self, name):
                getattr(self, name).close()
        self.cluster.become({key: obj for key, obj in self.cluster.now.items() if key not in ("route", "service", "deployment")})


def main():
    lab = os.environ.get("GWDOCTOR_LAB") or os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "gwdoctor-e2e")
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("binary")
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--run", default=os.path.join(lab, "run"))
    parser.add_argument("--results", default=os.path.join(lab, "results"))
    parser.add_argument("--install", action="store_true", help="only make the objects")
    options = parser.parse_args()
    if not os.access(options.binary, os.X_OK):
        parser.error(f"no program at {options.binary}: build it first (make)")
    options.binary = os.path.abspath(options.binary)
    options.results = os.path.join(options.results, "probes")
    try:
        suite = Suite(options)
        if options.install:
            suite.install()
            return 0
        shutil.rmtree(options.results, ignore_errors=True)
        os.makedirs(options.results)
        return suite.run()
    except Failure as failure:
        print(f"the lab: {failure}", "0 passed, 1 failed", sep="\n")
        return 1


if __name__ == "__main__":
    sys.exit(main())
