"""The breakages. Each changes the healthy world (world.healthy) in one way; says what the cluster then looks like, so that a breakage that does not
break is noticed; and says what the program has to answer. To add one: a function with @scenario, its name telling the situation."""
import copy
import dataclasses
import datetime

from signs import HEALTHY_ROUTE, endpoints, ingress_address, listener_condition, pods, route_condition, says
from world import ADDRESS, FATE, LEDGER, PAYMENTS, PLATFORM, deployment, secret, service

ROUTE = ("route", "payments-api")
INGRESS = ("ingress", "payments-web")
GATEWAY = ("gateway", "public-web")
SERVICE = ("service", "payments-api")


@dataclasses.dataclass
class Scenario:
    name: str
    change: object                # change(world, certificates): edits the world in place
    first: list                   # codes of the findings that rank first, in any order; each a code or a tuple of codes
    target: tuple = ROUTE
    verdict: tuple = ("broken",)
    exit: int = 1
    seen: object = None           # seen(api, namespace): the cluster shows the breakage
    after: object = None          # after(api, namespace): what a controller that does not run here would write
    undo: object = None           # undo(api): takes back what `after` wrote
    late: bool = False            # asks for objects that are older than the grace period
    prove: bool = False           # the proposed fix is carried out as printed, and must heal
    patient: bool = False         # not blamed while it is young: a team of its own has the fault from the beginning, and is judged at the end


SCENARIOS = []


def scenario(*first, **kw):
    def add(change):
        SCENARIOS.append(Scenario(change.__name__.replace("_", "-"), change, list(first), **kw))
        return change
    return add


# --- what is edited

def listener(w):
    return w["gateway"]["spec"]["listeners"][0]


def parent(w):
    return w["route"]["spec"]["parentRefs"][0]


def backend(w):
    return w["route"]["spec"]["rules"][0]["backendRefs"][0]


def ingress_backend(w):
    return w["ingress"]["spec"]["rules"][0]["http"]["paths"][0]["backend"]["service"]


def fate(w, what):
    w["deployment"]["spec"]["template"]["metadata"]["labels"][FATE] = what


def ledger_backend(w):
    """The Service and its pods live in the namespace ledger."""
    w["ledger-service"] = service("payments-api", LEDGER)
    w["ledger-deployment"] = deployment("payments-api", LEDGER)
    backend(w)["namespace"] = LEDGER


def grant(w, space):
    w["grant"] = {"apiVersion": "gateway.networking.k8s.io/v1", "kind": "ReferenceGrant", "metadata": {"name": "from-payments", "namespace": LEDGER},
                  "spec": {"from": [{"group": "gateway.networking.k8s.io", "kind": "HTTPRoute", "namespace": space}], "to": [{"group": "", "kind": "Service"}]}}


# --- attachment. First, because it takes a minute until a Gateway that was changed counts as settled again.

@scenario("route-not-allowed", seen=route_condition("Accepted", "False", "NotAllowedByListeners"), prove=True)
def the_namespace_lacks_the_label_which_the_gateway_selects(w, c):
    w["ns"]["metadata"]["labels"].pop("expose-public")


@scenario("route-not-allowed", seen=route_condition("Accepted", "False", "NotAllowedByListeners"))
def the_listener_admits_its_own_namespace_only(w, c):
    listener(w)["allowedRoutes"] = {"namespaces": {"from": "Same"}}


@scenario("listener-kinds-exclude-route", seen=route_condition("Accepted", "False", "NotAllowedByListeners"))
def the_listener_admits_grpc_routes_only(w, c):
    listener(w)["allowedRoutes"]["kinds"] = [{"group": "gateway.networking.k8s.io", "kind": "GRPCRoute"}]


@scenario("listener-too-permissive", verdict=("at-risk",), exit=0, seen=HEALTHY_ROUTE)
def the_wildcard_listener_admits_routes_of_every_namespace(w, c):
    listener(w)["allowedRoutes"] = {"namespaces": {"from": "All"}}


@scenario("listener-too-permissive", target=GATEWAY, verdict=("at-risk",), exit=0, seen=HEALTHY_ROUTE)
def the_gateway_admits_routes_of_every_namespace(w, c):
    listener(w)["allowedRoutes"] = {"namespaces": {"from": "All"}}


@scenario("listener-not-found", seen=route_condition("Accepted", "False", "NoMatchingParent"))
def the_section_name_is_no_listener(w, c):
    parent(w)["sectionName"] = "https-public"


@scenario("listener-not-found", seen=route_condition("Accepted", "False", "NoMatchingParent"))
def the_parent_port_is_no_listeners(w, c):
    parent(w)["port"] = 8443


@scenario("route-hostname-mismatch", seen=route_condition("Accepted", "False", "NoMatchingListenerHostname"))
def the_hostname_is_outside_the_listeners(w, c):
    w["route"]["spec"]["hostnames"] = ["payments.other.example"]


