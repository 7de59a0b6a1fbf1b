"""Corners that chance seldom finds: small worlds with hosts of their own, and the requests that tell one rule of a data plane from another."""
from traffic_world import CLASS, FRONT, GATEWAY, GATEWAY_API
from world import meta

SPACE = "alder"


class Corners:
    def __init__(self):
        self.routes, self.ingresses, self.requests = [], [], []
        for fill in (prefix_rewrites, redirects, patterns, equal_matches, backends, hosts_in_filters, methods_and_headers, queries, hosts, paths,
                     ingress_paths, ingress_hosts, ingress_tls):
            fill(self)

    def route(self, name, hosts, *rules, sections=("http",)):
        self.routes.append({"apiVersion": GATEWAY_API, "kind": "HTTPRoute", "metadata": meta(name, SPACE), "spec": {
            "parentRefs": [{"name": GATEWAY, "namespace": FRONT, "sectionName": s} for s in sections],
            "hostnames": [hosts] if isinstance(hosts, str) else hosts, "rules": list(rules)}})

    def ingress(self, name, host, paths, annotations=None, **spec):
        made = {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": meta(name, SPACE), "spec": {
            "ingressClassName": CLASS, **spec, "rules": [{"host": host, "http": {"paths": [
                {"path": path, "pathType": kind, "backend": {"service": {"name": service, "port": {"number": 80}}}} for path, kind, service in paths]}}]}}
        if annotations:
            made["metadata"]["annotations"] = annotations
        self.ingresses.append(made)

    def ask(self, host, *targets, entrance="gateway", tls=False, sni=None, port=None, method="GET", headers=()):
        for target in targets:
            self.requests.append({"entrance": entrance, "tls": tls, "sni": (sni or host) if tls else "", "port": port or (443 if tls else 80), "host": host,
                                  "method": method, "target": target, "headers": [list(h) for h in headers], "bent": []})


def path(value, kind="PathPrefix", **more):
    return {"path": {"type": kind, "value": value}, **more}


def to(*services, **more):
    return {"backendRefs": [{"name": s, "port": 80} for s in services], **more}


def by(*matches, **more):
    return {"matches": list(matches), **more}


def header(value, name="X-Env"):
    return {"headers": [{"name": name, "value": value}]}


def prefix_rewrites(c):
    for number, (prefix, replacement) in enumerate((p, r) for p in ("/", "/a", "/a/") for r in ("/", "", "/new", "/new/")):
        change = {"path": {"type": "ReplacePrefixMatch", "replacePrefixMatch": replacement}}
        host = f"{number}.rewrite.example"
        c.route(f"rewrite-{number}", host, by(path(prefix), filters=[{"type": "URLRewrite", "urlRewrite": change}], **to("one")))
        c.route(f"redirect-{number}", "to-" + host, by(path(prefix), filters=[{"type": "RequestRedirect", "requestRedirect": change}]))
        for h in (host, "to-" + host):
            c.ask(h, "/a", "/a/", "/a/b/?x=1", "/a//b")


def redirects(c):
    fields = ({"scheme": "https"}, {"scheme": "http"}, {"port": 80}, {"port": 443}, {"port": 8443}, {"scheme": "https", "port": 443},
              {"scheme": "http", "port": 80}, {"scheme": "https", "port": 8443}, {"hostname": "h.example"}, {"hostname": "h.example", "scheme": "https"}, {"statusCode": 301})
    for section, port, domain in (("http", 80, "redirect.example"), ("https-safe", 443, "safe.example"), ("alt", 8080, "redirect-alt.example")):
        for number, change in enumerate(fields):
            host = f"r{number}.{domain}"
            c.route(f"to-{section}-{number}", host, {"filters": [{"type": "RequestRedirect", "requestRedirect": change}]}, sections=[section])
            for there in (host, host + ":80", host + ":443", host + ":8080"):
                c.ask(there, "/p?q=1", tls=port == 443, sni=host, port=port)


def patterns(c):
    c.route("pattern-1", "pattern-1.example", by(path("/re/[0-9]+", "RegularExpression"), **to("one")))
    c.ask("pattern-1.example", "/re/12", "/re/12/", "/re/12?x=1", "/x/re/12", "/re/a", "/RE/1", "//re/12")
    c.route("pattern-2", "pattern-2.example", by(path("^/re$", "RegularExpression"), **to("one")), by(path("re/.*", "RegularExpression"), **to("two")))
    c.ask("pattern-2.example", "/re", "/re/1", "/rea")
    c.route("pattern-3", "pattern-3.example", by(path("/.*", "RegularExpression"), **to("one")), by(path("/long/prefix/of/it"), **to("two")),
            by(path("/long/prefix/of/it", "Exact"), **to("three")))
    c.ask("pattern-3.example", "/long/prefix/of/it", "/long/prefix/of/it/x", "/x")


