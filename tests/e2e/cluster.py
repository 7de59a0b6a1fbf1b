"""The API server of the lab: requests with all rights, a world of objects that is made to be so, and waiting until controllers have spoken."""
import copy
import http.client
import json
import os
import ssl
import time

# kind: (API path, plural, namespaced)
KINDS = {
    "Namespace": ("/api/v1", "namespaces", False),
    "Node": ("/api/v1", "nodes", False),
    "Secret": ("/api/v1", "secrets", True),
    "Service": ("/api/v1", "services", True),
    "ServiceAccount": ("/api/v1", "serviceaccounts", True),
    "Pod": ("/api/v1", "pods", True),
    "Event": ("/api/v1", "events", True),
    "Deployment": ("/apis/apps/v1", "deployments", True),
    "ReplicaSet": ("/apis/apps/v1", "replicasets", True),
    "EndpointSlice": ("/apis/discovery.k8s.io/v1", "endpointslices", True),
    "Ingress": ("/apis/networking.k8s.io/v1", "ingresses", True),
    "IngressClass": ("/apis/networking.k8s.io/v1", "ingressclasses", False),
    "Role": ("/apis/rbac.authorization.k8s.io/v1", "roles", True),
    "RoleBinding": ("/apis/rbac.authorization.k8s.io/v1", "rolebindings", True),
    "GatewayClass": ("/apis/gateway.networking.k8s.io/v1", "gatewayclasses", False),
    "Gateway": ("/apis/gateway.networking.k8s.io/v1", "gateways", True),
    "HTTPRoute": ("/apis/gateway.networking.k8s.io/v1", "httproutes", True),
    "ReferenceGrant": ("/apis/gateway.networking.k8s.io/v1", "referencegrants", True),
    "CustomResourceDefinition": ("/apis/apiextensions.k8s.io/v1", "customresourcedefinitions", False),
}


class Failure(Exception):
    """The lab did not do what the suite asked of it: not a verdict on the program under test."""


def path_of(kind, name="", namespace=None):
    if kind not in KINDS:
        raise Failure(f"no path is known for kind {kind}")
    group, plural, namespaced = KINDS[kind]
    return group + (f"/namespaces/{namespace}" if namespaced and namespace else "") + f"/{plural}" + (f"/{name}" if name else "")


def path_to(obj):
    return path_of(obj["kind"], obj["metadata"]["name"], obj["metadata"].get("namespace"))


def wait_for(condition, seconds, what, every=0.1):
    """Polls until condition() is true; its last value is returned. Failure names `what` was waited for."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise Failure(f"not within {seconds} s: {what}")
        time.sleep(every)


def counted(run, suite, passed, failed):
    """Leaves the counts of a suite where run.sh adds them up."""
    with open(os.path.join(run, "counts." + suite), "w", encoding="ascii") as file:
        file.write(f"{passed} {failed}\n")


class Api:
    """One kept-alive connection with the suite's client certificate."""

    def __init__(self, run):
        with open(os.path.join(run, "ports.env"), encoding="utf-8") as file:
            self.port = int(dict(line.strip().split("=", 1) for line in file)["API_PORT"])
        pki = os.path.join(run, "pki")
        self.context = ssl.create_default_context(cafile=os.path.join(pki, "ca.crt"))
        self.context.load_cert_chain(os.path.join(pki, "admin.crt"), os.path.join(pki, "admin.key"))
        self.connection = None

    def send(self, method, path, body=None, content_type="application/json", accept=()):
        """The decoded answer; Failure on a status of 300 and more that is not in `accept` (then None)."""
        data = body if body is None else (body if isinstance(body, str) else json.dumps(body)).encode()
        for attempt in (1, 2):
            try:
                if self.connection is None:
                    self.connection = http.client.HTTPSConnection("127.0.0.1", self.port, context=self.context, timeout=30)
                self.connection.request(method, path, data, {"Content-Type": content_type, "Accept": "application/json"})
                answer = self.connection.getresponse()
                text = answer.read()
                break
            except (http.client.HTTPException, OSError) as error:
                self.connection = None
                if attempt == 2:
                    raise Failure(f"{method} {path}: {error}") from error
        if answer.status in accept:
            return None
        if answer.status >= 300:
            raise Failure(f"{method} {path}: HTTP {answer.status}: {text.decode(errors='replace')[:600]}")
        return json.loads(text) if text else {}

    def get(self, path):
        return self.send("GET", path)

    def find(self, kind, name, namespace=None):
        return self.send("GET", path_of(kind, name, namespace), accept=(404,))

    def items(self, kind, namespace=None, query=""):
        return self.get(path_of(kind, "", namespace) + query).get("items", [])

    def put(self, obj):
        """Makes the object be so, whoever owned its fields before."""
        path = path_to(obj)
        for _ in range(10):
            there = self.send("GET", path, accept=(404,))
            obj = copy.deepcopy(obj)
            if there is None:
                done = self.send("POST", path.rsplit("/", 1)[0] + "?fieldManager=deploy", obj, accept=(409,))
            else:
                obj["metadata"]["resourceVersion"] = there["metadata"]["resourceVersion"]
                done = self.send("PUT", path + "?fieldManager=deploy", obj, accept=(409,))
            if done is not None:
                return done
            time.sleep(0.05)   # a controller wrote in between, or the old object is still going
        raise Failure(f"{path} was changed by others ten times in a row")

    def delete(self, kind, name, namespace=None):
        self.send("DELETE", path_of(kind, name, namespace) + "?propagationPolicy=Background&gracePeriodSeconds=0", accept=(404,))
        wait_for(lambda: self.find(kind, name, namespace) is None, 15, f"{kind} {namespace}/{name} is gone")

    def status(self, kind, name, namespace, status):
        self.send("PATCH", path_of(kind, name, namespace) + "/status", {"status": status}, "application/merge-patch+json")


