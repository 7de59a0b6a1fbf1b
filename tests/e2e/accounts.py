"""Accounts with few rights or none, servers that cannot be asked, and what the API server's audit log says about the program."""
import base64
import copy
import json
import os
import urllib.parse

import world
from certificates import base64_of
from cluster import path_of, settled
from program import permissions
from scenarios import INGRESS, ROUTE, backend
from signs import route_condition

AGENT = "kubectl-gwdoctor"
TEAM = "developer"
# Lists of these cannot be bounded: they are cluster-wide, few, and asked for to find a default or the nearest name.
SMALL = {"ingressclasses", "gatewayclasses", "customresourcedefinitions"}
# What competes for a hostname or a port may stand in any namespace: read page by page, and only where the target is not known to be alone.
RIVALS = {"httproutes", "grpcroutes", "tlsroutes", "tcproutes", "udproutes", "listenersets", "ingresses"}


def private_texts(certificates):
    """What must never be seen in any output: tokens, and the keys as PEM and as base64 of it."""
    found = ["e2e-nobody-token", "not-a-token-of-this-cluster"]
    for _, key in certificates.values():
        body = "".join(line for line in key.splitlines() if not line.startswith("-----"))
        found += [body[:48], base64_of(key)[-64:-8]]
    return found


def team_account(suite):
    """A ServiceAccount that may read the team's own namespace, but no Secret, and nothing of the platform's."""
    api, run = suite.api, suite.options.run
    api.put({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": TEAM, "namespace": world.PAYMENTS}})
    api.put({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": TEAM, "namespace": world.PAYMENTS}, "rules": [
        {"apiGroups": [""], "resources": ["services", "endpoints", "pods", "events"], "verbs": ["get", "list"]},
        {"apiGroups": ["apps"], "resources": ["*"], "verbs": ["get", "list"]},
        {"apiGroups": ["discovery.k8s.io"], "resources": ["endpointslices"], "verbs": ["get", "list"]},
        {"apiGroups": ["networking.k8s.io"], "resources": ["ingresses", "networkpolicies"], "verbs": ["get", "list"]},
        {"apiGroups": ["gateway.networking.k8s.io"], "resources": ["httproutes", "referencegrants"], "verbs": ["get", "list"]}]})
    api.put({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": {"name": TEAM, "namespace": world.PAYMENTS},
             "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": TEAM},
             "subjects": [{"kind": "ServiceAccount", "name": TEAM, "namespace": world.PAYMENTS}]})
    token = api.send("POST", path_of("ServiceAccount", TEAM, world.PAYMENTS) + "/token",
                     {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"expirationSeconds": 3600}})["status"]["token"]
    suite.program.secrets.append(token)
    with open(os.path.join(run, "pki", "ca.crt"), "rb") as file:
        authority = base64.b64encode(file.read()).decode()
    descriptor = os.open(suite.program.kubeconfig(TEAM), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump({"apiVersion": "v1", "kind": "Config", "current-context": "e2e", "users": [{"name": TEAM, "user": {"token": token}}],
                   "clusters": [{"name": "e2e", "cluster": {"server": f"https://127.0.0.1:{api.port}", "certificate-authority-data": authority}}],
                   "contexts": [{"name": "e2e", "context": {"cluster": "e2e", "user": TEAM}}]}, file)


def tests(suite):
    """(name, test) pairs; a test returns what is wrong, and the answer."""

    def changed(change, seen, ask):
        broken = copy.deepcopy(suite.base)
        change(broken)
        try:
            suite.cluster.become(broken)
            settled(suite.api, broken, seen, world.PAYMENTS)
            return ask()
        finally:
            suite.cluster.become(suite.base)

    def blind(name, target, account, exit_code=4, verdicts=("unknown",), first=()):
        if account == TEAM and not os.path.exists(suite.program.kubeconfig(TEAM)):
            team_account(suite)
        wrong, answer = suite.diagnose(name, target, exit_code, verdicts, list(first), account=account, patience=5)
        wrong += permissions(answer)
        if not answer.unknowns:
            wrong.append("nothing is named that could not be read")
        if exit_code == 4 and any(f["severity"] == "error" for f in answer.findings):
            wrong.append("what could not be read is reported as an error")
        return wrong, answer

    def team_healthy():
        return blind("team-healthy", ROUTE, TEAM)

    def team_ingress():
        return blind("team-ingress", INGRESS, TEAM)

    def team_broken():
        def change(w):
            backend(w)["port"] = 3000
        return changed(change, route_condition("ResolvedRefs", "False", "BackendNotFound"),
                       lambda: blind("team-broken", ROUTE, TEAM, 1, ("broken",), ["service-port-not-found"]))

    def team_target():
        def change(w):
            w["service"]["spec"]["ports"][0]["targetPort"] = "web"
        return changed(change, None, lambda: blind("team-target", INGRESS, TEAM, 1, ("broken",), ["service-target-port-name"]))

    def team_secret():
        def change(w):
            w.pop("ingress-tls")
        return changed(change, None, lambda: blind("team-secret", INGRESS, TEAM))

    def refused(name, account, exit_code, *arguments):
        answer = suite.program(name, *(arguments or (*ROUTE, "-n", world.PAYMENTS)), account=account)
        wrong = suite.program.leaks(answer)
        if answer.exit != exit_code:
            wrong.append(f"exit {answer.exit}, expected {exit_code}")
        if not answer.err.strip():
            wrong.append("nothing on stderr says what is wrong")
        return wrong, answer

    def formats():
        """The exit code never depends on the output format."""
        def ask():
            wrong = []
            for output in suite.program.formats():
                answer = suite.program("formats", *ROUTE, "-n", world.PAYMENTS, output=output)
                wrong += suite.program.leaks(answer)
                if answer.exit != 1 or "payments-api" not in answer.out:
                    wrong.append(f"-o {output}: exit {answer.exit}, expected 1 and the object's name")
            return wrong, answer

        def change(w):
            backend(w)["port"] = 3000
        return changed(change, route_condition("ResolvedRefs", "False", "BackendNotFound"), ask)

    def replay():
        """What one run kept, another reads: the same diagnosis, without the cluster and without a secret."""
        kept = os.path.join(suite.options.results, "kept.capture")

        def ask():
            live = suite.program("replay-live", *ROUTE, "-n", world.PAYMENTS, "--capture", kept)
            again = suite.program("replay", *ROUTE, "-n", world.PAYMENTS, "--from", kept, account=None)
            wrong = suite.program.leaks(live) + suite.program.leaks(again)
            if os.path.exists(kept):
                with open(kept, encoding="utf-8") as file:
                    text = file.read()
                wrong += ["the capture holds a private key or token"] if any(s in text for s in suite.program.secrets) else []
            if live.exit != 1 or live.codes()[:1] != ["tls-certificate-expired"]:
                wrong.append(f"live: {live}")
            differ = [key for key in (live.json or {}) if key != "stats" and (again.json or {}).get(key) != live.json[key]]
            if again.exit != live.exit or differ:
                wrong.append(f"the replay differs in {differ}: {again}")
            return wrong, again

        def change(w):
            w["gateway-tls"] = world.secret("public-web-tls", world.PLATFORM, suite.certificates["expired"])
        return changed(change, None, ask)

    def nearest():
        wrong, answer = refused("nearest", "oncall", 2, "route", "payments-ap", "-n", world.PAYMENTS)
        if "payments-api" not in answer.err + answer.out:
            wrong.append("the nearest name payments-api is not suggested")
        return wrong, answer

    return [
        ("a-team-account-gets-unknown-where-it-may-not-read", team_healthy),
        ("a-team-account-gets-unknown-for-its-ingress-too", team_ingress),
        ("a-team-account-is-told-the-fault-it-can-see", team_broken),
        ("a-team-account-is-told-the-fault-of-its-ingress", team_target),
        ("a-secret-that-may-not-be-read-is-not-called-missing", team_secret),
        ("an-account-without-any-right-gets-unknown", lambda: blind("nobody", ROUTE, "nobody")),
        ("a-wrong-token-is-exit-3", lambda: refused("wrong-token", "wrong", 3)),
        ("a-server-that-is-down-is-exit-3", lambda: refused("down", "down", 3)),
        ("a-kubeconfig-that-does-not-exist-is-exit-2", lambda: refused("no-kubeconfig", "absent", 2)),
        ("a-route-that-does-not-exist-is-exit-2-with-the-nearest-name", nearest),
        ("the-exit-code-is-the-same-in-every-format", formats),
        ("a-capture-replays-to-the-same-diagnosis", replay),
    ]


def requests(run):
    """The program's requests in the audit log: (verb, URI, resource, namespace)."""
    with open(os.path.join(run, "audit.log"), encoding="utf-8") as file:
        for line in file:
            event = json.loads(line)
            if event.get("stage") == "ResponseComplete" and event.get("userAgent", "").startswith(AGENT):
                what = event.get("objectRef") or {}
                yield event["verb"], event["requestURI"], what.get("resource"), what.get("namespace")


def none_seen(run):
    return [] if any(True for _ in requests(run)) else [f"the audit log shows no request whose user agent starts with {AGENT}"]


def only_reads(run):
    """GET alone, and the POST of the review APIs, which changes nothing."""
    reviews = {"selfsubjectaccessreviews", "selfsubjectrulesreviews", "selfsubjectreviews"}
    writes = {f"{verb} {uri}" for verb, uri, resource, _ in requests(run) if verb not in ("get", "list") and not (verb == "create" and resource in reviews)}
    return none_seen(run) + [f"not a read: {w}" for w in sorted(writes)], None


def bounded_lists(run):
    """No list of a whole cluster: each is bounded by a namespace, a label or a field selector."""
    loose = set()
    for verb, uri, resource, namespace in requests(run):
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(uri).query)
        if verb == "list" and not namespace and resource in RIVALS and query.get("limit"):
            continue
        if verb == "list" and not namespace and resource not in SMALL and not query.get("labelSelector") and not query.get("fieldSelector"):
            loose.add(uri)
    return none_seen(run) + [f"an unbounded list: {uri}" for uri in sorted(loose)], None


