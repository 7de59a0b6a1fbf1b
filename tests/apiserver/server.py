"""An API server over TLS, HTTP/2 and HTTP/1.1, that misbehaves on request. Standard library and h2 (Debian: python3-h2).

A fault is a function of a Request that returns a Reply, or None where the request is to be answered as usual.
"""

import gzip
import json
import socket
import ssl
import struct
import threading
import time
from urllib.parse import parse_qs, unquote, urlsplit

from world import RESOURCES

try:
    import h2.config
    import h2.connection
    import h2.errors
    import h2.events
    import h2.exceptions
except ImportError:
    h2 = None

V2 = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"


class Request:
    def __init__(self, method, target, headers, body=b""):
        self.method = method
        self.headers = headers  # lower-case names
        split = urlsplit(target)
        self.target = target
        self.path = unquote(split.path)
        self.query = {key: values[0] for key, values in parse_qs(split.query, keep_blank_values=True).items()}
        self.body = body


class Reply:
    """status, headers, a body of bytes or a generator of bytes; and how to go wrong while sending it."""

    def __init__(self, status=200, body=b"", headers=(), content_type="application/json", delay=0.0, cut=None, reset=False,
                 goaway=False, rst_stream=False, drip=None, garbage=False):
        if isinstance(body, (dict, list)):
            body = json.dumps(body).encode()
        if isinstance(body, str):
            body = body.encode()
        self.status, self.body, self.headers = status, body, list(headers)
        if content_type:
            self.headers.append(("content-type", content_type))
        self.delay = delay            # seconds before the first byte
        self.cut = cut                # close after so many bytes of the body
        self.reset = reset            # no answer, but a TCP reset
        self.goaway = goaway          # HTTP/2: GOAWAY that disowns this stream, then close
        self.rst_stream = rst_stream  # HTTP/2: RST_STREAM INTERNAL_ERROR
        self.drip = drip              # seconds between single bytes
        self.garbage = garbage        # bytes that are no HTTP


def status(code, reason, message, details=None):
    return Reply(code, {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": message,
                        "reason": reason, "details": details or {}, "code": code})


def matches_labels(selector, labels):
    """The equality, set and existence forms of a label selector."""
    parts, depth, start = [], 0, 0
    for at, letter in enumerate(selector + ","):
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if letter == "," and depth == 0:
            parts.append(selector[start:at].strip())
            start = at + 1
    for part in filter(None, parts):
        if " in (" in part or " notin (" in part:
            key, _, values = part.partition(" notin (" if " notin (" in part else " in (")
            inside = labels.get(key.strip()) in [each.strip() for each in values.rstrip(")").split(",")]
            if inside == (" notin (" in part):
                return False
        elif "!=" in part:
            key, _, value = part.partition("!=")
            if labels.get(key) == value:
                return False
        elif "=" in part:
            key, _, value = part.replace("==", "=").partition("=")
            if labels.get(key) != value:
                return False
        elif part.startswith("!"):
            if part[1:] in labels:
                return False
        elif part not in labels:
            return False
    return True


def matches_fields(selector, thing):
    for part in filter(None, selector.split(",")):
        negated = "!=" in part
        path, _, value = part.partition("!=" if negated else "=")
        here = thing
        for step in path.split("."):
            here = here.get(step, {}) if isinstance(here, dict) else {}
        if ((here if isinstance(here, str) else "") == value) == negated:
            return False
    return True


