"""How backends with weights share the requests of a rule, and which requests are mirrored: predicted by `trace`, counted at real backends."""
import collections
import json
import math
import os
import time

from cluster import wait_for
from traffic_plane import send_all
from traffic_world import FRONT, GATEWAY, GATEWAY_API
from world import meta

SPACE = "alder"
SENT = 600     # requests to each rule whose shares are counted
COPIED = 150   # requests to each rule of which it is counted what is mirrored
SIGMAS = 6     # a share that is right misses by more once in 500 million runs


def ref(name, weight=None, **more):
    return {"name": name, "port": 80, **({} if weight is None else {"weight": weight}), **more}


def mirror(name, **more):
    return {"type": "RequestMirror", "requestMirror": {"backendRef": ref(name, **more)}}


# Path to backendRefs: what several hundred requests are shared among.
WEIGHTED = {
    "/one-to-three": [ref("one", 1), ref("two", 3)],
    "/without-weights": [ref("one"), ref("two"), ref("three")],
    "/a-weight-of-zero": [ref("one", 0), ref("two", 1), ref("three", 2)],
    "/one-does-not-exist": [ref("missing", 2), ref("one", 1), ref("two", 1)],
    "/one-without-a-grant": [ref("one", 3, namespace="elm"), ref("two", 1), ref("three", 3)],
    "/one-without-endpoints": [ref("idle", 1), ref("one", 3)],
    "/one-in-a-hundred": [ref("one", 1), ref("two", 99)],
}
# Path to (backendRefs, filters): whose requests are mirrored, and whose are not.
MIRRORED = {
    "/mirrored": ([ref("one")], [mirror("three")]),
    "/not-mirrored": ([ref("one")], []),
    "/mirrored-and-shared": ([ref("one", 1), ref("two", 1)], [mirror("three")]),
    "/mirrored-elsewhere": ([ref("one")], [mirror("two", namespace="cedar")]),
    "/mirrored-to-nobody": ([ref("one")], [mirror("missing")]),
}
HEADER = ["X-Copy", "yes"]   # asks for /by-header/mirrored, and nobody else does


