"""States of the network and of the objects behind it. Each changes the healthy shop (probes_world.healthy) or what stands around it; `change` may return
what takes it back. `first` are the codes that rank first, as in scenarios.py."""
import base64
import dataclasses
import json
import os

import probes_world as world
from cluster import path_of
from probes_plane import answer, served
from program import contract, judge, permissions
from world import secret
from traffic_world import FRONT, GATEWAY

ACCOUNT = "without-proxy"


@dataclasses.dataclass
class Scenario:
    name: str
    change: object
    first: list
    verdict: tuple = ("broken",)
    exit: int = 1
    arguments: tuple = ()
    options: dict = dataclasses.field(default_factory=dict)
    seen: object = None        # seen(suite): the data plane shows it
    judge: object = None       # judge(suite, answer): what is wrong; in place of first, verdict and exit
    without: tuple = ()        # codes that must not be there
    among: tuple = ()          # codes that must be there, wherever
    old: bool = False          # asked when the load balancer is no longer young
    patience: float = 4.0      # seconds to ask again until the answer is right


SCENARIOS = []


def scenario(*first, **kw):
    def add(change):
        SCENARIOS.append(Scenario(change.__name__.replace("_", "-"), change, list(first), **kw))
        return change
    return add


HEALTHY = {"verdict": ("healthy",), "exit": 0}
RISK = {"verdict": ("at-risk",), "exit": 0}


def serves(name):
    """Envoy serves this certificate."""
    return lambda suite: served(suite.address, world.HTTPS, world.HOST) == world.fingerprint(suite.certificates[name][0])


def refuses(suite):
    return served(suite.address, world.HTTPS, world.HOST) is None


def certificate(w, suite, name):
    w["edge-tls"] = secret("edge-tls", FRONT, suite.certificates[name])


def closed(relay):
    """Turns a relay off; returns what turns it on again."""
    target = relay.target
    relay.to(None)
    return lambda: relay.to(target)


# --- everything answers

@scenario(**HEALTHY)
def a_route_whose_name_leads_to_the_gateway_which_serves_the_certificate_of_the_secret(w, suite):
    pass


@scenario(**HEALTHY)
def an_alias_leads_to_the_gateway(w, suite):
    w["route"]["spec"]["hostnames"] = [world.named("alias")]


@scenario(arguments=("--probe", "dns,tcp,tls,http"), **HEALTHY)
def a_request_is_answered(w, suite):
    pass


# A backend without endpoints and the answer of the data plane: one tale, the cause first. For a minute the new Service is given time.
@scenario(("service-selector-mismatch", "endpoints-none"), arguments=("--probe", "dns,tcp,tls,http"), among=("http-error-served",), old=True, patience=75.0,
          seen=lambda suite: answer(suite.address, world.HTTPS, world.HOST, "/") == 503)
def a_request_is_answered_503_for_want_of_endpoints(w, suite):
    w["idle"] = {**w["service"], "metadata": {"name": "idle", "namespace": world.SHOP}, "spec": {
        "selector": {"app": "idle"}, "ports": w["service"]["spec"]["ports"]}}
    with_rule(w, world.rule("/", "idle"))


@scenario(arguments=("--probe", "dns,tcp,tls,http=/nowhere"), without=("http-error-served",),
          seen=lambda suite: answer(suite.address, world.HTTPS, world.HOST, "/nowhere") == 404, **HEALTHY)
def a_path_is_asked_that_no_rule_takes(w, suite):
    with_rule(w, world.rule("/here", "pay"))


# --- names

@scenario("dns-name-not-found")
def the_name_does_not_exist(w, suite):
    w["route"]["spec"]["hostnames"] = [world.named("missing")]


@scenario("dns-name-not-found")
def the_name_has_no_address(w, suite):
    w["route"]["spec"]["hostnames"] = [world.named("text")]


@scenario("dns-cname-dangling")
def the_alias_leads_to_a_name_that_is_gone(w, suite):
    w["route"]["spec"]["hostnames"] = [world.named("dangling")]


def told(suite, got):
    return contract(got) + ([] if got.exit == 0 else [f"exit {got.exit}, expected 0"])