@scenario("gateway-not-found")
def the_parent_is_a_gateway_that_does_not_exist(w, c):
    parent(w)["name"] = "public-webs"


# Contour takes it for its own Gateway all the same, and says so.
@scenario("gateway-not-found", verdict=("at-risk",), exit=0, seen=route_condition("Accepted", "True"))
def the_parent_lacks_its_namespace(w, c):
    parent(w).pop("namespace")


@scenario("listener-conflicted", verdict=("broken", "degraded"), seen=listener_condition("Conflicted", "True", "ProtocolConflict"), target=GATEWAY)
def two_listeners_speak_different_protocols_on_one_port(w, c):
    w["gateway"]["spec"]["listeners"].append({"name": "plain", "port": 443, "protocol": "HTTP", "hostname": "*.interviewcatalog.example",
                                              "allowedRoutes": copy.deepcopy(listener(w)["allowedRoutes"])})


# --- classes

@scenario("class-not-found", target=INGRESS, seen=ingress_address([]))
def the_ingress_class_does_not_exist_and_the_address_stays_empty(w, c):
    w["ingress"]["spec"]["ingressClassName"] = "contuor"


@scenario("class-not-set", target=INGRESS, seen=ingress_address([]), patient=True)
def the_ingress_names_no_class_and_there_is_no_default(w, c):
    w["ingress"]["spec"].pop("ingressClassName")


# Contour is told its Gateway by name: it serves it whatever its class, and says so.
@scenario("class-not-found", verdict=("at-risk",), exit=0, seen=route_condition("Accepted", "True"))
def the_class_of_the_gateway_does_not_exist(w, c):
    w["gateway"]["spec"]["gatewayClassName"] = "prod-nginx"


@scenario(("controller-not-found", "class-not-accepted"), patient=True)
def a_gateway_of_a_class_whose_controller_nobody_runs(w, c):
    parent(w)["name"] = "edge-web"
    w["route"]["spec"]["hostnames"] = ["payments.edge.example"]


# A controller that the program does not know may run elsewhere, and may leave the address empty: a warning.
@scenario("controller-not-found", target=INGRESS, verdict=("at-risk",), exit=0, seen=ingress_address([]), patient=True)
def an_ingress_of_a_class_whose_controller_nobody_runs(w, c):
    w["ingress"]["spec"]["ingressClassName"] = "edge"


# --- backend and Service

@scenario("service-port-not-found", seen=route_condition("ResolvedRefs", "False", "BackendNotFound"), prove=True)
def the_route_names_the_container_port_instead_of_the_service_port(w, c):
    backend(w)["port"] = 3000


@scenario("service-port-not-found", target=INGRESS, seen=endpoints(2))
def the_ingress_names_the_container_port_instead_of_the_service_port(w, c):
    ingress_backend(w)["port"] = {"number": 3000}


@scenario("service-port-not-found", target=INGRESS, seen=endpoints(2))
def the_ingress_names_a_port_name_which_the_service_has_not(w, c):
    ingress_backend(w)["port"] = {"name": "web"}


@scenario("service-not-found", seen=route_condition("ResolvedRefs", "False", "BackendNotFound"))
def the_route_names_a_service_that_does_not_exist(w, c):
    backend(w)["name"] = "payment-api"


@scenario("service-not-found", target=INGRESS, seen=ingress_address([ADDRESS]))
def the_service_of_the_ingress_lives_in_another_namespace(w, c):
    w["ledger-service"] = service("ledger-api", LEDGER)
    w["ledger-deployment"] = deployment("ledger-api", LEDGER)
    ingress_backend(w)["name"] = "ledger-api"


@scenario("grant-missing", seen=route_condition("ResolvedRefs", "False", "RefNotPermitted"))
def a_backend_in_another_namespace_without_a_reference_grant(w, c):
    ledger_backend(w)


@scenario("grant-mismatch", seen=route_condition("ResolvedRefs", "False", "RefNotPermitted"))
def a_reference_grant_for_another_namespace_than_the_routes(w, c):
    ledger_backend(w)
    grant(w, "payment")


@scenario(verdict=("healthy",), exit=0, seen=route_condition("ResolvedRefs", "True"))
def a_reference_grant_that_fits(w, c):
    ledger_backend(w)
    grant(w, PAYMENTS)


@scenario("service-selector-mismatch", seen=endpoints(0), prove=True, patient=True)
def the_service_selects_a_label_which_no_pod_has(w, c):
    w["service"]["spec"]["selector"] = {"app": "payments"}


@scenario("service-selector-mismatch", target=INGRESS, seen=endpoints(0), patient=True)
def the_service_of_the_ingress_selects_no_pod(w, c):
    w["service"]["spec"]["selector"] = {"app": "payments-api", "tier": "web"}