def equal_matches(c):
    c.route("equal-1", "equal-1.example", by(path("/z"), **to("one")), by(path("/i", **header("a")), **to("one")))
    c.route("equal-2", "equal-1.example", by(path("/i", **header("a", "X-Team")), **to("two")))
    c.ask("equal-1.example", "/i", headers=[["X-Env", "a"], ["X-Team", "a"]])
    c.route("equal-3", "equal-3.example", by(path("/i", **header("a", "X-Zed")), **to("one")))
    c.route("equal-4", "equal-3.example", by(path("/i", **header("a", "X-Abc")), **to("two")))
    c.ask("equal-3.example", "/i", headers=[["X-Zed", "a"], ["X-Abc", "a"]])
    c.route("equal-5", "equal-5.example", by(path("/i"), **to("one")))
    c.route("equal-6", ["equal-5.example", "equal-6.example"], by(path("/i"), path("/j"), **to("two")), by(path("/k"), **to("two")))
    for host in ("equal-5.example", "equal-6.example"):
        c.ask(host, "/i", "/j", "/k")
    c.route("equal-7", "equal-7.example", by(path("/i"), **to("one")), by(path("/i"), path("/j"), **to("two")), by(path("/m"), path("/m"), **to("three")))
    c.ask("equal-7.example", "/i", "/j", "/m")


def backends(c):
    def ref(name, **more):
        return {"name": name, "port": 80, **more}
    rules = {"none": None, "missing": [ref("missing")], "half": [ref("missing", weight=99), ref("one")], "zero": [ref("one", weight=0)],
             "no-grant": [ref("one", namespace="elm")], "granted": [ref("one", namespace="dogwood")], "other-name": [ref("two", namespace="dogwood")],
             "idle": [ref("idle")],
             "unready": [ref("unready")], "port": [{"name": "one", "port": 81}], "missing-and-zero": [ref("missing", weight=9), ref("one", weight=0)]}
    c.route("backends-1", "backends.example", *[by(path("/" + name), **({"backendRefs": refs} if refs else {})) for name, refs in list(rules.items())[:6]])
    c.route("backends-2", "backends.example", *[by(path("/" + name), **({"backendRefs": refs} if refs else {})) for name, refs in list(rules.items())[6:]])
    c.ask("backends.example", *["/" + name for name in rules])


def hosts_in_filters(c):
    set_host = {"type": "RequestHeaderModifier", "requestHeaderModifier": {"set": [{"name": "Host", "value": "set.example"}]}}
    c.route("filters", "filters.example", by(path("/a"), filters=[set_host], **to("one")),
            by(path("/b"), filters=[set_host, {"type": "URLRewrite", "urlRewrite": {"hostname": "url.example"}}], **to("one")),
            by(path("/c", queryParams=[{"name": "a", "value": "1"}]), filters=[{"type": "RequestRedirect", "requestRedirect": {"hostname": "h.example"}}]))
    c.ask("filters.example", "/a", "/b", "/c", "/c?a=1", "/c?a=2")


def methods_and_headers(c):
    c.route("methods", "methods.example", by(path("/m", method="GET"), **to("one")), by(path("/h", **header("a b")), **to("two")))
    for method in ("GET", "HEAD", "POST"):
        c.ask("methods.example", "/m", method=method)
    for value in ("a b", "A B", "a  b", ""):
        c.ask("methods.example", "/h", headers=[["X-Env", value]])
    c.ask("methods.example", "/h", headers=[["X-Env", "x"], ["x-env", "a b"]])
    c.ask("methods.example", "/h", headers=[["X-Env", "x,a b"]])


def queries(c):
    def rule(target, value, **more):
        return by(path(target, queryParams=[{"name": "a", "value": value, **more}]), **to("one"))
    c.route("queries", "queries.example", rule("/q", "x y"), rule("/r", "1"), rule("/s", "1", type="RegularExpression"))
    c.ask("queries.example", "/q?a=x+y", "/q?a=x%20y", "/q?a=x%2By", "/r?a=1", "/r?a=2&a=1", "/r?a=1&a=2", "/r?A=1", "/r?%61=1", "/r?a=%31", "/r?a",
          "/r?b=1;a=1",
          "/s?a=11", "/s?a=1")


def hosts(c):
    c.route("hosts-1", "hosts.example", by(path("/"), **to("one")))
    c.route("hosts-2", "*.hosts.example", by(path("/w"), **to("two")))
    c.route("hosts-3", "*.example", by(path("/wide"), **to("three")), sections=["http", "https-safe", "lab"])
    c.route("hosts-4", ["api.pay.example", "apart.example"], by(path("/isolated"), **to("three")))   # api.pay.example has a listener, on another port
    for host in ("hosts.example", "HOSTS.Example", "hosts.example:1", "hosts.example.", "a.hosts.example", "a.b.hosts.example", "A.HOSTS.example:8080"):
        c.ask(host, "/", "/w", "/wide")
    for host in ("new.safe.example", "new.unsafe.example"):
        c.ask(host, "/wide", tls=True)
    c.ask("new.lab.example", "/wide")
    for host in ("api.pay.example", "apart.example"):
        c.ask(host, "/isolated")
    c.ask("www.safe.example", "/", tls=True, sni="api.safe.example")
    c.ask("WWW.safe.example", "/", tls=True, sni="www.safe.example")


