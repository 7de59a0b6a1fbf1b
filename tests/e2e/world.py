"""The payments example as objects: the platform's Gateway, the payments team's HTTPRoute, the same as an Ingress, and the workload behind both."""
from certificates import base64_of

PLATFORM, PAYMENTS, LEDGER = "platform-ingress", "payments", "ledger"
NODE = "e2e-node"
FATE = "e2e.gwdoctor.dev/fate"   # read by lab/kwok-stages.yaml
ADDRESS = "203.0.113.20"         # lab/up.sh tells Contour to publish it
# Of the load balancer; Contour serves each 8000 above. The last two are those of probes_world.py, which nobody needs to be root for.
CLIENT_PORTS = {"http": 80, "https": 443, "probed-http": 9080, "probed-https": 9443}


def meta(name, namespace=None, labels=None):
    found = {"name": name}
    if namespace:
        found["namespace"] = namespace
    if labels:
        found["labels"] = labels
    return found


def namespace(name, **labels):
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": meta(name, labels={"kubernetes.io/metadata.name": name, **labels})}


def secret(name, space, pair, kind="kubernetes.io/tls", keys=("tls.crt", "tls.key")):
    return {"apiVersion": "v1", "kind": "Secret", "metadata": meta(name, space), "type": kind, "data": dict(zip(keys, map(base64_of, pair)))}


def service(name, space, port=8080, target="http"):
    return {"apiVersion": "v1", "kind": "Service", "metadata": meta(name, space, {"app": name}),
            "spec": {"type": "ClusterIP", "selector": {"app": name},
                     "ports": [{"name": "http", "protocol": "TCP", "port": port, "targetPort": target}]}}


def deployment(name, space, replicas=2, port=3000, image="registry.example/payments-api:1.0", labels=None):
    container = {"name": "app", "image": image, "ports": [{"name": "http", "containerPort": port}],
                 "readinessProbe": {"httpGet": {"path": "/ready", "port": "http"}}}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": meta(name, space, {"app": name}),
            "spec": {"replicas": replicas, "selector": {"matchLabels": {"app": name}},
                     "template": {"metadata": {"labels": {"app": name, **(labels or {})}},
                                  "spec": {"nodeName": NODE, "terminationGracePeriodSeconds": 0, "containers": [container]}}}}


def gateway(name, gateway_class, hostname, certificate):
    return {"apiVersion": "gateway.networking.k8s.io/v1", "kind": "Gateway", "metadata": meta(name, PLATFORM),
            "spec": {"gatewayClassName": gateway_class, "listeners": [{
                "name": "https", "port": 443, "protocol": "HTTPS", "hostname": hostname,
                "tls": {"mode": "Terminate", "certificateRefs": [{"kind": "Secret", "name": certificate}]},
                "allowedRoutes": {"namespaces": {"from": "Selector", "selector": {"matchLabels": {"expose-public": "true"}}}}}]}}


def route(name, space, parent, host, backend, port=8080):
    return {"apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute", "metadata": meta(name, space),
            "spec": {"parentRefs": [{"name": parent, "namespace": PLATFORM}], "hostnames": [host],
                     "rules": [{"matches": [{"path": {"type": "PathPrefix", "value": "/"}}], "backendRefs": [{"name": backend, "port": port}]}]}}


def ingress(name, space, ingress_class, host, certificate, backend, port=8080):
    spec = {"tls": [{"hosts": [host], "secretName": certificate}],
            "rules": [{"host": host, "http": {"paths": [{"path": "/", "pathType": "Prefix",
                                                         "backend": {"service": {"name": backend, "port": {"number": port}}}}]}}]}
    if ingress_class:
        spec["ingressClassName"] = ingress_class
    return {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": meta(name, space), "spec": spec}


def gateway_class(name, controller):
    return {"apiVersion": "gateway.networking.k8s.io/v1", "kind": "GatewayClass", "metadata": meta(name), "spec": {"controllerName": controller}}


def ingress_class(name, controller):
    return {"apiVersion": "networking.k8s.io/v1", "kind": "IngressClass", "metadata": meta(name), "spec": {"controller": controller}}


def controller():
    """Contour as it stands in a cluster: its workload, its proxies, and the load balancer whose address it publishes."""
    contour = deployment("contour", "projectcontour", 1, 8001, "ghcr.io/projectcontour/contour:v1.33.8")
    contour["spec"]["template"]["spec"]["containers"][0].update(command=["contour"], args=["serve", "--incluster", "--ingress-class-name=contour"])
    envoy = deployment("envoy", "projectcontour", 1, 8443, "docker.io/envoyproxy/envoy:v1.35.0")
    envoy["spec"]["template"]["spec"]["containers"][0]["ports"] = [{"name": name, "containerPort": port + 8000} for name, port in CLIENT_PORTS.items()]
    return {
        "ns:projectcontour": namespace("projectcontour"),
        "contour": contour,
        "envoy": envoy,
        "envoy-service": {"apiVersion": "v1", "kind": "Service", "metadata": meta("envoy", "projectcontour", {"app": "envoy"}),
                          "spec": {"type": "LoadBalancer", "selector": {"app": "envoy"},
                                   "ports": [{"name": name, "protocol": "TCP", "port": port, "targetPort": port + 8000}
                                             for name, port in CLIENT_PORTS.items()]}},
    }


def healthy(certificates):
    """The world in which every request arrives. `certificates` maps names to PEM pairs."""
    return {
        "gatewayclass": gateway_class("contour", "projectcontour.io/gateway-controller"),
        "ingressclass": ingress_class("contour", "projectcontour.io/ingress-controller"),
        "ns:platform": namespace(PLATFORM),
        "ns:ledger": namespace(LEDGER),
        **controller(),
        "gateway-tls": secret("public-web-tls", PLATFORM, certificates["good"]),
        "gateway": gateway("public-web", "contour", "*.interviewcatalog.example", "public-web-tls"),
        **team(PAYMENTS, certificates["ingress"], "payments.interviewcatalog.example", "pay.interviewcatalog.example"),
    }


def team(space, certificate, host, ingress_host):
    """What a team owns: its namespace, an HTTPRoute and an Ingress, and the Service and workload behind both."""
    return {
        "ns": namespace(space, **{"expose-public": "true"}),
        "route": route("payments-api", space, "public-web", host, "payments-api"),
        "ingress-tls": secret("payments-tls", space, certificate),
        "ingress": ingress("payments-web", space, "contour", ingress_host, "payments-tls", "payments-api"),
        "service": service("payments-api", space),
        "deployment": deployment("payments-api", space),
    }


def foreign(certificates):
    """A Gateway and classes of which no controller runs."""
    return {
        "foreign-class": gateway_class("edge", "example.net/edge-gateway"),
        "foreign-gateway": gateway("edge-web", "edge", "*.edge.example", "edge-tls"),
        "foreign-tls": secret("edge-tls", PLATFORM, certificates["edge"]),
        "foreign-ingressclass": ingress_class("edge", "example.net/edge-ingress"),
    }