class Api:
    """Answers requests from a world, as kube-apiserver would."""

    def __init__(self, world, token, legacy=False, page=500):
        self.world, self.token, self.legacy, self.page = world, token, legacy, page

    def answer(self, request, has_certificate):
        if request.headers.get("authorization") != f"Bearer {self.token}" and not has_certificate:
            return status(401, "Unauthorized", "Unauthorized")
        steps = [step for step in request.path.split("/") if step]
        if request.method == "POST":
            return self.review(request, steps)
        if steps in (["api"], ["apis"]):
            return self.discovery(request, steps[0] == "api")
        if steps[:1] == ["api"]:
            return self.resource(request, "", steps[1:])
        if steps[:1] == ["apis"] and len(steps) > 1:
            return self.resource(request, steps[1], steps[2:])
        if steps == ["version"]:
            return Reply(200, {"major": "1", "minor": "34", "gitVersion": "v1.34.0"})
        return Reply(404, "404 page not found\n", content_type="text/plain; charset=utf-8")

    def review(self, request, steps):
        body = json.loads(request.body or b"{}")
        body["status"] = {"allowed": True}
        return Reply(201, body)

    def groups(self):
        groups = {}
        for group, version, *_ in RESOURCES:
            if version not in groups.setdefault(group, []):
                groups[group].append(version)
        return groups

    def discovery(self, request, core):
        groups = {group: versions for group, versions in self.groups().items() if (group == "") == core}
        if self.legacy or "as=APIGroupDiscoveryList" not in request.headers.get("accept", ""):
            if core:
                return Reply(200, {"kind": "APIVersions", "versions": ["v1"]})
            return Reply(200, {"kind": "APIGroupList", "apiVersion": "v1", "groups": [
                {"name": group, "versions": [{"groupVersion": f"{group}/{version}", "version": version} for version in versions],
                 "preferredVersion": {"groupVersion": f"{group}/{versions[0]}", "version": versions[0]}}
                for group, versions in groups.items()]})
        items = [{"metadata": {"name": group} if group else {}, "versions": [
            {"version": version, "freshness": "Current", "resources": [
                {"resource": plural, "responseKind": {"group": group, "version": version, "kind": kind},
                 "scope": "Namespaced" if namespaced else "Cluster", "verbs": ["get", "list", "watch"]}
                for of, at, plural, kind, namespaced in RESOURCES if (of, at) == (group, version)]} for version in versions]}
            for group, versions in groups.items()]
        return Reply(200, {"kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "metadata": {}, "items": items},
                     content_type=V2)

    def resource(self, request, group, steps):
        if not steps or steps[0] not in self.groups().get(group, []):
            return Reply(404, "404 page not found\n", content_type="text/plain; charset=utf-8")
        version, rest = steps[0], steps[1:]
        full = f"{group}/{version}" if group else version
        if not rest:
            return Reply(200, {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": full, "resources": [
                {"name": plural, "kind": kind, "namespaced": namespaced, "singularName": kind.lower(), "verbs": ["get", "list"]}
                for of, at, plural, kind, namespaced in RESOURCES if (of, at) == (group, version)]})
        ns = ""
        if rest[0] == "namespaces" and len(rest) > 2:
            ns, rest = rest[1], rest[2:]
        row = self.world.find(group, version, rest[0])
        if row is None:
            return status(404, "NotFound", "the server could not find the requested resource")
        _, _, plural, kind, _ = row
        items = self.world.items(group, plural, ns)
        if len(rest) > 1:
            for item in items:
                if item["metadata"]["name"] == rest[1]:
                    return Reply(200, {"kind": kind, "apiVersion": full, **item})
            name = f"{plural}.{group}" if group else plural
            return status(404, "NotFound", f'{name} "{rest[1]}" not found', {"name": rest[1], "group": group, "kind": plural})
        return self.page_of(request, items, kind, full, typed=group == "gateway.networking.k8s.io")

    def page_of(self, request, items, kind, full, typed):
        items = [item for item in items if matches_labels(request.query.get("labelSelector", ""), item["metadata"].get("labels", {}))
                 and matches_fields(request.query.get("fieldSelector", ""), item)]
        start = int(request.query.get("continue", "page-0").removeprefix("page-"))
        size = min(int(request.query.get("limit", "500")), self.page)
        shown = items[start:start + size]
        metadata = {"resourceVersion": "1000"}
        if start + size < len(items):
            metadata.update({"continue": f"page-{start + size}", "remainingItemCount": len(items) - start - size})
        if typed:  # lists of custom resources say the type of each item, those of built-in kinds do not
            shown = [{"apiVersion": full, "kind": kind, **item} for item in shown]
        body = {"kind": f"{kind}List", "apiVersion": full, "metadata": metadata, "items": shown}
        raw = json.dumps(body).encode()
        if "gzip" in request.headers.get("accept-encoding", "") and len(raw) > 2048:
            return Reply(200, gzip.compress(raw, 1), [("content-encoding", "gzip")])
        return Reply(200, raw)


