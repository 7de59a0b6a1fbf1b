#!/usr/bin/env python3
"""run.py BINARY [--run FOLDER] [--results FOLDER] [NAME...]: breaks the payments example on the running lab, one way at a time, and checks what BINARY says.

NAME: only the scenarios whose name contains it. One line a scenario; the last line is `N passed, M failed`.
"""
import argparse
import copy
import os
import shutil
import subprocess
import sys
import time

import accounts
import world
from certificates import Authority
from cluster import Api, Cluster, Failure, counted, settled
from program import Program, judge
from reporting import Reporting
from scenarios import GATEWAY, INGRESS, ROUTE, SCENARIOS, SERVICE
from signs import healed

GRACE = 65            # seconds after which an object without status may be blamed (the program grants 60)
# Of waiting for the API on the healthy example, after the connection. The last is for the Services beside the data plane, whose namespace is known by then.
MOST_ROUNDS = 5
# 25 for a route that is alone on its listener, as probes.py sees to: discovery 2, the name as each kind of route 6, the objects on its path 7, the
# workloads of Contour in each of the ways to install it 9, and the Services beside them 1. A route that is younger than a minute, or has company, is held
# against its rivals as well: the lists of the five kinds of routes and of ListenerSets, and of the namespaces that the listener admits.
MOST_REQUESTS = 32
FOREIGN = "a-gateway-of-a-class-whose-controller-nobody-runs"


