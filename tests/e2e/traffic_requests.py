"""Requests aimed at the routes and Ingresses of a world, and bent so that they miss them by a little. From a seed: the same seed, the same requests.

A request is a dict: id, entrance (gateway or ingress), tls, sni, port (of the listener), host (the Host header), method, target, headers, bent (how).
"""
from traffic_world import HEADERS, LISTENERS, METHODS, PATTERNS, QUERIES, chance

SPECIFIC_SAMPLES = {"/v[0-9]+": ("/v1", "/v77"), "/a/.*": ("/a/b", "/a/"), "/api/.+/x": ("/api/v1/x",), "/static/*": ("/static/", "/static"),
                    "/v1/items+": ("/v1/items", "/v1/itemss"), "/v2[a-z]*": ("/v2", "/v2ab"), "/a%20b": ("/a%20b", "/a b".replace(" ", "%20"))}


def make(random, world, each):
    """`each` requests for the Gateway and as many for the Ingresses."""
    found = []
    targets = [(r, rule, m) for r in world.routes for rule in r["spec"]["rules"] for m in rule.get("matches", [{}])]
    for number in range(each):
        r, _, m = targets[number % len(targets)] if number < 2 * len(targets) else random.choice(targets)
        found.append(for_route(random, r, m))
    paths = [(i, rule, p) for i in world.ingresses for rule in i["spec"]["rules"] for p in rule["http"]["paths"]]
    for number in range(each):
        i, rule, p = paths[number % len(paths)] if number < 2 * len(paths) else random.choice(paths)
        found.append(for_ingress(random, i, rule, p))
    for number, request in enumerate(found):
        request["id"] = f"q{number:04d}"
    return found


def concrete(random, host, listener=None):
    if not host:
        host = listener or random.choice(("www.shop.example", "nobody.example", "only.example", "y.lab.example"))
    if host.startswith("*"):
        host = random.choice(("w", "www", "api", "x", "deep.er")) + host[1:]
    return host


def for_route(random, route, match):
    section = random.choice(route["spec"]["parentRefs"])
    name = section.get("sectionName") or random.choice([n for n, spec in LISTENERS.items() if spec[0] == section["port"]])
    port, protocol, listener_host, _ = LISTENERS[name]
    host = random.choice(route["spec"].get("hostnames") or [None])
    if listener_host and not (host and host.endswith(listener_host.lstrip("*"))) and not chance(random, 15):
        host = listener_host
    path = match.get("path") or {"type": "PathPrefix", "value": "/"}
    if path["type"] == "RegularExpression":
        target = random.choice(PATTERNS[path["value"]])
    else:
        target = path["value"]
        if path["type"] == "PathPrefix" and chance(random, 40):
            target = target.rstrip("/") + random.choice(("/", "/x", "/items", "/b/c"))
    headers = [[c["name"], random.choice(HEADERS[c["name"]])] if c.get("type") else [c["name"], c["value"]] for c in match.get("headers", [])]
    query = [[c["name"], random.choice(QUERIES[c["name"]])] if c.get("type") else [c["name"], c["value"]] for c in match.get("queryParams", [])]
    return bend(random, "gateway", protocol == "HTTPS", port, concrete(random, host), match.get("method") or random.choice(("GET",) * 4 + ("POST",
                                                                                                                                           "HEAD")), target,
                headers, query)


def for_ingress(random, ingress, rule, path):
    host = concrete(random, rule.get("host"))
    target = path["path"]
    if path["pathType"] == "ImplementationSpecific" and set(target) & set("^+*[]%"):
        target = next((random.choice(s) + target[len(p):] for p, s in SPECIFIC_SAMPLES.items() if target.startswith(p)), "/")
    elif path["pathType"] != "Exact" and chance(random, 40):
        target = target.rstrip("/") + random.choice(("/", "/x", "/items", "x" if target != "/" else "/y"))
    tls = "tls" in ingress["spec"] and chance(random, 60) or chance(random, 8)
    return bend(random, "ingress", tls, 443 if tls else 80, host, random.choice(("GET",) * 6 + ("POST", "HEAD")), target, [], [])


# --- bending

