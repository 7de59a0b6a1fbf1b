"""What the cluster shows after a change: checks on the status that controllers wrote. Each has `says`, for when it does not come true."""
from world import ADDRESS, PAYMENTS, PLATFORM


def says(text, check):
    check.says = text
    return check


def parents(api, name="payments-api"):
    return (api.find("HTTPRoute", name, PAYMENTS) or {}).get("status", {}).get("parents", [])


def route_condition(kind, status, *reasons):
    def check(api):
        found = [c for p in parents(api) for c in p["conditions"] if c["type"] == kind]
        return any(c["status"] == status and (not reasons or c["reason"] in reasons) for c in found)
    return says(f"route condition {kind}={status} {'/'.join(reasons)}", check)


def listener_condition(kind, status, *reasons):
    def check(api):
        listeners = api.find("Gateway", "public-web", PLATFORM)["status"].get("listeners", [])
        return any(c["type"] == kind and c["status"] == status and (not reasons or c["reason"] in reasons) for i in listeners for c in i["conditions"])
    return says(f"listener condition {kind}={status} {'/'.join(reasons)}", check)


def ingress_address(expected):
    def check(api):
        return [i.get("ip") for i in api.find("Ingress", "payments-web", PAYMENTS)["status"].get("loadBalancer", {}).get("ingress", [])] == expected
    return says(f"Ingress addresses {expected}", check)


def endpoints(ready=0, unready=0, ports=None):
    def check(api):
        slices = api.items("EndpointSlice", PAYMENTS, "?labelSelector=kubernetes.io%2Fservice-name%3Dpayments-api")
        found = [e["conditions"].get("ready") for s in slices for e in s.get("endpoints") or []]
        numbers = {p.get("port") for s in slices if s.get("endpoints") for p in s.get("ports") or []}
        return (found.count(True), found.count(False)) == (ready, unready) and (ports is None or numbers == ports)
    return says(f"endpoints {ready} ready, {unready} not ready{'' if ports is None else f', ports {sorted(ports)}'}", check)


def pods(reason):
    def check(api):
        found = [s.get("state", {}).get("waiting", {}).get("reason") for p in api.items("Pod", PAYMENTS) for s in p["status"].get("containerStatuses", [])]
        return found.count(reason) == 2 and endpoints(0, 2)(api)
    return says(f"two pods waiting for {reason}", check)


HEALTHY_ROUTE = says("a route that Contour accepts", lambda api: route_condition("Accepted", "True")(api) and endpoints(2)(api))


def healed(api):
    """What settled() has to see before the healthy verdict is asked for."""
    gateway = api.find("Gateway", "public-web", PLATFORM)["status"]
    return (route_condition("Accepted", "True")(api) and route_condition("ResolvedRefs", "True")(api) and endpoints(2, 0, {3000})(api)
            and any(c["type"] == "Programmed" and c["status"] == "True" for c in gateway.get("conditions", []))
            and [a["value"] for a in gateway.get("addresses", [])] == [ADDRESS] and ingress_address([ADDRESS])(api))


healed.says = "the healthy world"