class Suite(Reporting):
    def __init__(self, options):
        self.options = options
        self.api = Api(options.run)
        self.cluster = Cluster(self.api)
        self.program = Program(os.path.abspath(options.binary), options.run, options.results)
        self.certificates = certificates(os.path.join(options.run, "certificates"))
        self.program.secrets = accounts.private_texts(self.certificates)
        self.base = {**world.foreign(self.certificates), **world.healthy(self.certificates)}
        self.teams = {}       # scenario name: (namespace, the team's healthy objects)
        self.stirred = 0.0    # when the world was made, or its Gateway last changed

    # --- the world

    def install(self):
        """The healthy example, and beside it a team for each fault that is not blamed while it is young."""
        for number, s in enumerate([s for s in SCENARIOS if s.patient and self.wanted(s.name)], 1):
            space = f"team-{number}"
            host = f"{space}{{}}.interviewcatalog.example"
            team = world.team(space, self.certificates["good"], host.format(""), host.format("-pay"))
            self.teams[s.name] = space, {f"{space}/{key}": obj for key, obj in team.items()}
            broken = copy.deepcopy(team)
            s.change(broken, self.certificates)
            self.base.update({f"{space}/{key}": obj for key, obj in broken.items()})
        self.cluster.become({key: obj for key, obj in self.base.items() if obj["kind"] in ("Namespace", "GatewayClass", "IngressClass")})
        self.cluster.become(self.base)
        self.stirred = time.monotonic()
        self.api.status("Service", "envoy", "projectcontour", {"loadBalancer": {"ingress": [{"ip": world.ADDRESS}]}})
        settled(self.api, self.base, healed, world.PAYMENTS, 60)
        for s in SCENARIOS:
            if s.patient and s.after and s.name in self.teams:
                s.after(self.api, self.teams[s.name][0])

    def calm_down(self):
        """Waits until nothing is young: neither what was installed in the beginning nor the Gateway."""
        time.sleep(max(0.0, self.stirred + GRACE - time.monotonic()))

    def diagnose(self, name, target, exit_code, verdicts, first, space=world.PAYMENTS, account="oncall", patience=3.0):
        """Asks until the answer is as expected or patience is at its end."""
        end = time.monotonic() + patience
        if target is GATEWAY:
            space = world.PLATFORM
        while True:
            answer = self.program(name, *target, "-n", space, account=account)
            wrong = judge(answer, exit_code, verdicts, first) + self.program.leaks(answer)
            if not wrong or time.monotonic() > end:
                return wrong, answer
            time.sleep(0.5)

    def mend(self, s, space=world.PAYMENTS):
        if s.undo:
            s.undo(self.api)
        self.cluster.become(self.base, again=s.prove)
        settled(self.api, self.base, healed, space)
        wrong, answer = self.diagnose(s.name + ".mended", s.target, 0, ("healthy",), [], space, patience=10)
        return [f"after mending: {w}" for w in wrong], answer

    # --- tests

    def healthy(self, target):
        return self.diagnose("healthy-" + target[0], target, 0, ("healthy",), [], patience=10)

    def budget(self, target):
        """A route reads the objects on its path, and waits only as often as the path is deep."""
        wrong, answer = self.diagnose("budget-" + target[0], target, 0, ("healthy",), [])
        stats = (answer.json or {}).get("stats", {})
        if not 0 < stats.get("rounds", 0) <= MOST_ROUNDS:
            wrong.append(f"{stats.get('rounds')} rounds, expected at most {MOST_ROUNDS}")
        if not 0 < stats.get("requests", 0) <= MOST_REQUESTS:
            wrong.append(f"{stats.get('requests')} requests, expected at most {MOST_REQUESTS}")
        return wrong, answer

    def breakage(self, s):
        """One way to break the payments example: broken, asked about, mended, asked about again."""
        broken = copy.deepcopy(self.base)
        s.change(broken, self.certificates)
        if s.late:
            self.calm_down()
        self.cluster.become(broken)
        try:
            if s.after:
                s.after(self.api, world.PAYMENTS)
            settled(self.api, broken, s.seen, world.PAYMENTS)
            wrong, answer = self.diagnose(s.name, s.target, s.exit, s.verdict, s.first)
            if not wrong and s.prove:
                wrong = self.prove(s, answer, world.PAYMENTS)
        except Failure:
            self.cluster.become(self.base, again=True)
            self.stirred = time.monotonic()
            raise
        mended, after = self.mend(s)
        if broken["gateway"] != self.base["gateway"]:
            self.stirred = time.monotonic()
        return wrong + mended, answer if wrong or not mended else after

    def old_fault(self, s):
        """A fault that a team has had from the beginning."""
        space, team = self.teams[s.name]
        self.calm_down()
        settled(self.api, self.base, s.seen, space)
        wrong, answer = self.diagnose(s.name, s.target, s.exit, s.verdict, s.first, space)
        if not wrong and s.prove:
            wrong = self.prove(s, answer, space)
        self.base.update(team)
        mended, after = self.mend(s, space)
        return wrong + mended, answer if wrong or not mended else after

    def prove(self, s, answer, space):
        """Carries the first fixes out as a person would, by pasting their commands, and asks again."""
        fixes = [finding.get("fix") or {} for finding in answer.findings[:len(s.first)]]
        env = {"PATH": self.options.path, "HOME": os.path.join(self.options.run, "home"), "KUBECONFIG": self.program.kubeconfig("oncall")}
        for fix in fixes:
            if not fix.get("commands") or fix.get("verified") is not True:
                return [f"the fix is not a verified command: {fix}"]
        for command in [command for fix in fixes for command in fix["commands"]]:
            done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=60, check=False, stdin=subprocess.DEVNULL, env=env)
            if done.returncode:
                return [f"the fix fails: {command}: {done.stderr.strip()}"]
        wrong, _ = self.diagnose(s.name + ".fixed", s.target, 0, ("healthy",), [], space, patience=15)
        return [f"after the proposed fix: {w}" for w in wrong]

    def grace(self):
        """A controller that has said nothing yet may still be at work."""
        return self.diagnose("grace", ROUTE, 4, ("unknown",), [], self.teams[FOREIGN][0], patience=0)

    def no_rules(self):
        """The API server refuses it or takes it, by version; where it takes it, the program has to say so."""
        empty = world.ingress("payments-empty", world.PAYMENTS, "contour", "pay.interviewcatalog.example", "payments-tls", "payments-api")
        empty["spec"].pop("rules")
        try:
            self.api.put(empty)
        except Failure as refusal:
            return ([] if "422" in str(refusal) else [str(refusal)]), None
        try:
            return self.diagnose("ruleless", ("ingress", "payments-empty"), 1, ("broken",), ["ingress-no-rules"])
        finally:
            self.api.delete("Ingress", "payments-empty", world.PAYMENTS)

    def scan(self):
        """Every target of the cluster for itself: what one team broke says nothing of the others."""
        self.calm_down()
        answer = self.program("scan", "scan", "-A")
        found = {(i["target"].get("namespace"), i["target"].get("name")): i["verdict"] for i in (answer.json or {}).get("items", [])}
        wanted = {(world.PAYMENTS, "payments-api"): ("healthy",), (world.PAYMENTS, "payments-web"): ("healthy",)}
        wanted.update({(self.teams[s.name][0], s.target[1]): s.verdict for s in SCENARIOS if s.name in self.teams and s.target is not SERVICE})
        wrong = [f"{'/'.join(key)} is {found.get(key)}, expected {' or '.join(verdicts)}" for key, verdicts in wanted.items() if found.get(key) not in verdicts]
        if answer.exit != 1:
            wrong.append(f"exit {answer.exit}, expected 1")
        return wrong + self.program.leaks(answer), answer

    def run(self):
        started = time.monotonic()
        self.install()
        print(f"the payments example stands ({time.monotonic() - started:.1f} s)", flush=True)
        for target in (ROUTE, INGRESS, GATEWAY, SERVICE):
            self.check("healthy-" + target[0], lambda t=target: self.healthy(t))
        if self.failed and not self.options.names:
            print("the healthy example is not called healthy: nothing else is tried")
        else:
            self.break_everything()
        print(f"{self.program.count} runs of {self.options.binary} in {time.monotonic() - started:.0f} s; what they said is in {self.options.results}")
        print(f"{self.passed} passed, {self.failed} failed")
        counted(self.options.run, "scenarios", self.passed, self.failed)
        return 1 if self.failed or not self.passed else 0

    def break_everything(self):
        if FOREIGN in self.teams:
            self.check("a-gateway-without-status-is-given-a-minute", self.grace)
        for target in (ROUTE, INGRESS):
            self.check(f"the-healthy-{target[0]}-costs-few-requests", lambda t=target: self.budget(t))
        for s in SCENARIOS:
            if not s.patient:
                self.check(s.name, lambda s=s: self.breakage(s))
        self.check("an-ingress-without-rules", self.no_rules)
        for name, test in accounts.tests(self):
            self.check(name, test)
        self.check("every-list-is-bounded", lambda: accounts.bounded_lists(self.options.run))
        if len(self.teams) == sum(s.patient for s in SCENARIOS):
            self.check("a-scan-judges-each-target-for-itself", self.scan)
        for s in SCENARIOS:
            if s.patient:
                self.check(s.name, lambda s=s: self.old_fault(s))
        self.check("every-request-only-reads", lambda: accounts.only_reads(self.options.run))


