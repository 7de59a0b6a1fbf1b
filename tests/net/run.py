#!/usr/bin/env python3
"""Asks real servers on loopback what the probes make of them: nsd, openssl s_server, and listeners that misbehave.

    tests/net/run.py [gwdoctor-observe]     default build/release/tests/gwdoctor-observe
    -k WORD    only tests whose name holds WORD

The program itself, for what it must not send, is $GWDOCTOR or build/release/kubectl-gwdoctor.
"""

import argparse
import inspect
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent

try:
    import h2  # noqa: F401
except ImportError:
    # The interpreter that has python3-h2 may not be the first one on PATH.
    if sys.executable != "/usr/bin/python3" and os.path.exists("/usr/bin/python3"):
        os.execv("/usr/bin/python3", ["/usr/bin/python3", *sys.argv])
    sys.exit("tests/net: python3-h2 is not installed (scripts/install-deps.sh test)")

sys.path.insert(0, str(HERE))
import program  # noqa: E402
import visits  # noqa: E402
from health import health_server  # noqa: E402
from servers import (Certificates, Listener, NameServer, Stack, TlsServer, broken_datagrams, closed_port, full_backlog,  # noqa: E402
                     silent_datagrams)

HOST = "pay.example"


class Failed(Exception):
    pass


def same(found, expected, what=""):
    if found != expected:
        raise Failed(f"{what}: found {found!r}, expected {expected!r}" if what else f"found {found!r}, expected {expected!r}")


def holds(truth, what):
    if not truth:
        raise Failed(what)


class World:
    """What the tests share: the program, a folder, certificates and a name server."""

    def __init__(self, observe, folder, stack):
        self.observe_program = observe
        self.folder = folder
        self.stack = stack
        self.certificates = Certificates(folder)
        self.names = stack.add(NameServer(folder))

    def observe(self, *lines, timeout=1500, hosts=None, ca="root", environment=None, wrapper=()):
        """The answers' documents, and how many milliseconds they took together."""
        command = [*wrapper, str(self.observe_program), "--timeout", str(timeout)]
        command += ["--hosts", str(hosts or os.devnull)]
        if ca:
            command += ["--ca-file", self.certificates.path(ca + ".crt")]
        result = subprocess.run(command, input="\n".join(lines) + "\n", capture_output=True, text=True, timeout=60,
                                env={**os.environ, **(environment or {})})
        if result.returncode != 0:
            raise Failed(f"exit code {result.returncode}: {result.stderr}")
        document = json.loads(result.stdout)
        return document["answers"], document["milliseconds"]

    def one(self, line, **options):
        return self.observe(line, **options)[0][0]["status"]

    def dns(self, name, server=None, **options):
        return self.one(f"dns {name} {server or self.names.address}", **options)

    def tls(self, port, name=HOST, **options):
        return self.one(f"tls 127.0.0.1 {port} {name}", **options)

    def serve(self, certificate, *flags, **options):
        return self.stack.add(TlsServer(self.certificates, certificate, *flags, **options)).port


# --- DNS -----------------------------------------------------------------------------------------------------------------------

