"""The payments example, healthy: what the faulty API server serves."""

import base64
import copy

OLD = "2026-01-05T09:00:00Z"
HOST = "payments.interviewcatalog.example"
ADDRESS = "203.0.113.10"
GATEWAY_API = "gateway.networking.k8s.io"

# (group, version, plural, kind, namespaced)
RESOURCES = [
    ("", "v1", "services", "Service", True),
    ("", "v1", "pods", "Pod", True),
    ("", "v1", "secrets", "Secret", True),
    ("", "v1", "namespaces", "Namespace", False),
    ("", "v1", "events", "Event", True),
    ("", "v1", "nodes", "Node", False),
    ("apps", "v1", "deployments", "Deployment", True),
    ("apps", "v1", "statefulsets", "StatefulSet", True),
    ("apps", "v1", "daemonsets", "DaemonSet", True),
    ("apps", "v1", "replicasets", "ReplicaSet", True),
    ("policy", "v1", "poddisruptionbudgets", "PodDisruptionBudget", True),
    ("discovery.k8s.io", "v1", "endpointslices", "EndpointSlice", True),
    ("networking.k8s.io", "v1", "ingresses", "Ingress", True),
    ("networking.k8s.io", "v1", "ingressclasses", "IngressClass", False),
    ("networking.k8s.io", "v1", "networkpolicies", "NetworkPolicy", True),
    ("apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition", False),
    (GATEWAY_API, "v1", "gatewayclasses", "GatewayClass", False),
    (GATEWAY_API, "v1", "gateways", "Gateway", True),
    (GATEWAY_API, "v1", "httproutes", "HTTPRoute", True),
    (GATEWAY_API, "v1", "grpcroutes", "GRPCRoute", True),
    (GATEWAY_API, "v1", "backendtlspolicies", "BackendTLSPolicy", True),
    # Served in an older version only, as on clusters of Gateway API 1.3.
    (GATEWAY_API, "v1beta1", "referencegrants", "ReferenceGrant", True),
]


def condition(kind, reason, generation=1):
    return {"type": kind, "status": "True", "reason": reason, "message": "", "observedGeneration": generation,
            "lastTransitionTime": OLD}


def meta(name, ns=None, labels=None, **more):
    metadata = {"name": name, "uid": f"uid-{ns or 'cluster'}-{name}", "resourceVersion": "1000", "generation": 1,
                "creationTimestamp": OLD}
    if ns:
        metadata["namespace"] = ns
    if labels:
        metadata["labels"] = labels
    metadata.update(more)
    return metadata


def owner(api_version, kind, name, ns):
    return [{"apiVersion": api_version, "kind": kind, "name": name, "uid": f"uid-{ns}-{name}", "controller": True}]


def pod_spec(image, port):
    return {"containers": [{"name": "main", "image": image, "ports": [{"name": "http", "containerPort": port, "protocol": "TCP"}],
                            "readinessProbe": {"httpGet": {"path": "/ready", "port": port}}}], "nodeName": "node-1"}