def certificates(folder):
    authority = Authority(folder)
    host = "*.interviewcatalog.example"
    return {"good": authority.issue("good", host), "ingress": authority.issue("ingress", "pay.interviewcatalog.example"),
            "edge": authority.issue("edge", "*.edge.example"), "other": authority.issue("other", "www.other.example"),
            "expired": authority.issue("expired", host, -90, -2), "expiring": authority.issue("expiring", host, -83, 7),
            "future": authority.issue("future", host, 2, 92)}


def main():
    lab = os.environ.get("GWDOCTOR_LAB") or os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "gwdoctor-e2e")
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("binary")
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--run", default=os.path.join(lab, "run"))
    parser.add_argument("--results", default=os.path.join(lab, "results"))
    options = parser.parse_args()
    if not os.access(options.binary, os.X_OK):
        parser.error(f"no program at {options.binary}: build it first (make)")
    shutil.rmtree(options.results, ignore_errors=True)
    os.makedirs(options.results)
    options.path = os.pathsep.join([os.environ.get("PATH", ""), os.path.join(lab, "bin")])   # kubectl of our own where the machine has none
    try:
        return Suite(options).run()
    except Failure as failure:
        print(f"the lab: {failure}", "0 passed, 1 failed", sep="\n")
        return 1


if __name__ == "__main__":
    sys.exit(main())