# The Gateway's address is one of this machine: another may be a balancer in front of it.
@scenario(judge=told, among=("dns-points-elsewhere",))
def the_name_leads_to_another_address(w, suite):
    w["route"]["spec"]["hostnames"] = [world.named("away")]


@scenario("dns-partly-stale", **RISK)
def one_of_two_addresses_is_the_gateways(w, suite):
    w["route"]["spec"]["hostnames"] = [world.named("partly")]


# --- certificates

@scenario("tls-host-mismatch", seen=serves("wrong-host"))
def the_certificate_served_is_another_hosts(w, suite):
    certificate(w, suite, "wrong-host")


@scenario("tls-certificate-expired", seen=serves("late"))
def the_certificate_served_has_expired(w, suite):
    certificate(w, suite, "late")


# A private authority's clients may have the intermediate: only of what is meant for everybody it is known to be missing.
@scenario(arguments=("--probe", "tcp,tls", "--public"), judge=told, among=("tls-chain-incomplete",), patience=15.0)
def the_certificate_is_served_without_its_intermediate(w, suite):
    certificate(w, suite, "leaf-alone")


@scenario("tls-secret-not-found", seen=refuses)
def the_secret_of_the_certificate_is_missing(w, suite):
    w.pop("edge-tls")


# --- the load balancer

@scenario("lb-unreachable", old=True)
def the_port_is_closed(w, suite):
    return closed(suite.https)


@scenario("tls-handshake-failed", old=True)
def what_listens_closes_every_connection(w, suite):
    target = suite.https.target
    suite.https.to((suite.own, 1))     # nobody listens there: accepted, then closed
    return lambda: suite.https.to(target)


@scenario(("tls-plain-http-only", "tls-handshake-failed", "lb-protocol-mismatch"), old=True)
def plain_http_is_spoken_on_the_port_for_tls(w, suite):
    target = suite.https.target
    suite.https.to(suite.http.target)
    return lambda: suite.https.to(target)


# --- through the API server

SERVICE = ("--probe", "dns,tcp,tls,service")


@scenario(arguments=SERVICE, **HEALTHY)
def the_service_answers_through_the_api_server_too(w, suite):
    pass


@scenario("lb-unreachable", arguments=SERVICE, without=("endpoints-unreachable",), old=True)
def the_service_answers_and_the_gateway_does_not(w, suite):
    return closed(suite.https)


@scenario("endpoints-unreachable", arguments=SERVICE, without=("lb-unreachable",))
def the_gateway_answers_and_the_pod_does_not(w, suite):
    return closed(suite.backend)


def may_not_proxy(suite, got):
    wrong = contract(got) + permissions(got)
    needs = [u.get("needs") or {} for u in got.unknowns]
    # RBAC names it services/proxy.
    if not any("proxy" in json.dumps(n) for n in needs):
        wrong.append(f"no unknown names the permission for services/proxy: {needs}")
    if got.exit != 4 or got.verdict != "unknown":
        wrong.append(f"{got}, expected unknown, exit 4")
    return wrong


@scenario(arguments=SERVICE, options={"account": ACCOUNT}, judge=may_not_proxy)
def an_account_that_may_not_use_the_proxy_is_told_the_permission(w, suite):
    make_account(suite)


@scenario(options={"account": ACCOUNT}, **HEALTHY)
def an_account_that_may_not_use_the_proxy_is_not_asked_for_it_by_default(w, suite):
    make_account(suite)