@scenario("service-selector-mismatch", target=SERVICE, seen=endpoints(0), patient=True)
def the_service_that_is_asked_about_selects_no_pod(w, c):
    w["service"]["spec"]["selector"] = {"app": "payments"}


@scenario("service-target-port-mismatch", seen=endpoints(2, 0, {8080}), prove=True)
def the_target_port_is_a_number_which_no_container_declares(w, c):
    w["service"]["spec"]["ports"][0]["targetPort"] = 8080


@scenario("service-target-port-name", seen=says("endpoints without a port", lambda api, space: not endpoints(2, 0, {3000})(api, space)), prove=True)
def the_target_port_is_a_name_which_no_container_has(w, c):
    w["service"]["spec"]["ports"][0]["targetPort"] = "web"


@scenario("route-backend-kind", seen=route_condition("ResolvedRefs", "False", "InvalidKind"), patient=True)
def the_backend_is_of_a_kind_that_nobody_knows(w, c):
    w["route"]["spec"]["rules"][0]["backendRefs"] = [{"group": "storage.example", "kind": "Bucket", "name": "payments-api", "port": 8080}]


@scenario("service-not-found", verdict=("degraded",), seen=route_condition("ResolvedRefs", "False", "BackendNotFound"))
def one_of_two_weighted_backends_does_not_exist(w, c):
    w["route"]["spec"]["rules"][0]["backendRefs"] = [{"name": name, "port": 8080, "weight": 50} for name in ("payments-api", "payments-canary")]


# --- pods

@scenario("pod-readiness-failing", seen=endpoints(0, 2), patient=True)
def every_pod_fails_its_readiness_probe(w, c):
    fate(w, "not-ready")


@scenario("pod-crash-looping", seen=pods("CrashLoopBackOff"))
def every_pod_crashes(w, c):
    fate(w, "crash-loop")


@scenario(("pod-oom-killed", "pod-crash-looping"), seen=pods("CrashLoopBackOff"))
def every_pod_runs_out_of_memory(w, c):
    fate(w, "out-of-memory")


@scenario("pod-image-pull", seen=pods("ImagePullBackOff"), patient=True)
def the_image_cannot_be_pulled(w, c):
    fate(w, "image-pull")


@scenario("pod-config-error", seen=pods("CreateContainerConfigError"), patient=True)
def the_config_map_of_the_pods_is_missing(w, c):
    fate(w, "config-error")


def no_node_fits(api, space):
    when = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    for pod in api.items("Pod", space):
        api.status("Pod", pod["metadata"]["name"], space, {"conditions": [{
            "type": "PodScheduled", "status": "False", "reason": "Unschedulable", "lastTransitionTime": when,
            "message": "0/1 nodes are available: 1 Insufficient memory."}]})


@scenario("pod-unschedulable", seen=endpoints(0), after=no_node_fits, patient=True)
def no_node_has_room_for_the_pods(w, c):
    w["deployment"]["spec"]["template"]["spec"].pop("nodeName")


@scenario("workload-scaled-to-zero", seen=endpoints(0), prove=True)
def the_workload_is_scaled_to_zero(w, c):
    w["deployment"]["spec"]["replicas"] = 0


@scenario("workload-scaled-to-zero", target=INGRESS, seen=endpoints(0))
def the_workload_of_the_ingress_is_scaled_to_zero(w, c):
    w["deployment"]["spec"]["replicas"] = 0


# --- TLS

BAD_CERTIFICATE = listener_condition("ResolvedRefs", "False", "InvalidCertificateRef")


@scenario("tls-secret-not-found", seen=BAD_CERTIFICATE)
def the_certificate_secret_of_the_gateway_is_missing(w, c):
    w.pop("gateway-tls")


@scenario("tls-secret-not-found", target=GATEWAY, seen=BAD_CERTIFICATE)
def the_certificate_secret_is_missing_as_the_gateway_is_asked_about(w, c):
    w.pop("gateway-tls")


# Contour goes on to serve plain HTTP for these: degraded.
@scenario("tls-secret-not-found", target=INGRESS, verdict=("degraded",), seen=ingress_address([ADDRESS]))
def the_certificate_secret_of_the_ingress_is_missing(w, c):
    w.pop("ingress-tls")


@scenario("tls-certificate-unparsable", seen=BAD_CERTIFICATE)
def the_certificate_is_garbage(w, c):
    w["gateway-tls"] = secret("public-web-tls", PLATFORM, ("not a certificate", "not a key"))


@scenario("tls-secret-type", seen=BAD_CERTIFICATE)
def the_certificate_secret_is_opaque_with_other_keys(w, c):
    w["gateway-tls"] = secret("public-web-tls", PLATFORM, c["good"], "Opaque", ("cert.pem", "key.pem"))


