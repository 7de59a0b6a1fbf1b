"""Clusters that are too large, written as JSON Lists. Each has a flaw at the very end of what must be looked at."""

import json

GATEWAY = "gateway.networking.k8s.io/v1"
KINDS = [("v1", "Service"), ("discovery.k8s.io/v1", "EndpointSlice"), ("v1", "Pod"), ("v1", "Namespace"), ("v1", "Secret"), ("v1", "Node"),
         ("v1", "Event"), ("apps/v1", "Deployment"), ("apps/v1", "ReplicaSet"), ("apps/v1", "StatefulSet"), ("apps/v1", "DaemonSet"),
         (GATEWAY, "Gateway"), (GATEWAY, "GatewayClass"), (GATEWAY, "HTTPRoute"), (GATEWAY, "GRPCRoute"), (GATEWAY, "TLSRoute"), (GATEWAY, "TCPRoute"),
         (GATEWAY, "UDPRoute"), (GATEWAY, "ReferenceGrant"), (GATEWAY, "ListenerSet"), ("networking.k8s.io/v1", "Ingress"),
         ("networking.k8s.io/v1", "IngressClass"), ("policy/v1", "PodDisruptionBudget")]


def thing(api, kind, name, ns="default", **rest):
    return {"apiVersion": api, "kind": kind, "metadata": {"name": name, **({"namespace": ns} if ns else {})}, **rest}


def world(*objects):
    empty = [{"apiVersion": api, "kind": kind + "List", "items": []} for api, kind in KINDS]
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": [*empty, *objects]}).encode()


def base():
    """A class that is accepted, a Service that works."""
    pod = thing("v1", "Pod", "app-1", metadata={"name": "app-1", "namespace": "default", "labels": {"app": "a"}},
                spec={"containers": [{"name": "a", "image": "a", "ports": [{"containerPort": 80}]}]},
                status={"phase": "Running", "podIP": "10.0.0.1", "conditions": [{"type": "Ready", "status": "True"}]})
    return [
        thing(GATEWAY, "GatewayClass", "c", None, spec={"controllerName": "example.com/c"},
              status={"conditions": [{"type": "Accepted", "status": "True", "reason": "Accepted"}]}),
        thing("networking.k8s.io/v1", "IngressClass", "c", None, spec={"controller": "example.com/c"}),
        thing("v1", "Namespace", "default", None), service("app"), pod,
        thing("discovery.k8s.io/v1", "EndpointSlice", "app-1", metadata={"name": "app-1", "namespace": "default",
                                                                        "labels": {"kubernetes.io/service-name": "app"}},
              addressType="IPv4", ports=[{"port": 80, "protocol": "TCP"}],
              endpoints=[{"addresses": ["10.0.0.1"], "conditions": {"ready": True, "serving": True}, "targetRef": {"kind": "Pod", "name": "app-1",
                                                                                                               "namespace": "default"}}]),
    ]


def service(name):
    return thing("v1", "Service", name, spec={"selector": {"app": "a"}, "ports": [{"port": 80, "targetPort": 80, "protocol": "TCP"}]})


def gateway(listeners, status=True):
    said = [{"name": one["name"], "attachedRoutes": 1, "supportedKinds": [],
             "conditions": [{"type": kind, "status": "True", "reason": kind} for kind in ("Accepted", "Programmed", "ResolvedRefs")]} for one in listeners]
    conditions = [{"type": kind, "status": "True", "reason": kind} for kind in ("Accepted", "Programmed")]
    return thing(GATEWAY, "Gateway", "g", spec={"gatewayClassName": "c", "listeners": listeners},
                 status={"addresses": [{"value": "192.0.2.1"}], "conditions": conditions, "listeners": said} if status else {})


def listener(name, port=80, **rest):
    return {"name": name, "port": port, "protocol": "HTTP", **rest}


def route(name, rules, **spec):
    return thing(GATEWAY, "HTTPRoute", name, spec={"parentRefs": [{"name": "g"}], "rules": rules, **spec},
                 status={"parents": [{"parentRef": {"name": "g"}, "controllerName": "example.com/c",
                                      "conditions": [{"type": kind, "status": "True", "reason": kind} for kind in ("Accepted", "ResolvedRefs")]}]})


def to(name, **rest):
    return {"backendRefs": [{"name": name, "port": 80, **rest}]}


def path_match(path):
    return {"path": {"type": "PathPrefix", "value": path}}


def ingress(name, rules, **spec):
    return thing("networking.k8s.io/v1", "Ingress", name, spec={"ingressClassName": "c", "rules": rules, **spec},
                 status={"loadBalancer": {"ingress": [{"ip": "192.0.2.1"}]}})


def ingress_path(path, name="app"):
    return {"path": path, "pathType": "Prefix", "backend": {"service": {"name": name, "port": {"number": 80}}}}


