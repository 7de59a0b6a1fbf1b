"""What the cluster shows after a change: checks on the status that controllers wrote. Each has `says`, for when it does not come true."""
from world import ADDRESS, PLATFORM


def says(text, check):
    check.says = text
    return check


def parents(api, space):
    return (api.find("HTTPRoute", "payments-api", space) or {}).get("status", {}).get("parents", [])


def route_condition(kind, status, *reasons):
    def check(api, space):
        found = [c for p in parents(api, space) for c in p["conditions"] if c["type"] == kind]
        return any(c["status"] == status and (not reasons or c["reason"] in reasons) for c in found)
    return says(f"route condition {kind}={status} {'/'.join(reasons)}", check)


def listener_condition(kind, status, *reasons):
    def check(api, space):
        listeners = api.find("Gateway", "public-web", PLATFORM)["status"].get("listeners", [])
        return any(c["type"] == kind and c["status"] == status and (not reasons or c["reason"] in reasons) for i in listeners for c in i["conditions"])
    return says(f"listener condition {kind}={status} {'/'.join(reasons)}", check)


def ingress_address(expected):
    def check(api, space):
        return [i.get("ip") for i in api.find("Ingress", "payments-web", space)["status"].get("loadBalancer", {}).get("ingress", [])] == expected
    return says(f"Ingress addresses {expected}", check)


def slices_of(api, space):
    return api.items("EndpointSlice", space, "?labelSelector=kubernetes.io%2Fservice-name%3Dpayments-api")


def endpoints(ready=0, unready=0, ports=None):
    def check(api, space):
        slices = slices_of(api, space)
        found = [e["conditions"].get("ready") for s in slices for e in s.get("endpoints") or []]
        numbers = {p.get("port") for s in slices if s.get("endpoints") for p in s.get("ports") or []}
        return (found.count(True), found.count(False)) == (ready, unready) and (ports is None or numbers == ports)
    return says(f"endpoints {ready} ready, {unready} not ready{'' if ports is None else f', ports {sorted(ports)}'}", check)


def pods(reason):
    def check(api, space):
        found = [s.get("state", {}).get("waiting", {}).get("reason") for p in api.items("Pod", space) for s in p["status"].get("containerStatuses", [])]
        return found.count(reason) == 2 and endpoints(0, 2)(api, space)
    return says(f"two pods waiting for {reason}", check)


HEALTHY_ROUTE = says("a route that Contour accepts", lambda api, space: route_condition("Accepted", "True")(api, space) and endpoints(2)(api, space))


def healed(api, space):
    """What settled() has to see before the healthy verdict is asked for."""
    gateway = api.find("Gateway", "public-web", PLATFORM)["status"]
    signs = (route_condition("Accepted", "True"), route_condition("ResolvedRefs", "True"), endpoints(2, 0, {3000}), ingress_address([ADDRESS]))
    return (all(sign(api, space) for sign in signs) and [a["value"] for a in gateway.get("addresses", [])] == [ADDRESS]
            and any(c["type"] == "Programmed" and c["status"] == "True" for c in gateway.get("conditions", [])))


healed.says = "the healthy world"