class Server:
    """One listening socket; each connection has a thread. `close` ends all of them."""

    def __init__(self, api, context, fault=None, http2=True, plain=False):
        self.api, self.context, self.fault, self.plain = api, context, fault, plain
        self.requests, self.lock, self.closing = [], threading.Lock(), False
        self.connections = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        if context:
            context.set_alpn_protocols(["h2", "http/1.1"] if http2 and h2 else ["http/1.1"])
        threading.Thread(target=self.accept, daemon=True).start()

    def close(self):
        self.closing = True
        self.listener.close()

    def accept(self):
        while not self.closing:
            try:
                raw, _ = self.listener.accept()
            except OSError:
                return
            with self.lock:
                self.connections += 1
            threading.Thread(target=self.serve, args=(raw,), daemon=True).start()

    def serve(self, raw):
        try:
            raw.settimeout(10)
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.plain:
                return Http1(self, raw, raw, False).run()
            tls = self.context.wrap_socket(raw, server_side=True)
            certificate = bool(tls.getpeercert(binary_form=True))
            kind = Http2 if tls.selected_alpn_protocol() == "h2" else Http1
            kind(self, tls, tls, certificate).run()
        except (OSError, ValueError, ssl.SSLError):
            pass
        finally:
            try:
                raw.close()
            except OSError:
                pass

    def reply(self, request, certificate):
        with self.lock:
            self.requests.append(request)
        fault = self.fault(request) if self.fault else None
        return fault or self.api.answer(request, certificate)