def bend(random, entrance, tls, port, host, method, path, headers, query):
    r = {"entrance": entrance, "tls": tls, "sni": host if tls else "", "port": port, "host": host, "method": method, "path": path, "query": query,
         "headers": headers,
         "bent": []}
    for _ in range(random.choice((0, 0, 0, 1, 1, 1, 1, 2, 2))):
        how = random.choice(BENDS)
        if how(random, r):
            r["bent"].append(how.__name__)
    pairs = [f"{name}={value.replace(' ', random.choice(('+', '%20')))}" for name, value in r.pop("query")]
    random.shuffle(pairs)
    r["target"] = r.pop("path") + ("?" + "&".join(pairs) if pairs else "")
    if port not in (80, 443) and r["host"] == host and not chance(random, 20):
        r["host"] = f"{host}:{port}"   # what a client sends
    return r


def one_more_element(random, r):
    r["path"] = r["path"].rstrip("/") + "/" + random.choice(("more", "c", "7", "items"))
    return True


def one_more_letter(random, r):
    r["path"] += random.choice("sx7")
    return True


def trailing_slash(_, r):
    r["path"] = r["path"][:-1] if r["path"].endswith("/") and len(r["path"]) > 1 else r["path"] + "/"
    return True


def other_case(_, r):
    r["path"] = r["path"].swapcase()
    return True


def double_slash(random, r):
    at = random.choice([i for i, c in enumerate(r["path"]) if c == "/"])
    r["path"] = r["path"][:at] + "/" + r["path"][at:]
    return True


def dot_segment(random, r):
    at = random.choice([i for i, c in enumerate(r["path"]) if c == "/"])
    r["path"] = r["path"][:at] + random.choice(("/.", "/x/..", "/v1/..", "/%2E", "/x/%2e%2E", "/..")) + r["path"][at:]
    return True


def escaped(random, r):
    letters = [i for i, c in enumerate(r["path"]) if c.isalnum()]
    if not letters or "%" in r["path"]:
        return False
    at = random.choice(letters)
    r["path"] = r["path"][:at] + f"%{ord(r['path'][at]):02{random.choice('xX')}}" + r["path"][at + 1:]
    return True


def escaped_slash(random, r):
    slashes = [i for i, c in enumerate(r["path"]) if c == "/" and i]
    if not slashes:
        return False
    at = random.choice(slashes)
    r["path"] = r["path"][:at] + random.choice(("%2F", "%2f", "%5C")) + r["path"][at + 1:]
    return True


def headers_missing(random, r):
    if not r["headers"]:
        return False
    r["headers"].pop(random.randrange(len(r["headers"])))
    return True


def header_added(random, r):
    name = random.choice(sorted(HEADERS))
    r["headers"].append([random.choice((name, name.upper(), name.lower())), random.choice(HEADERS[name])])
    return True


def every_header(random, r):
    there = {name.lower() for name, _ in r["headers"]}
    r["headers"] += [[name, random.choice(values)] for name, values in HEADERS.items() if name.lower() not in there]
    return True


def header_repeated(random, r):
    if not r["headers"]:
        return False
    name, _ = random.choice(r["headers"])
    r["headers"].insert(random.randrange(len(r["headers"]) + 1), [name, random.choice(("again", "test", "red"))])
    return True


def header_in_other_case(random, r):
    if not r["headers"]:
        return False
    at = random.randrange(len(r["headers"]))
    r["headers"][at] = [r["headers"][at][0], r["headers"][at][1].upper()]
    return True


def query_added(random, r):
    name = random.choice(sorted(QUERIES))
    r["query"].append([name, random.choice(QUERIES[name])])
    return True


def query_missing(random, r):
    if not r["query"]:
        return False
    r["query"].pop(random.randrange(len(r["query"])))
    return True


def port_in_the_host(random, r):
    if ":" in r["host"]:
        return False
    r["host"] += random.choice((":80", ":8080", ":443", ":1234"))
    return True


def host_in_upper_case(_, r):
    r["host"] = r["host"].upper()
    return True


def final_dot(_, r):
    if ":" in r["host"] or r["host"].endswith("."):
        return False
    r["host"] += "."
    return True


def other_method(random, r):
    r["method"] = random.choice(METHODS + ("HEAD", "PATCH", "OPTIONS"))
    return True


def other_host(random, r):
    r["host"] = random.choice(("nobody.example", "other.shop.example", "x.y.pay.example", "shop.example", "www.pay.example", "y.lab.example", "example"))
    if r["tls"] and not chance(random, 40):
        r["sni"] = r["host"]
    return True


BENDS = (one_more_element, one_more_letter, trailing_slash, other_case, double_slash, dot_segment, escaped, escaped_slash, headers_missing,
         header_added, header_added,
         every_header, every_header, header_repeated, header_in_other_case, query_added, query_missing, port_in_the_host, host_in_upper_case,
         final_dot, other_method,
         other_host)