def workload(ns, name, labels, image, port, replicas):
    """A Deployment with its ReplicaSet and ready pods."""
    template = {"metadata": {"labels": labels}, "spec": pod_spec(image, port)}
    status = {"observedGeneration": 1, "replicas": replicas, "readyReplicas": replicas, "availableReplicas": replicas,
              "updatedReplicas": replicas}
    hashed = dict(labels, **{"pod-template-hash": "5c9f8d7b6"})
    yield ("apps", "deployments"), {
        "metadata": meta(name, ns, labels, annotations={"deployment.kubernetes.io/revision": "1"}),
        "spec": {"replicas": replicas, "selector": {"matchLabels": labels}, "template": template,
                 "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "25%", "maxSurge": "25%"}}},
        "status": dict(status, conditions=[
            {"type": "Available", "status": "True", "reason": "MinimumReplicasAvailable", "lastTransitionTime": OLD},
            {"type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable", "lastTransitionTime": OLD}])}
    replica_set = f"{name}-5c9f8d7b6"
    yield ("apps", "replicasets"), {
        "metadata": meta(replica_set, ns, hashed, ownerReferences=owner("apps/v1", "Deployment", name, ns)),
        "spec": {"replicas": replicas, "selector": {"matchLabels": hashed}, "template": template}, "status": status}
    for number in range(replicas):
        yield ("", "pods"), {
            "metadata": meta(f"{replica_set}-{number:05d}", ns, hashed,
                             ownerReferences=owner("apps/v1", "ReplicaSet", replica_set, ns)),
            "spec": pod_spec(image, port),
            "status": {"phase": "Running", "podIP": f"10.1.0.{10 + number}", "startTime": OLD,
                       "podIPs": [{"ip": f"10.1.0.{10 + number}"}],
                       "conditions": [{"type": kind, "status": "True", "lastTransitionTime": OLD}
                                      for kind in ("PodScheduled", "Initialized", "ContainersReady", "Ready")],
                       "containerStatuses": [{"name": "main", "ready": True, "started": True, "restartCount": 0, "image": image,
                                              "state": {"running": {"startedAt": OLD}}}]}}


def service(ns, name, labels, port, target, pods, kind="ClusterIP"):
    """A Service and its EndpointSlice."""
    spec = {"type": kind, "clusterIP": "10.96.0.20", "clusterIPs": ["10.96.0.20"], "selector": labels, "ipFamilies": ["IPv4"],
            "ports": [{"name": "http", "port": port, "targetPort": target, "protocol": "TCP"}]}
    status = {"loadBalancer": {}}
    if kind == "LoadBalancer":
        spec["ports"][0]["nodePort"] = 30443
        status = {"loadBalancer": {"ingress": [{"ip": ADDRESS}]}}
    yield ("", "services"), {"metadata": meta(name, ns, labels), "spec": spec, "status": status}
    yield ("discovery.k8s.io", "endpointslices"), {
        "metadata": meta(f"{name}-x7k2p", ns, {"kubernetes.io/service-name": name,
                                               "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io"},
                         ownerReferences=owner("v1", "Service", name, ns)),
        "addressType": "IPv4", "ports": [{"name": "http", "port": target, "protocol": "TCP"}],
        "endpoints": [{"addresses": [f"10.1.0.{10 + number}"], "nodeName": "node-1",
                       "conditions": {"ready": True, "serving": True, "terminating": False},
                       "targetRef": {"kind": "Pod", "namespace": ns, "name": pod}} for number, pod in enumerate(pods)]}


def gateway_objects():
    listener_conditions = [condition("Accepted", "Accepted"), condition("Programmed", "Programmed"),
                           condition("ResolvedRefs", "ResolvedRefs"), ]
    conflicted = dict(condition("Conflicted", "NoConflicts"), status="False")
    yield (GATEWAY_API, "gatewayclasses"), {
        "metadata": meta("contour"), "spec": {"controllerName": "projectcontour.io/gateway-controller"},
        "status": {"conditions": [condition("Accepted", "Accepted")]}}
    yield (GATEWAY_API, "gateways"), {
        "metadata": meta("public-web", "platform-ingress"),
        "spec": {"gatewayClassName": "contour", "listeners": [{
            "name": "https", "protocol": "HTTPS", "port": 443, "hostname": "*.interviewcatalog.example",
            "tls": {"mode": "Terminate", "certificateRefs": [{"group": "", "kind": "Secret", "name": "wildcard-tls"}]},
            "allowedRoutes": {"namespaces": {"from": "Selector", "selector": {"matchLabels": {"expose-public": "true"}}}}}]},
        "status": {"addresses": [{"type": "IPAddress", "value": ADDRESS}],
                   "conditions": [condition("Accepted", "Accepted"), condition("Programmed", "Programmed")],
                   "listeners": [{"name": "https", "attachedRoutes": 1, "conditions": listener_conditions + [conflicted],
                                  "supportedKinds": [{"group": GATEWAY_API, "kind": "HTTPRoute"},
                                                     {"group": GATEWAY_API, "kind": "GRPCRoute"}]}]}}
    parent = {"group": GATEWAY_API, "kind": "Gateway", "name": "public-web", "namespace": "platform-ingress"}
    yield (GATEWAY_API, "httproutes"), {
        "metadata": meta("payments-api", "payments"),
        "spec": {"parentRefs": [parent], "hostnames": [HOST],
                 "rules": [{"matches": [{"path": {"type": "PathPrefix", "value": "/"}}],
                            "backendRefs": [{"group": "", "kind": "Service", "name": "payments-api", "port": 8080, "weight": 1}]}]},
        "status": {"parents": [{"parentRef": parent, "controllerName": "projectcontour.io/gateway-controller",
                                "conditions": [condition("Accepted", "Accepted"), condition("ResolvedRefs", "ResolvedRefs")]}]}}


def crd(plural, kind, singular, versions, namespaced):
    return ("apiextensions.k8s.io", "customresourcedefinitions"), {
        "metadata": meta(f"{plural}.{GATEWAY_API}", annotations={"gateway.networking.k8s.io/bundle-version": "v1.3.0",
                                                                 "gateway.networking.k8s.io/channel": "standard"}),
        "spec": {"group": GATEWAY_API, "scope": "Namespaced" if namespaced else "Cluster",
                 "names": {"plural": plural, "kind": kind, "singular": singular, "listKind": f"{kind}List"},
                 "versions": [{"name": version, "served": True, "storage": version == versions[0]} for version in versions]},
        "status": {"conditions": [condition("Established", "InitialNamesAccepted")], "storedVersions": [versions[0]]}}


class World:
    def __init__(self, certificate_pem, key_pem):
        self.objects = {}
        for name, labels in (("payments", {"expose-public": "true"}), ("platform-ingress", {}), ("projectcontour", {}), ("default", {})):
            self.add(("", "namespaces"), {"metadata": meta(name, labels=dict(labels, **{"kubernetes.io/metadata.name": name})),
                                          "spec": {}, "status": {"phase": "Active"}})
        self.add_all(gateway_objects())
        self.add_all(workload("payments", "payments-api", {"app": "payments-api"}, "registry.example/payments-api:1", 8080, 2))
        self.add_all(service("payments", "payments-api", {"app": "payments-api"}, 8080, 8080,
                             [f"payments-api-5c9f8d7b6-{number:05d}" for number in range(2)]))
        for name, port in (("contour", 8001), ("envoy", 8443)):
            self.add_all(workload("projectcontour", name, {"app": name}, f"registry.example/{name}:1", port, 2))
        self.add_all(service("projectcontour", "envoy", {"app": "envoy"}, 443, 8443,
                             [f"envoy-5c9f8d7b6-{number:05d}" for number in range(2)], "LoadBalancer"))
        self.add(("", "secrets"), {"metadata": meta("wildcard-tls", "platform-ingress"), "type": "kubernetes.io/tls",
                                   "data": {"tls.crt": base64.b64encode(certificate_pem).decode(),
                                            "tls.key": base64.b64encode(key_pem).decode()}})
        for group, version, plural, kind, namespaced in RESOURCES:
            if group == GATEWAY_API:
                self.add_all([crd(plural, kind, kind.lower(), [version], namespaced)])

    def add_all(self, pairs):
        for key, thing in pairs:
            self.add(key, thing)

    def add(self, key, thing):
        self.objects.setdefault(key, []).append(thing)

    def find(self, group, version, plural):
        """The resource's row, or None where that group and version does not serve it."""
        for row in RESOURCES:
            if row[:3] == (group, version, plural):
                return row
        return None

    def items(self, group, plural, ns):
        found = [copy.deepcopy(each) for each in self.objects.get((group, plural), [])
                 if not ns or each["metadata"].get("namespace") == ns]
        return sorted(found, key=lambda each: (each["metadata"].get("namespace", ""), each["metadata"]["name"]))
