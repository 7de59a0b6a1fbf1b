#!/usr/bin/env python3
"""Runs kubectl-gwdoctor against an API server that misbehaves in one way at a time.

    tests/apiserver/run.py [BINARY]            default build/release/kubectl-gwdoctor
    tests/apiserver/run.py --probe PROGRAM     tests/apiserver/probe.cc in its place: the live source alone
    -k WORD    only scenarios whose name holds WORD;  -v    shows the outputs of those that fail

Each run must end in time with the exit code that docs/exit-codes.md gives, print JSON that parses, never call the route
healthy when a fact it needs could not be read, name the permission that is missing, and never print a token or a key.
"""

import argparse
import json
import os
import re
import secrets
import signal
import subprocess
import sys
import tempfile
import time
import zlib
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
HARD_LIMIT = 40

try:
    import h2  # noqa: F401
except ImportError:
    # The interpreter that has python3-h2 may not be the first one on PATH.
    if sys.executable != "/usr/bin/python3" and os.path.exists("/usr/bin/python3"):
        os.execv("/usr/bin/python3", ["/usr/bin/python3", *sys.argv])
    sys.exit("tests/apiserver: python3-h2 is not installed")

sys.path.insert(0, str(HERE))
from server import Api, Proxy, Reply, Server, status, tls_context  # noqa: E402
from world import HOST, World  # noqa: E402

PAYMENTS = "/namespaces/payments/"