def make_account(suite):
    """A service account that may read everything, and use no proxy."""
    if os.path.exists(suite.program.kubeconfig(ACCOUNT)):
        return
    api, rbac = suite.api, "rbac.authorization.k8s.io/v1"
    api.put({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": ACCOUNT, "namespace": FRONT}})
    groups = ["", "apps", "discovery.k8s.io", "networking.k8s.io", "gateway.networking.k8s.io"]
    resources = ["services", "endpoints", "pods", "events", "secrets", "namespaces", "nodes", "configmaps", "deployments", "daemonsets", "statefulsets",
                 "replicasets", "endpointslices", "ingresses", "ingressclasses", "networkpolicies", "gateways", "gatewayclasses", "httproutes",
                 "grpcroutes", "tlsroutes", "tcproutes", "udproutes", "listenersets", "referencegrants", "backendtlspolicies"]
    for kind, body in (("clusterroles", {"kind": "ClusterRole", "rules": [{"apiGroups": groups, "resources": resources, "verbs": ["get", "list"]}]}),
                       ("clusterrolebindings", {"kind": "ClusterRoleBinding", "roleRef": {"apiGroup": rbac[:-3], "kind": "ClusterRole", "name": ACCOUNT},
                                                "subjects": [{"kind": "ServiceAccount", "name": ACCOUNT, "namespace": FRONT}]})):
        api.send("POST", f"/apis/{rbac}/{kind}", {"apiVersion": rbac, "metadata": {"name": ACCOUNT}, **body}, accept=(409,))
    token = api.send("POST", path_of("ServiceAccount", ACCOUNT, FRONT) + "/token",
                     {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"expirationSeconds": 3600}})["status"]["token"]
    suite.program.secrets.append(token)
    with open(os.path.join(suite.options.run, "pki", "ca.crt"), "rb") as file:
        authority = base64.b64encode(file.read()).decode()
    descriptor = os.open(suite.program.kubeconfig(ACCOUNT), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump({"apiVersion": "v1", "kind": "Config", "current-context": "e2e", "users": [{"name": ACCOUNT, "user": {"token": token}}],
                   "clusters": [{"name": "e2e", "cluster": {"server": f"https://127.0.0.1:{api.port}", "certificate-authority-data": authority}}],
                   "contexts": [{"name": "e2e", "context": {"cluster": "e2e", "user": ACCOUNT}}]}, file)


# --- a request that is predicted, and then sent

def traced(path, *flags, host=world.HOST):
    return {"options": {"target": ("trace", f"https://{host}:{world.HTTPS}{path}", "--send", "--gateway", f"{FRONT}/{GATEWAY}", *flags)}}


def as_predicted(action, status=None):
    def check(suite, got):
        if got.json is None:
            return [f"stdout is not JSON: {got}"]
        outcome, sent = got.json.get("outcome") or {}, got.json.get("sent") or {}
        wrong = []
        if outcome.get("action") != action:
            wrong.append(f"predicted {outcome.get('action')}, expected {action}")
        if sent.get("agrees") is not True or action != "unreachable" and sent.get("error"):
            wrong.append(f"sent: {sent}")
        if status is not None and sent.get("status") != status:
            wrong.append(f"the answer is {sent.get('status')}, expected {status}")
        return wrong
    return check


@scenario(**traced("/"), judge=as_predicted("forward", 200))
def a_request_that_is_forwarded(w, suite):
    pass


def with_rule(w, rule):
    w["route"]["spec"]["rules"] = [rule]


@scenario(**traced("/old/x"), judge=as_predicted("redirect", 301), seen=lambda suite: answer(suite.address, world.HTTPS, world.HOST, "/old/x") == 301)
def a_request_that_is_redirected(w, suite):
    w["route"]["spec"]["rules"].append(world.rule("/old", filters=[{"type": "RequestRedirect", "requestRedirect": {
        "hostname": world.named("new"), "statusCode": 301}}]))


@scenario(**traced("/nowhere"), judge=as_predicted("not-found", 404), seen=lambda suite: answer(suite.address, world.HTTPS, world.HOST, "/nowhere") == 404)
def a_request_that_no_rule_matches(w, suite):
    with_rule(w, world.rule("/here", "pay"))


@scenario(**traced("/", "-H", f"Host: {world.named('other')}"), judge=as_predicted("reject", 421))
def a_request_for_another_host_than_the_handshakes(w, suite):
    pass


@scenario(**traced("/", host="pay.elsewhere.gwdoctor.dev"), judge=as_predicted("unreachable"))
def a_handshake_for_a_name_that_no_listener_has(w, suite):
    pass


@scenario(**traced("/idle"), judge=as_predicted("forward", 503), seen=lambda suite: answer(suite.address, world.HTTPS, world.HOST, "/idle") == 503)
def a_request_for_a_service_without_endpoints(w, suite):
    w["idle"] = {**w["service"], "metadata": {"name": "idle", "namespace": world.SHOP}, "spec": {
        "selector": {"app": "idle"}, "ports": w["service"]["spec"]["ports"]}}
    w["route"]["spec"]["rules"].append(world.rule("/idle", "idle"))