def reset(sock):
    """Closes with a TCP reset instead of an orderly end."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    # The plain descriptor: an orderly TLS shutdown would come first otherwise.
    socket.socket(fileno=sock.detach()).close()


def chunks_of(body, size=65536):
    if isinstance(body, bytes):
        for start in range(0, len(body), size):
            yield body[start:start + size]
    else:
        yield from body


class Http1:
    def __init__(self, server, sock, _raw, certificate):
        self.server, self.sock, self.certificate = server, sock, certificate
        self.buffer = b""

    def run(self):
        while not self.server.closing:
            while b"\r\n\r\n" not in self.buffer:
                data = self.sock.recv(65536)
                if not data:
                    return
                self.buffer += data
                if self.buffer.startswith(b"\x16\x03"):  # a ClientHello: a plain server takes it for a broken request
                    self.sock.sendall(b"HTTP/1.0 400 Bad Request\r\n\r\nClient sent a TLS handshake to an HTTP server.\n")
                    return
            head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
            lines = head.decode("latin-1").split("\r\n")
            method, target, _ = lines[0].split(" ", 2)
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
            length = int(headers.get("content-length", "0"))
            while len(self.buffer) < length:
                self.buffer += self.sock.recv(65536)
            body, self.buffer = self.buffer[:length], self.buffer[length:]
            if not self.answer(self.server.reply(Request(method, target, headers, body), self.certificate)):
                return

    def answer(self, reply):
        until = time.monotonic() + reply.delay
        while time.monotonic() < until and not self.server.closing:
            time.sleep(0.02)
        if reply.reset or reply.goaway or reply.rst_stream:
            reset(self.sock)
            return False
        if reply.garbage:
            self.sock.sendall(b"\x00\x01\x02 this is not HTTP \x1b[31m\r\n\r\n")
            return False
        whole = isinstance(reply.body, bytes)
        lines = [f"HTTP/1.1 {reply.status} X"] + [f"{name}: {value}" for name, value in reply.headers]
        lines.append(f"content-length: {len(reply.body)}" if whole else "transfer-encoding: chunked")
        self.sock.sendall(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))
        sent = 0
        for chunk in chunks_of(reply.body, 1 if reply.drip else 65536):
            if reply.drip:
                time.sleep(reply.drip)
            if reply.cut is not None and sent + len(chunk) > reply.cut:
                chunk = chunk[:reply.cut - sent]
            self.sock.sendall(chunk if whole else b"%x\r\n%s\r\n" % (len(chunk), chunk))
            sent += len(chunk)
            if (reply.cut is not None and sent >= reply.cut) or self.server.closing:
                return False
        if not whole:
            self.sock.sendall(b"0\r\n\r\n")
        return True


class Http2:
    def __init__(self, server, sock, _raw, certificate):
        self.server, self.sock, self.certificate = server, sock, certificate
        self.h2 = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False, header_encoding="utf-8"))
        self.requests = {}  # stream -> [headers, body]
        self.waiting = []   # (due, stream, reply)
        self.sending = {}   # stream -> [reply, iterator, pending bytes, sent, next time]

    def run(self):
        self.h2.initiate_connection()
        self.flush()
        self.sock.settimeout(0.01)
        while not self.server.closing:
            try:
                data = self.sock.recv(65536)
                if not data:
                    return
                self.receive(data)
            except (ssl.SSLWantReadError, TimeoutError):
                pass
            self.sock.settimeout(10)
            alive = self.start_due() and self.pump()
            self.flush()
            if not alive:
                return
            self.sock.settimeout(0.001 if self.sending else 0.01)

    def flush(self):
        data = self.h2.data_to_send()
        if data:
            self.sock.sendall(data)

    def receive(self, data):
        for event in self.h2.receive_data(data):
            if isinstance(event, h2.events.RequestReceived):
                self.requests[event.stream_id] = [dict(event.headers), b""]
            elif isinstance(event, h2.events.DataReceived):
                self.requests[event.stream_id][1] += event.data
                self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            elif isinstance(event, h2.events.StreamEnded):
                headers, body = self.requests.pop(event.stream_id)
                request = Request(headers[":method"], headers[":path"], headers, body)
                request.headers["host"] = headers.get(":authority", headers.get("host", ""))
                reply = self.server.reply(request, self.certificate)
                self.waiting.append((time.monotonic() + reply.delay, event.stream_id, reply))
            elif isinstance(event, h2.events.StreamReset):
                self.sending.pop(event.stream_id, None)
                self.waiting = [each for each in self.waiting if each[1] != event.stream_id]

    def start_due(self):
        due = [each for each in self.waiting if each[0] <= time.monotonic()]
        self.waiting = [each for each in self.waiting if each not in due]
        for _, stream, reply in due:
            if reply.reset:
                reset(self.sock)
                return False
            if reply.garbage:
                self.sock.sendall(b"\xff\xff\xff\xff\xffnot HTTP/2 at all" * 20)
                return False
            if reply.goaway:
                self.flush()
                # No stream was processed: all of them may be sent again elsewhere (RFC 9113 6.8).
                self.sock.sendall(b"\x00\x00\x08\x07\x00\x00\x00\x00\x00" + struct.pack(">II", 0, 0))
                time.sleep(0.05)
                return False
            if reply.rst_stream:
                self.h2.reset_stream(stream, h2.errors.ErrorCodes.INTERNAL_ERROR)
                continue
            headers = [(":status", str(reply.status))] + [(name.lower(), value) for name, value in reply.headers]
            if isinstance(reply.body, bytes):
                headers.append(("content-length", str(len(reply.body))))
            self.h2.send_headers(stream, headers)
            self.sending[stream] = [reply, chunks_of(reply.body), b"", 0, 0.0]
        return True

    def pump(self):
        for stream in list(self.sending):
            state = self.sending[stream]
            reply, source = state[0], state[1]
            while True:
                if not state[2]:
                    chunk = next(source, None)
                    state[2] = None if chunk is None else memoryview(chunk)
                if state[2] is None:
                    self.h2.end_stream(stream)
                    del self.sending[stream]
                    break
                room = min(self.h2.local_flow_control_window(stream), self.h2.max_outbound_frame_size)
                if room <= 0 or (reply.drip and time.monotonic() < state[4]):
                    break
                size = 1 if reply.drip else room
                if reply.cut is not None:
                    size = min(size, reply.cut - state[3])
                piece, state[2] = bytes(state[2][:size]), state[2][size:]
                self.h2.send_data(stream, piece)
                self.flush()
                state[3] += len(piece)
                state[4] = time.monotonic() + (reply.drip or 0)
                if reply.cut is not None and state[3] >= reply.cut:
                    return False
        return True


class Proxy:
    """An HTTP proxy that knows CONNECT alone; `refuse` answers with that status instead."""

    def __init__(self, refuse=None):
        self.refuse, self.targets = refuse, []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def close(self):
        self.listener.close()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.tunnel, args=(client,), daemon=True).start()

    def tunnel(self, client):
        try:
            head = b""
            while b"\r\n\r\n" not in head:
                head += client.recv(4096)
            target = head.split(b" ", 2)[1].decode()
            self.targets.append(target)
            if self.refuse:
                client.sendall(b"HTTP/1.1 %d No\r\ncontent-length: 0\r\n\r\n" % self.refuse)
                return client.close()
            host, _, port = target.rpartition(":")
            upstream = socket.create_connection((host, int(port)))
            client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            threading.Thread(target=self.copy, args=(upstream, client), daemon=True).start()
            self.copy(client, upstream)
        except (OSError, ValueError, IndexError):
            client.close()

    @staticmethod
    def copy(source, sink):
        try:
            while data := source.recv(65536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass


def tls_context(certificate, key, client_ca=None, require_client=False):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    if client_ca:
        context.load_verify_locations(client_ca)
        context.verify_mode = ssl.CERT_REQUIRED if require_client else ssl.CERT_OPTIONAL
    return context