@scenario("tls-key-mismatch", seen=HEALTHY_ROUTE)
def the_key_does_not_belong_to_the_certificate(w, c):
    w["gateway-tls"] = secret("public-web-tls", PLATFORM, (c["good"][0], c["ingress"][1]))


@scenario("tls-certificate-expired", seen=HEALTHY_ROUTE)
def the_certificate_has_expired(w, c):
    w["gateway-tls"] = secret("public-web-tls", PLATFORM, c["expired"])


@scenario("tls-certificate-expired", target=INGRESS, verdict=("degraded",))
def the_certificate_of_the_ingress_has_expired(w, c):
    w["ingress-tls"] = secret("payments-tls", PAYMENTS, c["expired"])


@scenario("tls-certificate-expiring", verdict=("at-risk",), exit=0, seen=HEALTHY_ROUTE)
def the_certificate_expires_in_a_week(w, c):
    w["gateway-tls"] = secret("public-web-tls", PLATFORM, c["expiring"])


@scenario("tls-certificate-not-yet-valid", seen=HEALTHY_ROUTE)
def the_certificate_is_not_yet_valid(w, c):
    w["gateway-tls"] = secret("public-web-tls", PLATFORM, c["future"])


@scenario("tls-host-mismatch", seen=HEALTHY_ROUTE)
def the_certificate_is_for_another_host(w, c):
    w["gateway-tls"] = secret("public-web-tls", PLATFORM, c["other"])


@scenario("tls-host-mismatch", target=INGRESS, verdict=("degraded",))
def the_certificate_of_the_ingress_is_for_another_host(w, c):
    w["ingress-tls"] = secret("payments-tls", PAYMENTS, c["other"])


# --- several faults

@scenario("route-not-allowed", "service-port-not-found", seen=route_condition("Accepted", "False", "NotAllowedByListeners"), prove=True)
def the_namespace_label_and_the_service_port_are_both_wrong(w, c):
    w["ns"]["metadata"]["labels"].pop("expose-public")
    backend(w)["port"] = 3000


@scenario("tls-certificate-expired", "service-selector-mismatch", target=INGRESS, seen=endpoints(0), patient=True)
def the_certificate_and_the_selector_are_both_wrong(w, c):
    w["ingress-tls"] = secret("payments-tls", w["ingress"]["metadata"]["namespace"], c["expired"])
    w["service"]["spec"]["selector"] = {"app": "payments"}


@scenario("class-not-found", "tls-secret-not-found", target=INGRESS, seen=ingress_address([]))
def the_class_and_the_certificate_of_the_ingress_are_both_missing(w, c):
    w["ingress"]["spec"]["ingressClassName"] = "contuor"
    w.pop("ingress-tls")


# --- by design: nothing is wrong here

@scenario(verdict=("healthy",), exit=0, target=INGRESS, seen=ingress_address([ADDRESS]))
def an_ingress_that_names_its_service_port(w, c):
    ingress_backend(w)["port"] = {"name": "http"}


@scenario(verdict=("healthy",), exit=0, seen=endpoints(1, 0, {3000}))
def a_service_without_a_selector_and_with_an_endpoint_slice_of_its_own(w, c):
    w["service"]["spec"].pop("selector")
    w["slice"] = {"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4",
                  "ports": [{"name": "http", "port": 3000, "protocol": "TCP"}],
                  "metadata": {"name": "payments-api-by-hand", "namespace": PAYMENTS, "labels": {"kubernetes.io/service-name": "payments-api"}},
                  "endpoints": [{"addresses": ["192.0.2.10"], "conditions": {"ready": True}}]}


# --- the controller itself

def envoys(api):
    return api.items("Pod", "projectcontour", "?labelSelector=app%3Denvoy")


def crash_the_proxies(api, _):
    """The pods that served until now: a young one would be given its minute."""
    for pod in envoys(api):
        broken = [{**c, "ready": False, "started": False, "restartCount": 7, "state": {"waiting": {"reason": "CrashLoopBackOff"}},
                   "lastState": {"terminated": {"exitCode": 1, "reason": "Error"}}} for c in pod["status"]["containerStatuses"]]
        ready = [{**c, "status": "False"} if c["type"] in ("Ready", "ContainersReady") else c for c in pod["status"]["conditions"]]
        api.status("Pod", pod["metadata"]["name"], "projectcontour", {"containerStatuses": broken, "conditions": ready})


def replace_the_proxies(api):
    for pod in envoys(api):
        api.delete("Pod", pod["metadata"]["name"], "projectcontour")


@scenario("controller-not-ready", late=True, after=crash_the_proxies, undo=replace_the_proxies,
          seen=says("no proxy that is ready", lambda api, _: not api.find("Deployment", "envoy", "projectcontour")["status"].get("readyReplicas")))
def every_proxy_of_the_controller_crashes(w, c):
    pass
