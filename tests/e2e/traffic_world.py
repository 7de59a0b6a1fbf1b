"""Hundreds of HTTPRoutes and Ingresses that collide with each other, made from a seed: the same seed, the same objects."""
from dataclasses import dataclass, field

from world import gateway_class, ingress_class, meta, namespace, secret

FRONT, GATEWAY, CLASS = "front", "edge", "traffic"
TEAMS = ("alder", "birch", "cedar", "dogwood", "elm")
SERVICES = ("one", "two", "three")
PORTS = {"http": 80, "admin": 8081}
ROUTES, INGRESSES = 160, 160
LISTENING = 6 * 4 * 2                # backends: in six namespaces four Services with two ports
WAVES = 4                            # of HTTPRoutes, created a second apart: age decides between equal matches
GATEWAY_API = "gateway.networking.k8s.io/v1"

# Listener: (port, protocol, hostname, namespaces). Two on one port: a request belongs to the more specific one alone.
LISTENERS = {
    "http": (80, "HTTP", None, None),
    "lab": (80, "HTTP", "*.lab.example", None),
    "alt": (8080, "HTTP", None, {"traffic": "yes"}),
    "https-safe": (443, "HTTPS", "*.safe.example", None),
    "https-pay": (443, "HTTPS", "api.pay.example", None),
}
SECTIONS = (["http"],) * 11 + (["lab"],) * 2 + (["alt"],) * 2 + (["https-safe"],) * 4 + (["https-pay"],) * 2 + (["http", "https-safe"],) * 2 + ([443],)

HOSTS = {
    "shop": ("www.shop.example", "api.shop.example", "a.b.shop.example", "*.shop.example", "*.b.shop.example"),
    "safe": ("www.safe.example", "api.safe.example", "a.b.safe.example", "*.safe.example", "*.b.safe.example"),
    "pay": ("api.pay.example", "www.pay.example", "*.pay.example", "pay.example"),
    "lab": ("x.lab.example", "*.lab.example"),
    "any": ("*.example", "only.example", "www.only.example"),
}
PREFIXES = ("/", "/v1", "/v1/", "/v1/items", "/v1/items/", "/v2", "/v1/it", "/api", "/api/v1", "/API", "/a", "/a/b", "/a/b/c", "/static/")
EXACTS = ("/", "/v1", "/v1/", "/v1/items", "/v1/items/7", "/a/b", "/a/b/", "/health", "/api/v1/users")
# A regular expression with paths that it takes when it has to match the whole of them.
PATTERNS = {
    "/v[0-9]+": ("/v1", "/v23"), "/v[0-9]+/.*": ("/v1/", "/v2/items"), "/a/.+/c": ("/a/b/c", "/a/x/y/c"), "/(api|static)/.*": ("/api/v1", "/static/x.png"),
    ".*/items": ("/v1/items", "/items"), "/v1/items/[a-z]+": ("/v1/items/ab",), "/a": ("/a",), "/v1|/a/b": ("/v1", "/a/b"), "/[aA][pP][iI].*": ("/API/v1",),
}
HEADERS = {"x-env": ("test", "prod"), "X-Team": ("red", "blue"), "x-version": ("v1", "v22"), "X-Flag": ("on",)}
HEADER_PATTERNS = {"x-env": "te.t|prod", "X-Team": "[a-z]+", "x-version": "v[0-9]+", "X-Flag": "on|off"}
QUERIES = {"lang": ("de", "en"), "q": ("1", "a b"), "debug": ("true",)}
QUERY_PATTERNS = {"lang": "d.|e.", "q": "[0-9]", "debug": "t.*"}
METHODS = ("GET", "POST", "PUT", "DELETE")


@dataclass
class World:
    objects: list = field(default_factory=list)    # in the order in which they are created
    waves: list = field(default_factory=list)      # lists of HTTPRoutes, a second apart
    routes: list = field(default_factory=list)
    ingresses: list = field(default_factory=list)
    backends: dict = field(default_factory=dict)   # "namespace/service:port" to the TCP port on which it answers