def explosions():
    """(name, world, command, whether it is known to be broken). The last rule of each leads nowhere."""
    hosts = [f"h{at}.example" for at in range(400)]
    one = [listener("l")]
    many_rules = [{"matches": [path_match(f"/{rule}/{match}") for match in range(8)], **to("app")} for rule in range(300)]
    yield "matches x hostnames", world(*base(), gateway(one), route("r", [*many_rules, to("gone")], hostnames=hosts)), ["route", "r"], True
    lots = [listener(f"l{at}", 1000 + at) for at in range(1000)]
    yield "listeners x rules", world(*base(), gateway(lots), route("r", [{"matches": [path_match(f"/{at}")], **to("app")} for at in range(200)] + [to("gone")])), \
        ["route", "r"], True
    yield "rules", world(*base(), gateway(one), route("r", [{"matches": [path_match(f"/{at}")], **to("app")} for at in range(3000)] + [to("gone")])), \
        ["route", "r"], True
    yield "wrong ports", world(*base(), gateway(one), route("r", [{"matches": [path_match(f"/{at}")], "backendRefs": [{"name": "app", "port": 100 + at}]}
                                                                  for at in range(600)])), ["route", "r"], True
    yield "backends", world(*base(), gateway(one), route("r", [{"backendRefs": [{"name": f"s{at}", "port": 80} for at in range(800)]}])), ["route", "r"], True
    weights = [{"name": "app", "port": 80, "weight": weight} for weight in (2**63 - 1, 2**63 - 1, -2**63, 2**62, 1)]
    yield "weights", world(*base(), gateway(one), route("r", [{"backendRefs": [*weights, {"name": "gone", "port": 80, "weight": 2**63 - 1}]}])), ["route", "r"], True
    yield "equal listeners", world(*base(), gateway([listener(f"l{at}") for at in range(1500)]), route("r", [to("app")])), ["gateway", "g"], True
    yield "listeners of one name", world(*base(), gateway([listener("l") for _ in range(600)]), route("r", [to("gone")])), ["route", "r"], True
    parents = [{"name": "g", "sectionName": f"l{at}"} for at in range(300)]
    yield "parents", world(*base(), gateway(lots[:300]), route("r", [to("gone")], parentRefs=parents)), ["route", "r"], True
    many_paths = [ingress_path(f"/{at}") for at in range(4000)]
    yield "ingress paths", world(*base(), ingress("i", [{"host": "a.example", "http": {"paths": [*many_paths, ingress_path("/end", "gone")]}}])), ["ingress", "i"], True
    rules = [{"host": host, "http": {"paths": [ingress_path("/")]}} for host in [f"h{at}.example" for at in range(3000)]]
    yield "ingress hosts", world(*base(), ingress("i", [*rules, {"host": "z.example", "http": {"paths": [ingress_path("/", "gone")]}}])), ["ingress", "i"], True
    tls = [{"hosts": [f"h{at}.example"], "secretName": f"s{at}"} for at in range(500)]
    yield "ingress certificates", world(*base(), ingress("i", rules[:500], tls=tls)), ["ingress", "i"], True
    yield "routes to a service", world(*base(), gateway(one), *[route(f"r{at}", [to("app")], hostnames=hosts[:20]) for at in range(300)]), ["service", "app"], False
    yield "targets of a scan", world(*base(), *[ingress(f"i{at}", [{"host": f"h{at}.example", "http": {"paths": [ingress_path("/", f"s{at}")]}}])
                                             for at in range(300)]), ["scan"], True
    ports = [{"name": f"p{at}", "port": 80 + at, "protocol": "TCP"} for at in range(4000)]
    yield "service ports", world(*base()[:3], thing("v1", "Service", "app", spec={"selector": {"app": "a"}, "ports": ports})), ["service", "app"], True
    labels = {f"k{at}": "v" * 60 for at in range(3000)}
    yield "labels", world(*base(), thing("v1", "Service", "x", spec={"selector": labels, "ports": [{"port": 80}]}),
                          *[thing("v1", "Pod", f"p{at}", metadata={"name": f"p{at}", "namespace": "default", "labels": labels}) for at in range(20)]), ["service", "x"], True
    pods = [thing("v1", "Pod", f"p{at}", metadata={"name": f"p{at}", "namespace": "default", "labels": {"app": "b"}},
                  spec={"containers": [{"name": "a", "image": "x" * 200}]}, status={"phase": "Pending"}) for at in range(1500)]
    yield "pods", world(*base(), *pods, thing("v1", "Service", "x", spec={"selector": {"app": "b"}, "ports": [{"port": 80}]})), ["service", "x"], True
    owners = [{"kind": "ReplicaSet", "name": "rs", "controller": True, "apiVersion": "apps/v1"}]
    ring = [thing("v1", "Pod", "p", metadata={"name": "p", "namespace": "default", "labels": {"app": "b"}, "ownerReferences": owners}),
            thing("apps/v1", "ReplicaSet", "rs", metadata={"name": "rs", "namespace": "default", "ownerReferences": [
                {"kind": "Deployment", "name": "d", "controller": True, "apiVersion": "apps/v1"}]}),
            thing("apps/v1", "Deployment", "d", metadata={"name": "d", "namespace": "default", "ownerReferences": [*owners, {"kind": "Pod", "name": "p", "controller": True}]}),
            thing("v1", "Service", "x", spec={"selector": {"app": "b"}, "ports": [{"port": 80}], "type": "ExternalName", "externalName": "x.default.svc.cluster.local"})]
    yield "owners in a circle", world(*base(), *ring), ["service", "x"], False
    sets = [thing(GATEWAY, "ListenerSet", "s", spec={"parentRef": {"kind": "ListenerSet", "name": "s"}, "listeners": [listener("l")]})]
    yield "a ListenerSet of itself", world(*base(), *sets, route("r", [to("app")], parentRefs=[{"kind": "ListenerSet", "name": "s", "group": "gateway.networking.k8s.io"}])), \
        ["route", "r"], False