def paths(c):
    c.route("paths", "paths.example", by(path("/ok"), **to("one")), by(path("/e%20f"), path("/tr/"), path("/exact/", "Exact"), path("/exact", "Exact"),
                                                                       **to("two")),
            by(path("/x"), path("/", "Exact"), **to("three")))
    c.ask("paths.example", "/e%20f", "/ok/%7e/%7E/%2f/%2F/%3A", "/ok/%5c", "/tr", "/tr/", "/tra", "/exact", "/exact/", "/exact//", "/ok/.hidden/...",
          "/ok/%2e%2e/x",
          "/ok/../../../ok", "/ok/..%2fx", "/", "//", "///", "//ok", "/ok//", "/ok/.", "/ok/x/..", "/ok;a=1", "/OK", "/ok?", "/ok?a=//b/../c",
          "/ok/%C3%A4", "/ok/a+b",
          "/%2e%2e/ok", "/a%2f../ok", "/ok/%252e/b", "/ok/..b", "/ok//../x", "/..", "/o%6B", "/ok/..;/x")


def ingress_paths(c):
    c.ingress("paths", "ingress-paths.example", [
        ("/foo", "Prefix", "one"), ("/foo/", "ImplementationSpecific", "two"), ("/bar", "ImplementationSpecific", "three"), ("/baz/", "Prefix", "one"),
        ("/ex/", "Exact", "one"), ("/re/[0-9]+", "ImplementationSpecific", "two"), ("/st/*", "ImplementationSpecific", "three"),
        ("/a.c", "ImplementationSpecific", "one"),
        ("/gone", "Prefix", "missing"), ("/idle", "Prefix", "idle"), ("/unready", "Prefix", "unready")])
    c.ask("ingress-paths.example", "/foo", "/foo/", "/foo/x", "/foobar", "/bar", "/barx", "/baz", "/bazx", "/ex", "/ex/", "/re/1", "/re/1/x", "/re/",
          "/st/", "/st/x", "/st",
          "/a.c", "/abc", "/other", "/gone", "/idle", "/unready", entrance="ingress")


def ingress_hosts(c):
    c.ingress("hosts-1", "*.ingress-hosts.example", [("/", "Prefix", "one")])
    c.ingress("hosts-2", "a.ingress-hosts.example", [("/a", "Prefix", "two")])
    for host in ("x.ingress-hosts.example", "X.INGRESS-HOSTS.example", "x.ingress-hosts.example:99", "x.y.ingress-hosts.example", "a.ingress-hosts.example",
                 "A.ingress-hosts.example", "ingress-hosts.example", "x.ingress-hosts.example."):
        c.ask(host, "/", "/a", entrance="ingress")


def ingress_tls(c):
    def tls(host, secret="safe-tls"):
        return [{"hosts": [host], "secretName": secret}]
    c.ingress("tls-forced", "forced.example", [("/", "Prefix", "one")], {"ingress.kubernetes.io/force-ssl-redirect": "true"}, tls=tls("forced.example"))
    c.ingress("tls-no-secret", "no-secret.example", [("/", "Prefix", "one")], tls=tls("no-secret.example", "nobody"))
    c.ingress("tls-only", "tls-only.example", [("/", "Prefix", "one")], {"kubernetes.io/ingress.allow-http": "false"}, tls=tls("tls-only.example"))
    c.ingress("tls-no-hosts", "no-hosts.example", [("/", "Prefix", "one")], tls=[{"secretName": "safe-tls"}])
    c.ingress("tls-other", "other-host.example", [("/", "Prefix", "one")], tls=tls("ruleless.example"))
    c.ingress("tls-wild", "*.tls-wild.example", [("/", "Prefix", "one")], tls=tls("*.tls-wild.example"))
    for host in ("forced.example", "no-secret.example", "tls-only.example", "no-hosts.example", "other-host.example", "ruleless.example",
                 "a.tls-wild.example",
                 "a.b.tls-wild.example", "nobody.nowhere"):
        c.ask(host, "/p?a=1", entrance="ingress")
        c.ask(host, "/p", entrance="ingress", tls=True)
    c.ask("forced.example:80", "/p", entrance="ingress")
    c.ask("forced.example:8080", "/p", entrance="ingress")
    c.ask("other.example", "/p", entrance="ingress", tls=True, sni="forced.example")
    c.ask("FORCED.example", "/p", entrance="ingress", tls=True, sni="forced.example")
