"""A data plane that goes on with what it knew: Contour stands still, as when it cannot reach the API server, and objects change."""
import copy
import time

import probes_world as world
from cluster import wait_for
from probes_plane import Paused, served
from probes_scenarios import certificate, serves
from program import judge

SETTLED = 63      # seconds after which a change must have been served (the program grants 60)
LATER = "later"   # a route that was made while nobody listened


def accepted(api):
    """Writes what Contour would: that the new route is accepted, in the words that it has for the other."""
    status = api.find("HTTPRoute", "pay", world.SHOP)["status"]
    route = api.find("HTTPRoute", LATER, world.SHOP)
    for parent in status["parents"]:
        for condition in parent["conditions"]:
            condition["observedGeneration"] = route["metadata"]["generation"]
    api.status("HTTPRoute", LATER, world.SHOP, status)


class Stale:
    """Both questions wait for the same minute."""

    def __init__(self, suite):
        self.suite = suite
        self.answers = {}

    def prepare(self):
        suite = self.suite
        if self.answers:
            return
        broken = copy.deepcopy(suite.base)
        try:
            with Paused(suite.options.run, "contour-gateway"):
                certificate(broken, suite, "newer")
                broken[LATER] = world.route(LATER, [world.named("alias")], "https", [world.rule("/", "pay")])
                suite.cluster.become(broken)
                accepted(suite.api)
                self.answers["young"] = suite.ask("stale-young")
                time.sleep(SETTLED)
                self.answers["certificate"] = suite.ask("stale-certificate")
                self.answers["route"] = suite.ask("stale-route", target=("route", LATER, "-n", world.SHOP))
                self.seen = serves("edge")(suite), served(suite.address, world.HTTPS, world.named("alias"))
        finally:
            suite.cluster.become(suite.base)
            wait_for(suite.serves, 30, "the world serves again", every=0.2)

    def young(self):
        self.prepare()
        got = self.answers["young"]
        return judge(got, 4, ("unknown",), []), got

    def certificate(self):
        self.prepare()
        got = self.answers["certificate"]
        return judge(got, 0, ("at-risk",), ["tls-served-other"]) + ([] if self.seen[0] else ["Envoy does not serve the older certificate"]), got

    def route(self):
        self.prepare()
        got = self.answers["route"]
        wrong = judge(got, 1, ("broken",), ["tls-handshake-failed"])
        return wrong + ([] if self.seen[1] is None else ["Envoy takes the handshake for the new name"]), got


def tests(suite):
    stale = Stale(suite)
    return [("a-certificate-that-was-just-replaced-may-still-be-served", stale.young),
            ("the-data-plane-serves-another-certificate-than-the-secrets", stale.certificate),
            ("the-data-plane-ends-the-handshake-for-a-name-that-its-controller-accepted", stale.route)]