def make(random, address, listeners, certificates):
    """The world, whose ready endpoints are at `address` on the TCP ports `listeners` (taken in order)."""
    w = World()
    w.objects += [gateway_class(CLASS, "projectcontour.io/gateway-controller"), ingress_class(CLASS, "projectcontour.io/ingress-controller"),
                  namespace(FRONT)]
    w.objects += [namespace(team, **({} if team == "elm" else {"traffic": "yes"})) for team in TEAMS]
    w.objects += [secret("safe-tls", space, certificates["safe"]) for space in (FRONT, *TEAMS)]
    w.objects += [secret("pay-tls", space, certificates["pay"]) for space in (FRONT, *TEAMS)]
    ports = iter(listeners)
    for team in (FRONT, *TEAMS):
        for name in SERVICES:
            add_service(w, team, name, address, {port: next(ports) for port in PORTS})
        add_service(w, team, "idle", address, {})
        add_service(w, team, "unready", address, {port: next(ports) for port in PORTS}, ready=False)
    w.objects += [grant("everybody", "cedar", ("alder", "birch"), None), grant("one-of-alder", "dogwood", ("alder",), "one")]
    w.objects.append(gateway())
    w.routes = [route(random, number) for number in range(ROUTES)]
    size = -(-ROUTES // WAVES)
    w.waves = [w.routes[at:at + size] for at in range(0, ROUTES, size)]
    w.ingresses = ingresses(random)
    return w


def add_service(w, space, name, address, ports, ready=True):
    w.objects.append({"apiVersion": "v1", "kind": "Service", "metadata": meta(name, space),
                      "spec": {"ports": [{"name": n, "protocol": "TCP", "port": p, "targetPort": p} for n, p in PORTS.items()]}})
    if ports:
        w.objects.append({"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice",
                          "metadata": meta(name + "-manual", space, {"kubernetes.io/service-name": name}),
                          "addressType": "IPv6" if ":" in address else "IPv4",
                          "endpoints": [{"addresses": [address], "conditions": {"ready": ready}}],
                          "ports": [{"name": n, "protocol": "TCP", "port": p} for n, p in ports.items()]})
        w.backends.update({f"{space}/{name}:{PORTS[n]}": p for n, p in ports.items()})


def grant(name, space, sources, service):
    to = {"group": "", "kind": "Service", **({"name": service} if service else {})}
    return {"apiVersion": GATEWAY_API, "kind": "ReferenceGrant", "metadata": meta(name, space),
            "spec": {"from": [{"group": "gateway.networking.k8s.io", "kind": "HTTPRoute", "namespace": s} for s in sources], "to": [to]}}


def gateway():
    found = []
    for name, (port, protocol, hostname, labels) in LISTENERS.items():
        spaces = {"from": "Selector", "selector": {"matchLabels": labels}} if labels else {"from": "All"}
        listener = {"name": name, "port": port, "protocol": protocol, "allowedRoutes": {"namespaces": spaces}}
        if hostname:
            listener["hostname"] = hostname
        if protocol == "HTTPS":
            listener["tls"] = {"mode": "Terminate", "certificateRefs": [{"kind": "Secret", "name": name.removeprefix("https-") + "-tls"}]}
        found.append(listener)
    return {"apiVersion": GATEWAY_API, "kind": "Gateway", "metadata": meta(GATEWAY, FRONT), "spec": {"gatewayClassName": CLASS, "listeners": found}}


# --- HTTPRoutes

def chance(random, percent):
    return random.random() * 100 < percent


def route(random, number):
    space = random.choice(TEAMS)
    sections = random.choice(SECTIONS)
    parents = [{"name": GATEWAY, "namespace": FRONT, **({"port": s} if isinstance(s, int) else {"sectionName": s})} for s in sections]
    spec = {"parentRefs": parents, "rules": [rule(random, space) for _ in range(random.choice((1, 1, 2, 2, 3)))]}
    hosts = hostnames(random, sections)
    if hosts:
        spec["hostnames"] = hosts
    # The alphabet is another order than that of creation.
    return {"apiVersion": GATEWAY_API, "kind": "HTTPRoute", "metadata": meta(f"r{random.randrange(1000):03d}-{number:03d}", space), "spec": spec}


def hostnames(random, sections):
    if chance(random, 10):
        return []
    groups = {"lab": ["lab"] * 5 + ["any"], "alt": ["shop"] * 8 + ["any"], "https-safe": ["safe"] * 8 + ["any"], "https-pay": ["pay"] * 8 + ["any"],
              443: ["safe", "pay"], "http": ["shop", "shop", "pay", "pay", "any", "lab"]}[sections[0]]
    if len(sections) > 1:
        return [random.choice(HOSTS["shop"]), random.choice(HOSTS["safe"])]
    pool = HOSTS[random.choice(groups)]
    return random.sample(pool, min(len(pool), random.choice((1, 1, 1, 2, 2, 3))))


def rule(random, space):
    found = {}
    if not chance(random, 6):
        found["matches"] = [match(random) for _ in range(random.choice((1, 1, 1, 2, 3)))]
    only = found.get("matches", [{}])
    prefix = len(only) == 1 and only[0].get("path", {}).get("type", "PathPrefix") == "PathPrefix"   # what ReplacePrefixMatch is allowed with
    filters = []
    if chance(random, 45):
        filters.append({"type": "RequestHeaderModifier", "requestHeaderModifier": header_modifier(random)})
    if chance(random, 12):
        filters.append({"type": "ResponseHeaderModifier", "responseHeaderModifier": header_modifier(random)})
    kind = random.choice(("redirect",) * 3 + ("rewrite",) * 5 + ("plain",) * 15)
    if kind == "redirect":
        filters.append({"type": "RequestRedirect", "requestRedirect": redirect(random, prefix)})
    elif kind == "rewrite":
        filters.append({"type": "URLRewrite", "urlRewrite": rewrite(random, prefix)})
    if filters:
        found["filters"] = filters
    if kind != "redirect" and not chance(random, 4):
        found["backendRefs"] = backends(random, space)
    return found


def match(random):
    found = {}
    kind = random.choice(("PathPrefix",) * 7 + ("Exact",) * 4 + ("RegularExpression",) * 3 + (None,))
    if kind:
        pool = {"PathPrefix": PREFIXES, "Exact": EXACTS, "RegularExpression": tuple(PATTERNS)}[kind]
        found["path"] = {"type": kind, "value": random.choice(pool)}
    if chance(random, 22):
        found["method"] = random.choice(METHODS)
    names = random.sample(sorted(HEADERS), random.choice((0,) * 12 + (1,) * 6 + (2,) * 2))
    if names:
        found["headers"] = [condition(random, name, HEADERS, HEADER_PATTERNS) for name in names]
    names = random.sample(sorted(QUERIES), random.choice((0,) * 15 + (1,) * 4 + (2,)))
    if names:
        found["queryParams"] = [condition(random, name, QUERIES, QUERY_PATTERNS) for name in names]
    return found


def condition(random, name, values, patterns):
    if chance(random, 20):
        return {"type": "RegularExpression", "name": name, "value": patterns[name]}
    return {"name": name, "value": random.choice(values[name])}


def header_modifier(random):
    found = {"set": [{"name": random.choice(("X-Set", "x-env", "User-Agent")), "value": random.choice(("s1", "two words", "50%"))}]}
    if chance(random, 40):
        found["add"] = [{"name": random.choice(("X-Added", "X-Team")), "value": random.choice(("a1", "a,b"))}]
    if chance(random, 30):
        found["remove"] = [random.choice(("X-Flag", "x-version"))]
    if chance(random, 15):
        found.pop("set")
        found.setdefault("add", [{"name": "X-Added", "value": "only"}])
    return found


def modifier(random, prefix):
    if prefix and chance(random, 65):
        return {"type": "ReplacePrefixMatch", "replacePrefixMatch": random.choice(("/", "/new", "/new/", "/v1/items", ""))}
    return {"type": "ReplaceFullPath", "replaceFullPath": random.choice(("/", "/full", "/full/path/"))}


def rewrite(random, prefix):
    found = {}
    if chance(random, 45):
        found["hostname"] = random.choice(("inner.example", "backend.internal"))
    if not found or chance(random, 65):
        found["path"] = modifier(random, prefix)
    return found


def redirect(random, prefix):
    found = {}
    if chance(random, 50):
        found["scheme"] = random.choice(("http", "https"))
    if chance(random, 45):
        found["hostname"] = random.choice(("www.shop.example", "moved.example"))
    if chance(random, 30):
        found["port"] = random.choice((80, 443, 8080, 8443))
    if chance(random, 60):
        found["statusCode"] = random.choice((301, 302))
    if not found or chance(random, 45):
        found["path"] = modifier(random, prefix)
    return found


def backends(random, space):
    found = []
    for _ in range(random.choice((1, 1, 1, 1, 1, 2, 2, 3))):
        backend = {"name": random.choice(SERVICES * 6 + ("idle", "unready", "missing")), "port": random.choice((80, 80, 80, 80, 80, 8081, 8081, 9999))}
        if chance(random, 14):
            backend["namespace"] = random.choice([t for t in TEAMS if t != space])
        weight = random.choice((None, None, None, 0, 1, 3, 9))
        if weight is not None:
            backend["weight"] = weight
        if chance(random, 6):
            backend["filters"] = [{"type": "RequestHeaderModifier", "requestHeaderModifier": {"set": [{"name": "X-Backend-Filter",
                                                                                                       "value": backend["name"]}]}}]
        found.append(backend)
    return found


# --- Ingresses

INGRESS_HOSTS = ("www.shop.example", "api.shop.example", "a.b.shop.example", "*.shop.example", "api.pay.example", "*.pay.example", "pay.example",
                 "only.example",
                 "x.lab.example", "*.lab.example", None, None)
SPECIFIC = ("/", "/v1", "/v1/", "/v1/it", "/api", "/a/b", "/v[0-9]+", "/a/.*", "/api/.+/x", "/static/*", "/v1/items+", "/v2[a-z]*", "/a%20b")


def ingresses(random):
    """What Contour leaves to chance is left out: the same host and path in two Ingresses, and two default backends."""
    taken, found = {(None, "plain", "/")}, []
    default_of = random.randrange(INGRESSES)
    while len(found) < INGRESSES:
        made = ingress(random, len(found), taken, default_of == len(found))
        if made:
            found.append(made)
    return found


def ingress(random, number, taken, has_default):
    space = random.choice(TEAMS)
    rules = [r for r in (ingress_rule(random, taken) for _ in range(random.choice((1, 1, 1, 2)))) if r]
    if not rules:
        return None
    spec = {"ingressClassName": CLASS, "rules": rules}
    if has_default:
        spec["defaultBackend"] = {"service": {"name": "three", "port": {"number": 80}}}
    tls = [{"hosts": [r["host"]], "secretName": ("pay" if "pay" in r["host"] else "safe") + "-tls"} for r in rules if r.get("host")]
    if tls and chance(random, 35):
        spec["tls"] = tls
    made = {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": meta(f"i{random.randrange(1000):03d}-{number:03d}", space), "spec": spec}
    annotation = random.choice((None,) * 16 + ("ingress.kubernetes.io/force-ssl-redirect",) * 2 + ("kubernetes.io/ingress.allow-http",))
    if annotation:
        made["metadata"]["annotations"] = {annotation: "true" if "ssl" in annotation else "false"}
    return made


def ingress_rule(random, taken):
    host = random.choice(INGRESS_HOSTS)
    paths = [p for p in (ingress_path(random, host, taken) for _ in range(random.choice((1, 1, 2, 3)))) if p]
    if not paths:
        return None
    return {**({"host": host} if host else {}), "http": {"paths": paths}}


def ingress_path(random, host, taken):
    kind = random.choice(("Prefix",) * 5 + ("Exact",) * 3 + ("ImplementationSpecific",) * 3)
    path = random.choice({"Prefix": PREFIXES, "Exact": EXACTS, "ImplementationSpecific": SPECIFIC}[kind])
    if chance(random, 40):   # more different paths than the pools hold
        path = path.rstrip("/") + "/" + random.choice(("x", "y", "items", "v1", "img/"))
    key = path_key(host, kind, path)
    if key in taken:
        return None
    taken.add(key)
    port = random.choice(({"number": 80}, {"number": 80}, {"name": "http"}, {"name": "admin"}, {"number": 8081}, {"number": 9999}, {"name": "nope"})
                         if chance(random, 30) else ({"number": 80}, {"name": "http"}, {"name": "admin"}))
    service = random.choice(SERVICES * 6 + ("idle", "unready", "missing"))
    return {"path": path, "pathType": kind, "backend": {"service": {"name": service, "port": port}}}


def path_key(host, kind, path):
    if kind == "Exact":
        return host, "exact", path
    if kind == "Prefix":
        return (host, "plain", "/") if path == "/" else (host, "prefix", path.rstrip("/"))
    return host, "regex" if set(path) & set("^+*[]%") else "plain", path