def test_a_name_with_both_families_and_their_ttl(world):
    found = world.dns("pay.example.test")
    same(found["a"], {"status": "ok", "addresses": [{"address": "203.0.113.10", "ttl": 300}]})
    same(found["aaaa"]["addresses"], [{"address": "2001:db8::10", "ttl": 300}])
    same(found["server"], world.names.address)
    holds(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", found["observedAt"]), "it says when")
    same(found["vantage"], "this machine")


def test_a_name_that_does_not_exist_is_not_an_empty_one(world):
    found = world.dns("missing.example.test")
    same((found["a"]["status"], found["aaaa"]["status"]), ("nxdomain", "nxdomain"))
    found = world.dns("text.example.test")
    same((found["a"]["status"], found["aaaa"]["status"]), ("empty", "empty"), "only a TXT record")
    found = world.dns("between.example.test")
    same(found["a"]["status"], "empty", "an empty non-terminal")


def test_one_family_alone(world):
    found = world.dns("v4.example.test")
    same((found["a"]["status"], found["aaaa"]["status"]), ("ok", "empty"))


def test_the_chain_of_aliases_with_each_ttl(world):
    found = world.dns("alias.example.test")
    same(found["aliases"], [{"from": "alias.example.test", "to": "middle.example.test", "ttl": 60},
                            {"from": "middle.example.test", "to": "pay.example.test", "ttl": 30}])
    same(found["a"]["addresses"][0]["address"], "203.0.113.10")


def test_an_alias_to_a_name_that_does_not_exist(world):
    found = world.dns("dangling.example.test")
    same(found["a"]["status"], "nxdomain")
    same(found["aliases"][-1]["to"], "gone.example.test")
    same(found["a"]["detail"], "gone.example.test does not exist")


def test_aliases_in_a_circle(world):
    found = world.dns("circle.example.test")
    holds(found["a"]["status"] in ("error", "servfail"), f"a circle is no answer: {found['a']}")


def test_an_alias_that_the_server_does_not_follow_proves_nothing(world):
    found = world.dns("outside.example.test")
    same(found["a"]["status"], "error")
    holds("does not follow" in found["a"]["detail"], found["a"]["detail"])


def test_a_wildcard_answers_for_what_is_asked(world):
    same(world.dns("any.wild.example.test")["a"]["status"], "ok")


def test_an_answer_too_large_for_a_datagram_is_fetched_over_tcp(world):
    found = world.dns("many.example.test")
    same(len(found["a"]["addresses"]), 120)


def test_servfail_of_a_zone_that_was_never_transferred(world):
    same(world.dns("www.lame.test")["a"]["status"], "servfail")


def test_refused_for_a_zone_of_somebody_else(world):
    same(world.dns("www.debian.org")["a"]["status"], "refused")


def test_a_server_that_is_silent_costs_its_timeout_once_for_all_names(world):
    port = world.stack.add(silent_datagrams()).port
    lines = [f"dns host{number}.example 127.0.0.1:{port}" for number in range(50)] + [f"dns pay.example.test {world.names.address}"]
    answers, milliseconds = world.observe(*lines, timeout=1000)
    same({answer["status"]["a"]["status"] for answer in answers[:50]}, {"timeout"})
    same(answers[50]["status"]["a"]["status"], "ok", "the other server's answer")
    holds(900 <= milliseconds < 2000, f"it took {milliseconds} ms, expected about 1000")


def test_a_port_where_nobody_listens_is_an_error_at_once(world):
    answers, milliseconds = world.observe(f"dns pay.example.test 127.0.0.1:{closed_port()}", timeout=5000)
    same(answers[0]["status"]["a"]["status"], "error")
    holds("nobody listens" in answers[0]["status"]["a"]["detail"], str(answers[0]["status"]["a"]))
    holds(milliseconds < 4000, f"it took {milliseconds} ms")


def test_broken_answers_are_errors_or_ignored_and_never_more(world):
    for name, port in broken_datagrams(world.stack):
        found = world.dns("pay.example.test", f"127.0.0.1:{port}", timeout=600)
        holds(found["a"]["status"] in ("error", "timeout"), f"{name}: {found['a']}")


def test_servers_that_disagree_are_told_apart(world):
    other = world.stack.add(NameServer(world.folder, {"pay": "198.51.100.7"}))
    answers, _ = world.observe(f"dns pay.example.test {world.names.address}", f"dns pay.example.test {other.address}")
    same([answer["status"]["a"]["addresses"][0]["address"] for answer in answers], ["203.0.113.10", "198.51.100.7"])
    same([answer["spec"]["server"] for answer in answers], [world.names.address, other.address])


def test_the_hosts_file_is_quoted_beside_the_answer(world):
    hosts = world.folder / "hosts"
    hosts.write_text("127.0.0.1 localhost\n10.9.8.7 PAY.example.test shop # test\n")
    answers, _ = world.observe("dns pay.example.test", hosts=hosts, timeout=300)
    same(answers[0]["status"]["hostsEntry"], "10.9.8.7 PAY.example.test shop")
    same(answers[0]["status"]["hostsAddresses"], ["10.9.8.7"])
    holds("hostsEntry" not in world.dns("pay.example.test", hosts=hosts), "a server that was named does not know this machine's file")


# --- TCP -----------------------------------------------------------------------------------------------------------------------

def test_connected_refused_and_dropped(world):
    backlog = world.stack.add(full_backlog())
    answers, milliseconds = world.observe(f"tcp 127.0.0.1 {world.serve('good')}", f"tcp 127.0.0.1 {closed_port()}",
                                          f"tcp 127.0.0.1 {backlog.port}", timeout=800)
    same([answer["status"]["result"] for answer in answers], ["connected", "refused", "timeout"])
    holds(milliseconds < 2000, f"it took {milliseconds} ms, expected about 800")


def test_a_network_without_a_way_out_says_nothing_about_the_address(world):
    wrapper = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--user", "--net"]
    if subprocess.run([*wrapper, "true"], capture_output=True).returncode != 0:
        return "namespaces are not allowed here"
    answers, _ = world.observe("tcp 203.0.113.10 443", "tls 2001:db8::1 443 pay.example", "dns pay.example 203.0.113.53",
                               wrapper=wrapper, timeout=500)
    same(answers[0]["status"]["result"], "no-route")
    same(answers[1]["status"]["connect"], "no-route")
    holds(answers[2]["status"]["a"]["status"] in ("error", "timeout"), str(answers[2]["status"]))


# --- TLS -----------------------------------------------------------------------------------------------------------------------

def test_a_good_certificate_is_trusted_and_covers_the_name(world):
    found = world.tls(world.serve("good", "-alpn", "h2"))
    same((found["connect"], found["handshake"], found["version"]), ("connected", "done", "TLSv1.3"))
    same((found["trust"], found["matchesName"], found["alpn"]), ("trusted", True, "h2"))
    holds("after" not in found, f"nothing came after the handshake: {found.get('after')}")
    leaf = found["chain"][0]
    same(len(found["chain"]), 2, "the leaf and the intermediate")
    same((leaf["subject"], leaf["issuer"], leaf["dnsNames"]), ("CN=pay.example", "CN=intermediate", ["pay.example", "*.pay.example"]))
    same(leaf["sha256"], world.certificates.fingerprint("good"))
    holds("clientCertificateRequested" not in found, "no certificate was asked for")


def test_without_the_ca_file_the_same_chain_is_not_trusted(world):
    found = world.tls(world.serve("good"), ca=None, environment={"SSL_CERT_FILE": world.certificates.path("other-root.crt")})
    same(found["trust"], "untrusted")
    holds("issuer certificate" in found["trustError"] or "self-signed" in found["trustError"], found["trustError"])


def test_a_machine_without_a_trust_store_does_not_judge(world):
    found = world.tls(world.serve("good"), ca=None, environment={"SSL_CERT_FILE": "/nonexistent", "SSL_CERT_DIR": "/nonexistent"})
    same((found["handshake"], found["trust"]), ("done", "unknown"))


def test_an_expired_certificate(world):
    found = world.tls(world.serve("expired"))
    same((found["handshake"], found["trust"], found["trustError"]), ("done", "untrusted", "certificate has expired"))
    holds(found["chain"][0]["notAfter"] < found["observedAt"], "its end is before now")


def test_a_self_signed_certificate(world):
    found = world.tls(world.serve("self-signed"))
    same((found["trust"], found["chain"][0]["selfSigned"]), ("untrusted", True))
    holds("self-signed" in found["trustError"], found["trustError"])


def test_a_certificate_for_another_host(world):
    found = world.tls(world.serve("wrong-host"))
    same((found["trust"], found["matchesName"]), ("trusted", False))


def test_a_chain_without_its_intermediate(world):
    found = world.tls(world.serve("incomplete"))
    same((len(found["chain"]), found["trust"]), (1, "untrusted"))
    holds("local issuer" in found["trustError"], found["trustError"])


def test_the_certificate_depends_on_the_name_asked_for(world):
    port = world.serve("good", second=("other.example", "wrong-host"))
    same(world.tls(port, "pay.example")["chain"][0]["commonName"], "pay.example")
    same(world.tls(port, "other.example")["chain"][0]["commonName"], "elsewhere.example")
    same(world.tls(port, "")["chain"][0]["commonName"], "pay.example")


def test_a_server_that_knows_no_such_name_sends_its_alert(world):
    port = world.serve("good", "-servername_fatal", second=("other.example", "wrong-host"))
    found = world.tls(port, "unknown.example")
    same((found["handshake"], found["alert"], found["alertName"]), ("alert", 112, "unrecognized_name"))


def test_a_server_that_speaks_only_old_versions(world):
    for version, name in (("-tls1_1", "TLSv1.1"), ("-tls1", "TLSv1")):
        found = world.tls(world.serve("good", version, "-cipher", "ALL:@SECLEVEL=0"))
        holds(found["handshake"] in ("alert", "error"), f"{name}: {found['handshake']}")
        same(found.get("legacyVersion"), name)


def test_tls_1_2_alone_is_fine(world):
    same(world.tls(world.serve("good", "-tls1_2"))["version"], "TLSv1.2")


def test_no_cipher_in_common(world):
    found = world.tls(world.serve("good", "-tls1_2", "-cipher", "AES128-SHA256:@SECLEVEL=0"))
    # The certificate's key is of an elliptic curve, the cipher wants RSA.
    same((found["handshake"], found["alertName"]), ("alert", "handshake_failure"))


def test_a_client_certificate_that_is_required(world):
    found = world.tls(world.serve("good", "-Verify", "1", "-verify_return_error", "-tls1_3"))
    same((found["handshake"], found["after"], found["alertName"]), ("done", "alert", "certificate_required"))
    same(found["clientCertificateRequested"], True)
    found = world.tls(world.serve("good", "-Verify", "1", "-verify_return_error", "-tls1_2"))
    same((found["handshake"], found["alertName"], found["clientCertificateRequested"]), ("alert", "handshake_failure", True))
    same(found["chain"][0]["commonName"], "pay.example", "the chain was served before")


def test_a_client_certificate_that_is_welcome(world):
    found = world.tls(world.serve("good", "-verify", "1"))
    same((found["handshake"], found["clientCertificateRequested"]), ("done", True))
    holds("after" not in found, f"nobody is refused: {found.get('after')}")


def test_plain_http_where_tls_was_expected(world):
    port = world.stack.add(Listener(lambda client: client.answer(b"HTTP/1.1 400 Bad Request\r\nServer: nginx\r\n\r\n"))).port
    found = world.tls(port)
    same(found["handshake"], "plain-http")
    same(found["detail"], 'the server answered "HTTP/1.1 400 Bad Request"')


def test_another_protocol_is_quoted_without_its_control_characters(world):
    port = world.stack.add(Listener(lambda client: client.answer(b"SSH-2.0-x\x1b[2J\r\n" + b"x" * 300))).port
    found = world.tls(port)
    same(found["handshake"], "not-tls")
    holds("SSH-2.0-x" in found["detail"] and "\x1b" not in found["detail"], found["detail"])


def test_a_server_that_closes_resets_or_is_silent(world):
    ports = [world.stack.add(Listener(action)).port for action in
             (lambda client: client.answer(b""), lambda client: client.reset(), lambda client: client.hold())]
    answers, milliseconds = world.observe(*[f"tls 127.0.0.1 {port} {HOST}" for port in ports], timeout=800)
    same([answer["status"]["handshake"] for answer in answers], ["closed", "reset", "timeout"])
    holds(milliseconds < 2500, f"it took {milliseconds} ms")


def test_a_server_that_resets_after_the_handshake(world):
    port = world.stack.add(Listener(lambda client: client.shake_and_reset(), world.certificates.context("good"))).port
    found = world.tls(port)
    same(found["handshake"], "done")
    holds(found.get("after") in ("reset", "closed"), str(found.get("after")))


def test_a_server_that_never_stops_sending(world):
    port = world.stack.add(Listener(lambda client: client.flood())).port
    found = world.tls(port)
    holds(found["handshake"] in ("error", "not-tls", "timeout"), found["handshake"])


def test_all_addresses_and_names_at_once(world):
    port = world.serve("good")
    silent = world.stack.add(Listener(lambda client: client.hold())).port
    lines = [f"tls 127.0.0.{number} {port} host{number}.example" for number in range(1, 30)]
    lines += [f"tls 127.0.0.1 {silent} host{number}.example" for number in range(1, 30)]
    answers, milliseconds = world.observe(*lines, timeout=1500)
    done = [answer["status"]["handshake"] for answer in answers]
    same(set(done[29:]), {"timeout"})
    holds(done[0] == "done", done[0])
    holds(milliseconds < 4000, f"it took {milliseconds} ms, expected about 1500")


# --- HTTP ----------------------------------------------------------------------------------------------------------------------

def test_an_answer_in_http_without_its_cookies(world):
    body = b"<html>" + b"x" * 5000
    head = b"HTTP/1.1 503 Service Unavailable\r\nServer: nginx\r\nSet-Cookie: session=hunter2\r\nContent-Length: %d\r\n\r\n" % len(body)
    port = world.stack.add(Listener(lambda client: client.answer(head + body))).port
    found = world.one(f"http 127.0.0.1 {port} {HOST} /healthz?x=1")
    same((found["result"], found["code"], found["version"]), ("answered", 503, "HTTP/1.1"))
    holds({"name": "server", "value": "nginx"} in found["headers"], str(found["headers"]))
    holds("hunter2" not in json.dumps(found), "the cookie is kept")
    same((len(found["body"]), found["bodyCut"]), (1024, True))


def test_http_that_is_refused_or_stays_silent(world):
    silent = world.stack.add(Listener(lambda client: client.hold())).port
    answers, _ = world.observe(f"http 127.0.0.1 {closed_port()} {HOST} /", f"http 127.0.0.1 {silent} {HOST} /", timeout=500)
    same([answer["status"]["result"] for answer in answers], ["refused", "timeout"])


def test_how_long_each_part_of_an_exchange_took(world):
    slow = visits.Pages({"/": (200, [("Set-Cookie", "session=hunter2")], "ok", 0.3)})

    def over_tls(client):
        with client.context.wrap_socket(client.connection, server_side=True) as secured:
            client.connection = secured
            slow(client)
    plain = world.stack.add(Listener(slow)).port
    secured = world.stack.add(Listener(over_tls, world.certificates.context("good"))).port
    answers, _ = world.observe(f"http 127.0.0.1 {plain} {HOST} /", f"http 127.0.0.1 {secured} {HOST} / tls")
    for answer, parts in zip(answers, ({"connectMilliseconds", "firstByteMilliseconds"},
                                       {"connectMilliseconds", "tlsMilliseconds", "firstByteMilliseconds"})):
        status = answer["status"]
        same((status["result"], set(status["phases"])), ("answered", parts))
        holds(290 <= status["phases"]["firstByteMilliseconds"] <= status["milliseconds"], str(status))
        same(status["setsCookie"], True)


# --- HTTP: the requests of --probe http, with the redirects that they lead through ----------------------------------------------

def pages(world, found, *flags):
    served = visits.Pages(found)
    port = world.stack.add(Listener(served)).port
    return visits.diagnose(world, port, *flags), served, port


def test_an_application_that_answers_is_shown_and_no_finding(world):
    diagnosis, served, port = pages(world, {"/": (200, [("x-envoy-upstream-service-time", "3")], "ok", 0.2)})
    same((diagnosis["verdict"], visits.codes(diagnosis), served.asked), ("healthy", [], ["GET / HTTP/1.1"]))
    [seen] = diagnosis["http"]
    same((seen["url"], seen["address"]), (f"http://pay.gwdoctor.dev:{port}/", f"127.0.0.1:{port}"))
    same((seen["result"], seen["status"], seen["speaker"]), ("answered", 200, "the application"))
    holds(seen["phases"]["firstByteMilliseconds"] >= 190, str(seen))
    holds(seen["phases"]["connectMilliseconds"] < 190, str(seen))


def test_without_the_probe_nothing_is_asked(world):
    diagnosis, served, _ = pages(world, {"/": (503, [], "no healthy upstream")}, "--probe", "tcp")
    same((visits.codes(diagnosis), served.asked), ([], []))
    holds("http" not in diagnosis, "nothing was asked and something is shown")


def test_an_error_in_the_words_of_a_data_plane(world):
    diagnosis, _, port = pages(world, {"/": (503, [("server", "envoy")], "no healthy upstream")})
    same((diagnosis["verdict"], visits.codes(diagnosis)), ("degraded", ["http-error-served"]))
    [finding] = diagnosis["findings"]
    same(finding["message"], f"GET http://pay.gwdoctor.dev:{port}/ is answered 503 by Envoy: no healthy upstream "
                             "(the backend has no endpoint that is ready)")
    same((finding["certainty"], finding["reason"]), ("observed", "probe-http-503-edge"))
    holds({"status.code", "status.body", "status.phases"} <= {one["path"] for one in finding["evidence"]}, str(finding["evidence"]))


def test_the_path_that_was_chosen_is_asked(world):
    diagnosis, served, _ = pages(world, {"/healthz?full=1": (200, [], "ok")}, "--probe", "http=/healthz?full=1")
    same((visits.codes(diagnosis), served.asked), ([], ["GET /healthz?full=1 HTTP/1.1"]))


def test_redirects_are_followed_by_their_references(world):
    diagnosis, served, _ = pages(world, {"/": (302, [("Location", "a/b")], ""), "/a/b": (307, [("Location", "../c?d=e#f")], ""),
                                         "/c?d=e": (200, [], "ok")})
    same((diagnosis["verdict"], served.asked), ("healthy", ["GET / HTTP/1.1", "GET /a/b HTTP/1.1", "GET /c?d=e HTTP/1.1"]))
    same([one["status"] for one in diagnosis["http"][0]["redirects"]], [302, 307])


def test_redirects_in_a_circle(world):
    circle = {"/": (302, [("Location", "/login")], ""), "/login": (302, [("Location", "/")], "")}
    diagnosis, served, port = pages(world, circle)
    same((visits.codes(diagnosis), len(served.asked)), (["route-redirect-loop"], 2))
    url = f"http://pay.gwdoctor.dev:{port}/"
    same(diagnosis["findings"][0]["message"], f"GET {url} is redirected in a circle: to {url}login, and back to {url}")
    same(diagnosis["http"][0]["result"], "redirect-loop")
    with_cookie = {**circle, "/": (302, [("Location", "/login"), ("Set-Cookie", "seen=1")], "")}
    diagnosis, _, _ = pages(world, with_cookie)
    same((diagnosis["verdict"], visits.codes(diagnosis)), ("healthy", []), "a client keeps the cookie")


def test_eleven_redirects_are_one_too_many(world):
    diagnosis, served, _ = pages(world, {f"/{number or ''}": (302, [("Location", f"/{number + 1}")], "") for number in range(20)})
    same((visits.codes(diagnosis), len(served.asked)), (["route-redirect-loop"], 11))
    same(diagnosis["http"][0]["result"], "too-many-redirects")


def test_nobody_is_led_to_another_host_without_dns(world):
    trap = visits.Pages({})
    port = world.stack.add(Listener(trap)).port
    for target in (f"http://127.0.0.2:{port}/", f"http://localhost:{port}/", f"http://metadata.gwdoctor.dev:{port}/"):
        diagnosis, _, _ = pages(world, {"/": (302, [("Location", target)], "")})
        same((visits.codes(diagnosis), diagnosis["http"][0]["result"], trap.asked), ([], "redirected", []), target)


def test_the_health_of_a_grpc_server_over_http_2(world):
    context = world.certificates.context("good")
    context.set_alpn_protocols(["h2"])
    for secured in (None, context):
        for reply, expected in ((b"\x08\x01", {"status": 0, "serving": "SERVING"}), (b"\x08\x02", {"status": 0, "serving": "NOT_SERVING"}),
                                (None, {"status": 12, "message": "unknown service"})):
            port = world.stack.add(health_server(reply, secured)).port
            found = world.one(f"grpc 127.0.0.1 {port} {HOST}" + (" tls" if secured else ""))
            same((found["result"], found["code"], found["version"]), ("answered", 200, "HTTP/2"))
            same(found["grpc"], expected)
            holds("body" not in found, str(found))


def test_a_server_without_http_2_says_nothing_about_grpc(world):
    port = world.stack.add(Listener(lambda client: client.answer(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"))).port
    found = world.one(f"grpc 127.0.0.1 {port} {HOST}", timeout=500)
    holds(found["result"] in ("closed", "reset", "error"), str(found))
    holds("grpc" not in found, str(found))


# --- the program: what it sends ------------------------------------------------------------------------------------------------

def test_a_grpc_route_is_asked_for_its_health(world):
    return program.asks_for_grpc_health(world, same, holds)


def test_a_websocket_is_opened_told_and_left(world):
    return program.opens_a_websocket(world, same, holds)


def test_what_opens_no_websocket_is_told(world):
    return program.is_refused_a_websocket(world, same, holds)


# --- the program: what it must not send ----------------------------------------------------------------------------------------

def test_from_files_nothing_is_sent(world):
    return program.sends_nothing_from_files(world, holds)


def test_without_probes_only_the_api_server_is_spoken_to(world):
    return program.speaks_to_the_server_alone(world, holds)


def tests(word):
    found = [(name, function) for name, function in globals().items() if name.startswith("test_") and inspect.isfunction(function)]
    return [(name, function) for name, function in found if not word or word in name]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("observe", nargs="?", default=str(ROOT / "build/release/tests/gwdoctor-observe"))
    parser.add_argument("-k", dest="word", default="")
    options = parser.parse_args()
    missing = [tool for tool in ("nsd", "openssl") if not shutil.which(tool) and not os.path.exists(f"/usr/sbin/{tool}")]
    if missing:
        sys.exit(f"tests/net: {', '.join(missing)} is not installed (scripts/install-deps.sh test)")
    passed = failed = skipped = 0
    with tempfile.TemporaryDirectory(prefix="gwdoctor-net-") as folder, Stack() as shared:
        world = World(Path(options.observe).resolve(), Path(folder), shared)
        for name, function in tests(options.word):
            with Stack() as own:
                world.stack = own
                started = time.monotonic()
                try:
                    reason = function(world)
                except Failed as problem:
                    failed += 1
                    print(f"FAILED {name}: {problem}", flush=True)
                except Exception:  # noqa: BLE001
                    failed += 1
                    print(f"FAILED {name}:\n{traceback.format_exc()}", flush=True)
                else:
                    passed += not reason
                    skipped += bool(reason)
                    note = f" (skipped: {reason})" if reason else ""
                    print(f"ok {name}{note} ({time.monotonic() - started:.1f} s)", flush=True)
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