class Shares:
    def __init__(self):
        weighted = [self.rule(path, refs) for path, refs in WEIGHTED.items()]
        mirrored = [self.rule(path, refs, filters) for path, (refs, filters) in MIRRORED.items()]
        by_header = [self.rule("/by-header", [ref("one")], [mirror("three")], headers=[{"name": HEADER[0], "value": HEADER[1]}]),
                     self.rule("/by-header", [ref("one")])]
        self.routes = [self.route("shares", weighted), self.route("mirrors", mirrored + by_header)]
        self.asked = [self.ask("shares", path, SENT) for path in WEIGHTED] + [self.ask("mirrors", path, COPIED) for path in MIRRORED]
        self.asked += [self.ask("mirrors", "/by-header", COPIED, [HEADER]), self.ask("mirrors", "/by-header", COPIED)]
        self.counted = None

    @staticmethod
    def rule(path, refs, filters=(), **more):
        return {"matches": [{"path": {"type": "PathPrefix", "value": path}, **more}], "backendRefs": refs, **({"filters": list(filters)} if filters else {})}

    @staticmethod
    def route(name, rules):
        return {"apiVersion": GATEWAY_API, "kind": "HTTPRoute", "metadata": meta(name, SPACE), "spec": {
            "parentRefs": [{"name": GATEWAY, "namespace": FRONT, "sectionName": "http"}], "hostnames": [name + ".shares.example"], "rules": rules}}

    @staticmethod
    def ask(name, path, times, headers=()):
        return {"times": times, "request": {"entrance": "gateway", "tls": False, "sni": "", "port": 80, "host": name + ".shares.example", "method": "GET",
                                            "target": path, "headers": [list(h) for h in headers], "bent": []}}

    # --- real requests

    def count(self, addresses, backends, named):
        """Sends every request as often as it is to be asked. self.counted: for each, how often whom served it, and which Services got how many copies."""
        requests = [{**asked["request"], "id": f"s{number:02d}.{time_}"} for number, asked in enumerate(self.asked) for time_ in range(asked["times"])]
        # One of each after the other, so that what a rule leads to is not told by when it was asked.
        requests.sort(key=lambda request: int(request["id"].split(".")[1]))
        backends.seen.clear()
        answers = send_all(requests, addresses)
        served = {request["id"]: self.by_whom(answer, named) for request, answer in zip(requests, answers)}
        self.await_copies(backends, served)
        self.counted = [{"served": collections.Counter(), "copies": collections.Counter(), "twice": 0} for _ in self.asked]
        for number, counted in enumerate(self.counted):
            ids = {i for i in served if i.startswith(f"s{number:02d}.")}
            counted["served"].update(served[i] for i in ids)
            seen = collections.Counter((named[port], i) for port, i in backends.seen if i in ids)
            copies = {(name, i): times - (served[i] == name) for (name, i), times in seen.items() if times > (served[i] == name)}
            counted["copies"].update(name for name, _ in copies)
            counted["twice"] = sum(times > 1 for times in copies.values())

    @staticmethod
    def by_whom(answer, named):
        if "backend" in answer:
            return named[answer["backend"]["port"]]
        return f"status {answer['status']}" if "status" in answer else answer["failed"]

    @staticmethod
    def await_copies(backends, served):
        """A copy is sent without waiting for it: until none has come for a second."""
        last = [-1, 0.0]

        def quiet():
            if len(backends.seen) != last[0]:
                last[:] = len(backends.seen), time.monotonic()
            return time.monotonic() - last[1] > 1
        wait_for(quiet, 20, f"copies of {len(served)} requests have arrived", every=0.1)

    # --- the comparison

    def judge(self, predictor):
        """A line for each rule; (passed, failed)."""
        passed = 0
        for asked, counted in zip(self.asked, self.counted):
            sources = [predictor.live, ["--from", predictor.dump]]
            wrong = next(filter(None, (differs(predictor(asked["request"], source), counted, asked["times"]) for source in sources)), None)
            passed += wrong is None
            request = asked["request"]
            name = request["host"].split(".")[0] + request["target"] + "".join(f" with {h[0]}" for h in request["headers"])
            told = ", ".join(f"{name} {times}" for name, times in sorted(counted["served"].items()))
            copied = "".join(f"; {times} copies to {name}" for name, times in sorted(counted["copies"].items()))
            print(f"{'ok  ' if wrong is None else 'FAIL'} {name}: {told}{copied}{'' if wrong is None else '; ' + wrong}")
        return passed, len(self.asked) - passed

    def save(self, folder):
        with open(os.path.join(folder, "shares.json"), "w", encoding="utf-8") as file:
            json.dump({"asked": self.asked, "counted": self.counted}, file)

    @staticmethod
    def saved(folder):
        """What an earlier run counted."""
        found = Shares()
        with open(os.path.join(folder, "shares.json"), encoding="utf-8") as file:
            found.__dict__.update(json.load(file))
        return found


def differs(prediction, counted, sent):
    """None, or what was predicted otherwise than it was counted."""
    if len(prediction.get("traces", [])) != 1:
        return f"no single prediction: {prediction.get('error')}"
    outcome = prediction["traces"][0]["outcome"]
    expected = shares_of(outcome)
    if abs(sum(expected.values()) - 1) > 1e-9:
        return f"the predicted shares are not the whole: {expected}"
    for name in sorted(set(expected) | set(counted["served"])):
        share, times = expected.get(name, 0), counted["served"].get(name, 0)
        if abs(times - share * sent) > SIGMAS * math.sqrt(sent * share * (1 - share)):   # none at all, where the share is 0
            return f"{name} was predicted {share:.1%} of {sent}, and got {times}"
    mirrors = collections.Counter({f"{m['namespace']}/{m['name']}": sent for m in outcome["mirrors"]})
    copies = collections.Counter()
    for name, times in counted["copies"].items():
        copies[name.rsplit(":", 1)[0]] += times
    if mirrors != copies or counted["twice"]:
        return f"predicted were copies to {dict(mirrors)}, and there came {dict(copies)}, {counted['twice']} of them twice"
    return None


def shares_of(outcome):
    """Who answers: backends that have endpoints, the data plane for those that have none or are of no use."""
    found = collections.Counter()
    for backend in outcome["backends"]:
        place = f"{backend['object']['namespace']}/{backend['object']['name']}:{backend.get('port')}"
        if backend.get("failureStatus"):
            place = f"status {backend['failureStatus']}"
        elif backend.get("readyEndpoints") == 0:
            place = "status 503"
        found[place] += backend["share"]
    return found