class Certificates:
    """An authority, a server certificate, and all that must be refused; made by the openssl command."""

    def __init__(self, folder):
        self.folder = folder
        self.authority("ca")
        self.authority("other-ca")
        self.leaf("server", "ca", "DNS:kubernetes.default.svc,DNS:localhost,IP:127.0.0.1")
        self.leaf("wrong-name", "ca", "DNS:elsewhere.example")
        self.leaf("wrong-ca", "other-ca", "DNS:localhost,IP:127.0.0.1")
        self.leaf("expired", "ca", "DNS:localhost,IP:127.0.0.1", ["-days", "-1"])
        self.leaf("client", "ca", "DNS:client")
        self.leaf("wildcard", "ca", f"DNS:*.{HOST.partition('.')[2]}")

    def path(self, name):
        return str(self.folder / name)

    def read(self, name):
        return (self.folder / name).read_bytes()

    def openssl(self, *arguments):
        subprocess.run(["openssl", *arguments], check=True, capture_output=True, cwd=self.folder)

    def key(self, name):
        self.openssl("ecparam", "-genkey", "-name", "prime256v1", "-noout", "-out", f"{name}.key")

    def authority(self, name):
        self.key(name)
        self.openssl("req", "-x509", "-new", "-key", f"{name}.key", "-out", f"{name}.crt", "-days", "90", "-subj", f"/CN={name}",
                     "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign")

    def leaf(self, name, authority, names, days=("-days", "90")):
        self.key(name)
        (self.folder / "names.cnf").write_text(f"subjectAltName={names}\n")
        self.openssl("req", "-new", "-key", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
        self.openssl("x509", "-req", "-in", f"{name}.csr", "-CA", f"{authority}.crt", "-CAkey", f"{authority}.key", "-CAcreateserial",
                     "-out", f"{name}.crt", "-extfile", "names.cnf", *days)


# --- faults: which requests, how often, and what comes instead -----------------------------------------------------------------

def on(pattern, reply, times=None):
    """Replies so to the requests whose path and query match; `times` limits how often. `reply` may be a function of the request."""
    expression, left = re.compile(pattern), [times]

    def fault(request):
        if not expression.search(request.target) or left[0] == 0:
            return None
        if left[0] is not None:
            left[0] -= 1
        return reply(request) if callable(reply) else reply

    return fault


ALL = "."
SERVICE = PAYMENTS + r"services/payments-api$"
SLICES = PAYMENTS + r"endpointslices"
PODS = PAYMENTS + r"pods"
ROUTE = PAYMENTS + r"httproutes"
DISCOVERY = r"^/apis?$"


def forbidden(group, resource, verb):
    def reply(request):
        where = f' in the namespace "payments"' if PAYMENTS in request.target else ""
        return status(403, "Forbidden", f'{resource} is forbidden: User "jane" cannot {verb} resource "{resource}" in API group '
                      f'"{group}"{where}', {"group": group, "kind": resource})
    return reply


def echo(request):
    text = "you sent " + request.headers.get("authorization", "") + " \x1b[31mred\x1b[0m \u202egnirts"
    return status(403, "Forbidden", text, {"kind": "services"})


def big_page(megabytes):
    """Pods with enormous annotations, streamed."""
    padding = b"x" * 400_000

    def stream(ready):
        yield b'{"kind":"PodList","apiVersion":"v1","metadata":{},"items":['
        for number in range(int(megabytes * 1e6 / len(padding))):
            ready["metadata"]["name"] = f"payments-api-{number:06d}"
            head = json.dumps(ready).encode()[:-1]
            yield (b"," if number else b"") + head + b',"padding":"' + padding + b'"}'
        yield b"]}"

    def reply(_request):
        pod = {"metadata": {"namespace": "payments", "labels": {"app": "payments-api"}}, "spec": {"containers": []},
               "status": {"phase": "Running", "podIP": "10.1.0.10", "conditions": [{"type": "Ready", "status": "True"}]}}
        return Reply(200, stream(pod))
    return reply


def bomb(request):
    """A gigabyte of spaces in a few hundred kilobytes of gzip, inside a list that never ends."""
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return None
    packer = zlib.compressobj(6, zlib.DEFLATED, 31)
    head = packer.compress(b'{"kind":"PodList","apiVersion":"v1","metadata":{},"items":[') + packer.flush(zlib.Z_FULL_FLUSH)
    packer.compress(b"")
    block = packer.compress(b" " * (16 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)

    def stream():
        yield head
        for _ in range(64):
            yield block
    return Reply(200, stream(), [("content-encoding", "gzip")])


def gone_in_mid_list(request):
    if "continue=" not in request.target:
        return None
    return status(410, "Expired", "The provided continue parameter is too old to display a consistent list result.")


def truncated(request):
    return Reply(200, b'{"kind":"Service","apiVersion":"v1","metadata":{"name":"payments-api"' + b" " * 500 + b"}}", cut=80)


HTML = Reply(200, "<!DOCTYPE html><title>Sign in</title><body>Please sign in</body>", content_type="text/html")
TOO_MANY = status(429, "TooManyRequests", "The server has received too many requests and has asked us to try again later")
TOO_MANY_SOON = status(429, "TooManyRequests", "try again later")
TOO_MANY_SOON.headers += [("Retry-After", "1"), ("X-Kubernetes-PF-FlowSchema-UID", "d1b2")]
UNAVAILABLE = status(503, "ServiceUnavailable", "the server is currently unable to handle the request")
UNAVAILABLE.headers += [("Retry-After", "1")]
INTERNAL = status(500, "InternalError", "etcdserver: leader changed")
STALE = Reply(200, {"kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "metadata": {}, "items": [
    {"metadata": {"name": "gateway.networking.k8s.io"}, "versions": [{"version": "v1", "freshness": "Stale", "resources": []}]}]},
    content_type="application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList")
WARNINGS = [("Warning", f'299 - "policy/v1beta{number} is \x1b[31mdeprecated\x1b[0m"') for number in range(300)]


class Scenario:
    def __init__(self, name, codes, fault=None, needs=None, says=None, healthy=None, **setup):
        self.name, self.codes, self.fault, self.needs, self.says, self.setup = name, codes, fault, needs, says, setup
        # Healthy is right only where the code says that nothing was missing.
        self.healthy = healthy if healthy is not None else codes == {0}


def need(verb, group, resource, namespace="payments"):
    return {"verb": verb, "group": group, "resource": resource, "namespace": namespace}


OK, MISSING, UNREACHABLE = {0}, {4}, {3}
SHORT = {"timeout": 3}


def scenarios():
    gateway = "gateway.networking.k8s.io"
    yield Scenario("a healthy cluster", OK, connections=1)
    yield Scenario("a client certificate instead of a token", OK, certificate=True)
    yield Scenario("a server name for TLS that is not the host", OK, tls_server_name="kubernetes.default.svc")
    yield Scenario("a slow server", OK, on(ALL, lambda request: ("late", 1.5)))
    yield Scenario("one answer never comes", MISSING, on(SERVICE, Reply(delay=3600)), **SHORT)
    yield Scenario("no answer ever comes", UNREACHABLE, on(ALL, Reply(delay=3600)), **SHORT)
    yield Scenario("an answer drips", MISSING, on(SERVICE, Reply(200, b"{" + b" " * 5000, drip=0.5)), **SHORT)
    yield Scenario("one connection reset", OK, on(SERVICE, Reply(reset=True), 1))
    yield Scenario("the first connection reset", OK, on(ALL, Reply(reset=True), 1))
    yield Scenario("a request is reset each time", MISSING, on(SERVICE, Reply(reset=True)))
    yield Scenario("each request is reset", UNREACHABLE, on(ALL, Reply(reset=True)))
    yield Scenario("a truncated body", MISSING, on(SERVICE, truncated))
    yield Scenario("a truncated body once", OK, on(SERVICE, truncated, 1))
    yield Scenario("401 once, then well", OK, on(ALL, status(401, "Unauthorized", "Unauthorized"), 1))
    yield Scenario("401 always", UNREACHABLE, on(ALL, status(401, "Unauthorized", "Unauthorized")), says="logged in")
    yield Scenario("401 without a Status", UNREACHABLE, on(ALL, Reply(401, "who are you?", content_type="text/plain")), says="logged in")
    yield Scenario("the Service may not be read", MISSING, on(SERVICE, forbidden("", "services", "get")), need("get", "", "services"))
    yield Scenario("EndpointSlices may not be listed", MISSING, on(SLICES, forbidden("discovery.k8s.io", "endpointslices", "list")),
                   need("list", "discovery.k8s.io", "endpointslices"))
    yield Scenario("the target may not be read", MISSING, on(ROUTE, forbidden(gateway, "httproutes", "get")),
                   need("get", gateway, "httproutes"))
    yield Scenario("403 without a Status", MISSING, on(SERVICE, Reply(403, "<b>no</b>", content_type="text/html")),
                   need("get", "", "services"))
    yield Scenario("a 404 that names nothing", MISSING, on(SERVICE, Reply(404, "404 page not found\n", content_type="text/plain")))
    yield Scenario("a 404 of a proxy", MISSING, on(SERVICE, Reply(404, "<html>nothing here</html>", content_type="text/html")))
    yield Scenario("a 404 about another object", MISSING, on(SERVICE, status(404, "NotFound", "x", {"name": "x", "kind": "services"})))
    yield Scenario("lists of one object a page", OK, page=1)
    yield Scenario("410 once in the middle of a list", OK, on(PODS, gone_in_mid_list, 1), page=1)
    yield Scenario("410 always in the middle of a list", {0, 4}, on(PODS, gone_in_mid_list), page=1, healthy=True)
    yield Scenario("429 twice with Retry-After", OK, on(SERVICE, TOO_MANY_SOON, 2))
    yield Scenario("429 always", MISSING, on(SERVICE, TOO_MANY_SOON))
    yield Scenario("429 without Retry-After", MISSING, on(SERVICE, TOO_MANY))
    yield Scenario("503 once with Retry-After", OK, on(SERVICE, UNAVAILABLE, 1))
    yield Scenario("500", MISSING, on(SERVICE, INTERNAL))
    yield Scenario("500 for everything", MISSING, on(ALL, INTERNAL))
    yield Scenario("malformed JSON", MISSING, on(SERVICE, Reply(200, b'{"kind":"Service","apiVersion":"v1",')))
    yield Scenario("malformed JSON in a list", MISSING, on(SLICES, Reply(200, b'{"kind":"EndpointSliceList","items":[{]}')))
    yield Scenario("an empty body", MISSING, on(SERVICE, Reply(200, b"")))
    yield Scenario("deeply nested JSON", MISSING, on(SERVICE, Reply(200, b"[" * 200_000)))
    yield Scenario("another kind than was asked for", MISSING, on(SERVICE, Reply(200, {"kind": "Pod", "apiVersion": "v1"})))
    yield Scenario("an object where a list was asked for", MISSING, on(SLICES, Reply(200, {"kind": "Service", "apiVersion": "v1"})))
    yield Scenario("a list without items", MISSING,
                   on(SLICES, Reply(200, {"kind": "EndpointSliceList", "apiVersion": "discovery.k8s.io/v1", "metadata": {}})))
    yield Scenario("a list that never ends", MISSING, on(SLICES, Reply(200, {
        "kind": "EndpointSliceList", "apiVersion": "discovery.k8s.io/v1", "metadata": {"continue": "again"}, "items": []})))
    yield Scenario("a wrong content type", MISSING, on(SERVICE, Reply(200, b"\x0ak8s", content_type="application/vnd.kubernetes.protobuf")))
    yield Scenario("an HTML page for one request", MISSING, on(SERVICE, HTML))
    yield Scenario("an HTML page for everything", MISSING, on(ALL, HTML))
    yield Scenario("a redirect to a login page", {3, 4}, on(ALL, Reply(302, b"", [("location", "https://login.example/?s=1")])))
    yield Scenario("a list of 200 MB", {0, 1, 4}, on(PODS, big_page(200)), healthy=True)
    yield Scenario("an answer beyond every limit", {0, 1, 4}, on(PODS, big_page(400)), healthy=True)
    yield Scenario("a decompression bomb", MISSING, on(SLICES, bomb))
    yield Scenario("GOAWAY while requests are on their way", OK, on(ALL, Reply(goaway=True), 1), keeps_http2=True)
    yield Scenario("GOAWAY later on", OK, on(SERVICE, Reply(goaway=True), 1), keeps_http2=True)
    yield Scenario("a stream of HTTP/2 reset", OK, on(SERVICE, Reply(rst_stream=True), 1))
    yield Scenario("each stream of HTTP/2 reset, HTTP/1.1 works", OK,
                   on(ALL, lambda request: Reply(rst_stream=True) if ":path" in request.headers else None))
    yield Scenario("bytes that are no HTTP", {0, 4}, on(SERVICE, Reply(garbage=True)))
    yield Scenario("HTTP/1.1 only", OK, http2=False)
    yield Scenario("HTTP/1.1 and a reset", OK, on(SERVICE, Reply(reset=True), 1), http2=False)
    yield Scenario("HTTP/1.1 and a truncated body", MISSING, on(SERVICE, truncated), http2=False)
    yield Scenario("HTTP/1.1 and bytes that are no HTTP", MISSING, on(SERVICE, Reply(garbage=True)), http2=False)
    yield Scenario("HTTP/1.1 and a decompression bomb", MISSING, on(SLICES, bomb), http2=False)
    yield Scenario("HTTP/1.1 forced by the environment", OK, environment={"GWDOCTOR_HTTP": "1.1"})
    yield Scenario("a certificate for another name", UNREACHABLE, server_certificate="wrong-name", says="certificate")
    yield Scenario("a certificate of another authority", UNREACHABLE, server_certificate="wrong-ca", says="unknown authority")
    yield Scenario("an expired certificate", UNREACHABLE, server_certificate="expired", says="expired")
    yield Scenario("no TLS at all", UNREACHABLE, plain=True)
    yield Scenario("nobody listens", UNREACHABLE, nobody=True, says="was refused")
    yield Scenario("a host name that does not exist", UNREACHABLE, server="https://api.does-not-exist.invalid:6443", says="no such host")
    yield Scenario("a client certificate is demanded", UNREACHABLE, require_client=True, no_token=True)
    yield Scenario("the server of an older Kubernetes", OK, legacy=True)
    yield Scenario("discovery is forbidden", {0, 4}, on(DISCOVERY, forbidden("", "/apis", "get")), healthy=True)
    yield Scenario("discovery fails", {0, 4}, on(DISCOVERY, INTERNAL), healthy=True)
    yield Scenario("discovery is HTML", {0, 4}, on(DISCOVERY, HTML), healthy=True)
    yield Scenario("the group of Gateway API is stale", {0, 4}, on("^/apis$", STALE), healthy=True)
    yield Scenario("the API below another path", {3, 4}, path="/k8s/clusters/c-1")
    yield Scenario("the server repeats the token", MISSING, on(SERVICE, echo), need("get", "", "services"))
    yield Scenario("hundreds of warnings", OK, on("^/version$", None), warnings=True)
    yield Scenario("through a proxy", OK, proxy=True)
    yield Scenario("through a proxy, with another server name for TLS", OK, proxy=True, tls_server_name="kubernetes.default.svc")
    yield Scenario("a proxy that refuses", UNREACHABLE, proxy=True, refuse=403, says="proxy")
    yield Scenario("interrupted while waiting", {130}, on(SERVICE, Reply(delay=3600)), interrupt=2)


# --- one run -----------------------------------------------------------------------------------------------------------------

class Runner:
    def __init__(self, options, folder):
        self.options, self.folder = options, folder
        self.certificates = Certificates(folder)
        self.token = "tok-" + secrets.token_hex(20)
        self.password = "pass-" + secrets.token_hex(12)
        self.hidden = [self.token, self.password] + [line for name in ("client", "wildcard") for line in
                                      self.certificates.read(f"{name}.key").decode().splitlines() if len(line) > 40]

        # The world's addresses and names exist nowhere.
        self.no_probes = []
        if not options.probe:
            usage = subprocess.run([options.binary, "route", "--help"], capture_output=True, text=True, timeout=HARD_LIMIT)
            self.no_probes = ["--probe", "none"] if "--probe" in usage.stdout else []

    def serve(self, scenario):
        setup = scenario.setup
        world = World(self.certificates.read("wildcard.crt") + self.certificates.read("ca.crt"), self.certificates.read("wildcard.key"))
        api = Api(world, self.token, legacy=setup.get("legacy", False), page=setup.get("page", 500))
        fault = scenario.fault

        def misbehave(request):
            found = fault(request) if fault else None
            if isinstance(found, tuple):
                found, seconds = api.answer(request, False), found[1]
                found.delay = seconds
            if setup.get("warnings") and found is None:
                found = api.answer(request, False)
                found.headers += WARNINGS
            return found

        name = setup.get("server_certificate", "server")
        context = tls_context(self.certificates.path(f"{name}.crt"), self.certificates.path(f"{name}.key"),
                              self.certificates.path("ca.crt"), setup.get("require_client", False))
        return Server(api, context, misbehave, setup.get("http2", True), setup.get("plain", False))

    def command(self, scenario, url, proxy):
        setup = scenario.setup
        token = "" if setup.get("certificate") or setup.get("no_token") else self.token
        if self.options.probe:
            (self.folder / "token").write_text(token)
            command = [self.options.probe, "--server", url, "--ca", self.certificates.path("ca.crt"), "-v", "9"]
            command += ["--token", str(self.folder / "token")] if token else []
            if setup.get("certificate"):
                command += ["--cert", self.certificates.path("client.crt"), "--key", self.certificates.path("client.key")]
            if setup.get("tls_server_name"):
                command += ["--tls-server-name", setup["tls_server_name"]]
            command += ["--proxy", proxy] if proxy else []
            return command + (["--request-timeout", str(setup["timeout"] * 1000)] if "timeout" in setup else [])
        cluster = {"server": url, "certificate-authority": self.certificates.path("ca.crt")}
        if setup.get("tls_server_name"):
            cluster["tls-server-name"] = setup["tls_server_name"]
        if proxy:
            cluster["proxy-url"] = proxy
        user = {"token": token} if token else {}
        if setup.get("certificate"):
            user = {"client-certificate": self.certificates.path("client.crt"), "client-key": self.certificates.path("client.key")}
        config = {"apiVersion": "v1", "kind": "Config", "current-context": "faulty",
                  "contexts": [{"name": "faulty", "context": {"cluster": "faulty", "user": "faulty", "namespace": "default"}}],
                  "clusters": [{"name": "faulty", "cluster": cluster}], "users": [{"name": "faulty", "user": user}]}
        kubeconfig = self.folder / "kubeconfig"
        kubeconfig.write_text(json.dumps(config))
        command = [self.options.binary, "route", "payments-api", "-n", "payments", "--kubeconfig", str(kubeconfig), "-o", "json",
                   "-v", "9", *self.no_probes]
        return command + (["--request-timeout", f"{setup['timeout']}s"] if "timeout" in setup else [])

    def run(self, scenario):
        """The complaints about one scenario, and its output."""
        setup = scenario.setup
        server = self.serve(scenario)
        url = setup.get("server") or f"https://127.0.0.1:{server.port}{setup.get('path', '')}"
        if setup.get("nobody"):
            server.close()
            time.sleep(0.05)
        proxy = Proxy(setup.get("refuse")) if setup.get("proxy") else None
        address = f"http://me:{self.password}@127.0.0.1:{proxy.port}" if proxy else None
        environment = {"HOME": str(self.folder), "PATH": os.environ["PATH"], "LANG": "C.UTF-8", **setup.get("environment", {})}
        began = time.monotonic()
        process = subprocess.Popen(self.command(scenario, url, address), stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment,
                                   stdin=subprocess.DEVNULL)
        try:
            if "interrupt" in setup:
                time.sleep(setup["interrupt"])
                process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=HARD_LIMIT)
            code = process.returncode
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            code = "hang"
        finally:
            server.close()
            if proxy:
                proxy.close()
        out, err = out.decode(errors="replace"), err.decode(errors="replace")
        self.took = time.monotonic() - began
        complaints = list(self.judge(scenario, code, out, err))
        if server.connections > setup.get("connections", 1000):
            complaints.append(f"opened {server.connections} connections, expected {setup['connections']}")
        if setup.get("keeps_http2") and ":path" not in server.requests[-1].headers:
            complaints.append("fell back to HTTP/1.1")
        if proxy and not proxy.targets:
            complaints.append("went past the proxy")
        return complaints, f"exit {code}, {server.connections} connections\n{out[:6000]}\n{err[-6000:]}"

    def judge(self, scenario, code, out, err):
        if code == "hang":
            yield f"did not end within {HARD_LIMIT} s"
            return
        if code not in scenario.codes:
            yield f"exit code {code}, expected {' or '.join(map(str, sorted(scenario.codes)))}"
        if code == 130 and self.took > scenario.setup["interrupt"] + 2:
            yield "took long to notice the interrupt"
        for text, where in ((out, "stdout"), (err, "stderr")):
            for secret in self.hidden:
                if secret in text:
                    yield f"{where} holds a secret"
            if re.search(r"[\x00-\x08\x0b-\x1f\x7f\x80-\x9f\u202a-\u202e]", text):
                yield f"{where} holds control characters"
        if scenario.says and scenario.says not in err + out:
            yield f"nowhere says {scenario.says!r}"
        if code in (0, 1, 4):
            yield from self.judge_json(scenario, code, out)
        elif not err.strip() and code != 130:
            yield "fails without a word on stderr"

    def judge_json(self, scenario, code, out):
        try:
            diagnosis = json.loads(out)
        except ValueError as problem:
            yield f"stdout is no JSON: {problem}"
            return
        verdicts = {each.get("verdict") for each in diagnosis.get("items", [diagnosis])}
        if "healthy" in verdicts and (not scenario.healthy or code != 0):
            yield "says healthy although a fact that it needs could not be read"
        if scenario.codes == OK and code == 0 and verdicts != {"healthy"}:
            yield f"verdict {verdicts}, expected healthy"
        if scenario.needs and scenario.needs not in list(needs_in(diagnosis)):
            yield f"does not name the missing permission {scenario.needs}"


def needs_in(tree):
    if isinstance(tree, dict):
        if isinstance(tree.get("needs"), dict):
            yield {"namespace": "", "group": "", **tree["needs"]}
        for value in tree.values():
            yield from needs_in(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from needs_in(value)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary", nargs="?", default=str(ROOT / "build/release/kubectl-gwdoctor"))
    parser.add_argument("--probe")
    parser.add_argument("-k", default="")
    parser.add_argument("-v", action="store_true")
    options = parser.parse_args()
    program = options.probe or options.binary
    if not os.access(program, os.X_OK):
        sys.exit(f"tests/apiserver: there is no program {program}")
    passed = failed = 0
    with tempfile.TemporaryDirectory() as folder:
        runner = Runner(options, Path(folder))
        for scenario in scenarios():
            if options.k not in scenario.name:
                continue
            complaints, output = runner.run(scenario)
            passed, failed = passed + (not complaints), failed + bool(complaints)
            if complaints or options.v:
                print(f"{'FAILED' if complaints else 'passed'}  {scenario.name} ({runner.took:.1f} s)")
            for complaint in complaints:
                print(f"        {complaint}")
            if complaints and options.v:
                print("        " + output.replace("\n", "\n        "))
            sys.stdout.flush()
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