class Cluster:
    """The cluster as a set of objects under names of our own. become() brings it from one set to the next."""

    def __init__(self, api):
        self.api = api
        self.now = {}

    def become(self, wanted, again=False):
        """Deletes what is no longer wanted and writes what differs (`again`: everything, since others may have changed it)."""
        gone = [key for key in self.now if key not in wanted]
        for key in gone + [key for key in wanted if key in self.now and must_be_new(self.now[key], wanted[key])]:
            self.remove(self.now[key])
        for key, obj in wanted.items():
            if again or self.now.get(key) != obj:
                self.api.put(obj)
        self.now = copy.deepcopy(wanted)

    def remove(self, obj):
        meta = obj["metadata"]
        self.api.delete(obj["kind"], meta["name"], meta.get("namespace"))
        if obj["kind"] == "Deployment":   # its pods at once, instead of when the garbage collector comes round
            selector = "?gracePeriodSeconds=0&labelSelector=" + ",".join(f"{k}%3D{v}" for k, v in obj["spec"]["selector"]["matchLabels"].items())
            for kind in ("ReplicaSet", "Pod"):
                self.api.send("DELETE", path_of(kind, "", meta["namespace"]) + selector)
            wait_for(lambda: not self.api.items("Pod", meta["namespace"], selector), 20, f"the pods of {meta['name']} are gone")


def must_be_new(old, new):
    if old["kind"] == "Deployment":   # a rolling update would keep the old pods serving
        return old["spec"]["template"] != new["spec"]["template"]
    if old["kind"] == "Secret":    # its type never changes
        return old.get("type") != new.get("type")
    if old["kind"] == "Service":   # the slices of a selector outlive it
        return ("selector" in old["spec"]) != ("selector" in new["spec"])
    # Contour leaves the address of an Ingress where it is when the Ingress changes to another class.
    return old["kind"] == "Ingress" and old["spec"].get("ingressClassName") != new["spec"].get("ingressClassName")


# --- waiting for controllers

QUIET = 0.7        # seconds without a change of any status
AT_LEAST = 1.0     # Contour gathers changes for up to half a second before it writes


def settled(api, wanted, seen, space, seconds=25):
    """Waits until the controllers have answered the last change: pods as many as wanted and each with a fate, the status of the Gateway and
    its routes at their generation, nothing moving, and seen(api, space) true (what this change must lead to in that namespace)."""
    start = changed = time.monotonic()
    last, lacking = None, "nothing"
    while True:
        state = look(api)
        now = time.monotonic()
        if state != last:
            last, changed = state, now
        lacking = behind(state, wanted)
        if lacking is None and now - start >= AT_LEAST and now - changed >= QUIET:
            if seen is None or seen(api, space):
                return now - start
            lacking = f"what this change must lead to ({getattr(seen, 'says', 'see its scenario')})"
        if now - start > seconds:
            raise Failure(f"the cluster did not settle within {seconds} s: waiting for {lacking or 'an end of changes'}")
        time.sleep(0.12)


WATCHED = ("Gateway", "HTTPRoute", "Ingress", "Pod", "EndpointSlice")


def look(api):
    state = {}
    for kind in WATCHED:
        for obj in api.items(kind):
            meta = obj["metadata"]
            said = obj.get("status") if kind != "EndpointSlice" else [obj.get("endpoints"), obj.get("ports")]
            state[(kind, meta.get("namespace"), meta["name"])] = {
                "generation": meta.get("generation"), "going": "deletionTimestamp" in meta, "labels": meta.get("labels", {}), "status": said}
    return state


def behind(state, wanted):
    """None, or what has not been answered yet."""
    for deployment in [o for o in wanted.values() if o["kind"] == "Deployment"]:
        meta, spec = deployment["metadata"], deployment["spec"]
        labels = spec["selector"]["matchLabels"].items()
        pods = [p for (kind, namespace, _), p in state.items() if kind == "Pod" and namespace == meta["namespace"] and labels <= p["labels"].items()]
        bound = spec["template"]["spec"].get("nodeName")
        if len(pods) != spec["replicas"] or any(p["going"] or bound and not p["status"].get("containerStatuses") for p in pods):
            return f"{spec['replicas']} pods of Deployment {meta['namespace']}/{meta['name']}"
    # Contour says nothing more about a route that names no Gateway of its own, and leaves the old status behind.
    attached = {(o["metadata"]["namespace"], o["metadata"]["name"]) for o in wanted.values()
                if o["kind"] == "HTTPRoute" and any(p["name"] == "public-web" for p in o["spec"]["parentRefs"])}
    for (kind, namespace, name), obj in state.items():
        if kind == "Gateway" and name == "public-web":
            if any(c.get("observedGeneration") != obj["generation"] for c in conditions(obj["status"])):
                return "the status of Gateway platform-ingress/public-web"
        if kind == "HTTPRoute" and (namespace, name) in attached:
            for parent in (obj["status"] or {}).get("parents", []):
                if any(c.get("observedGeneration") != obj["generation"] for c in parent.get("conditions", [])):
                    return f"the status of HTTPRoute {namespace}/{name}"
    return None


def conditions(status):
    found = list((status or {}).get("conditions", []))
    for listener in (status or {}).get("listeners", []):
        found += listener.get("conditions", [])
    return found
