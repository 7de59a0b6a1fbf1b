"""Real requests: backends that say who they are, and a client that sends exactly the bytes it is told to."""
import http.client
import json
import re
import socket
import ssl
import threading
from concurrent.futures import ThreadPoolExecutor

CONTAINER_PORT = {80: 8080, 443: 8443, 8080: 16080}   # listener port to the port of the Envoy


def own_address():
    """An address of this machine that an EndpointSlice may hold: not loopback, not link-local. None where there is none."""
    try:   # nothing is sent: connecting a datagram socket only asks the routing table
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.connect(("203.0.113.1", 9))
            found = [probe.getsockname()[0]]
    except OSError:
        found = []
    try:
        with open("/proc/net/fib_trie", encoding="ascii") as table:
            found += re.findall(r"\|-- (\S+)\n\s+/32 host LOCAL", table.read())
    except OSError:
        pass
    return next((a for a in found if not a.startswith(("127.", "169.254.", "0."))), None)


class Backends:
    """Listens on `count` free ports of one address; each answers with the port that was asked and the request as it came. `seen`: (port, id) of each."""

    def __init__(self, address, count):
        self.address = address
        self.sockets, self.seen = [], []
        for _ in range(count):
            listener = socket.create_server((address, 0), backlog=64)
            self.sockets.append(listener)
            threading.Thread(target=self.accept, args=(listener,), daemon=True).start()
        self.ports = [s.getsockname()[1] for s in self.sockets]

    def accept(self, listener):
        while True:
            try:
                connection, peer = listener.accept()
            except OSError:
                return
            if peer[0] != self.address:   # the address is not loopback: others may knock
                connection.close()
                continue
            threading.Thread(target=self.serve, args=(connection, listener.getsockname()[1]), daemon=True).start()

    def serve(self, connection, port):
        with connection, connection.makefile("rb") as stream:
            while True:
                try:
                    head = read_head(stream)
                    if not head:
                        return
                    method, target, _ = head[0].split(" ", 2)
                    headers = [line.split(":", 1) for line in head[1:]]
                    headers = [[name.lower(), value.strip()] for name, value in headers]
                    stream.read(int(dict(headers).get("content-length", 0)))
                    self.seen.append((port, dict(headers).get("x-traffic-id")))
                    # In a header, since the answer to HEAD has no body.
                    saw = json.dumps({"port": port, "method": method, "target": target, "headers": headers})
                    answer = ["HTTP/1.1 200 OK", "X-Flag: of-backend", "X-Team: of-backend", f"X-Backend-Saw: {saw}", "Content-Length: 0"]
                    connection.sendall(("\r\n".join(answer) + "\r\n\r\n").encode("ascii"))
                except (OSError, ValueError):
                    return

    def close(self):
        for listener in self.sockets:
            listener.close()


def read_head(stream):
    lines = []
    while True:
        line = stream.readline(65536)
        if not line.strip():
            return lines
        lines.append(line.decode("latin-1").rstrip("\r\n"))


CONTEXT = ssl.create_default_context()
CONTEXT.check_hostname = False
CONTEXT.verify_mode = ssl.CERT_NONE


def send(request, address):
    """What became of the request: {"status", "location", "headers", "backend": what the backend saw}, or {"failed": why there is no answer}."""
    head = [f"{request['method']} {request['target']} HTTP/1.1", f"Host: {request['host']}"]
    head += [f"{name}: {value}" for name, value in request["headers"]] + [f"X-Traffic-Id: {request['id']}", "Connection: close"]
    if request["method"] in ("POST", "PUT"):
        head.append("Content-Length: 0")
    try:
        with socket.create_connection((address, CONTAINER_PORT[request["port"]]), timeout=20) as plain:
            connection = CONTEXT.wrap_socket(plain, server_hostname=request["sni"] or None) if request["tls"] else plain
            with connection:
                connection.sendall(("\r\n".join(head) + "\r\n\r\n").encode("latin-1"))
                answer = http.client.HTTPResponse(connection, method=request["method"])
                answer.begin()
                answer.read()
    except (OSError, http.client.HTTPException) as error:
        return {"failed": f"{type(error).__name__}: {error}"}
    headers = [[name.lower(), value] for name, value in answer.getheaders()]
    found = {"status": answer.status, "location": answer.getheader("Location"), "headers": sorted(h for h in headers if h[0] != "x-backend-saw")}
    saw = answer.getheader("X-Backend-Saw")
    return {**found, "backend": json.loads(saw)} if saw else found


def send_all(requests, addresses, threads=3):
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(lambda r: send(r, addresses[r["entrance"]]), requests))


def served_by(file):
    """Request id to (kind, namespace, name, status, flags, details) as the Envoy logged it; "-" where no route matched."""
    found = {}
    with open(file, encoding="utf-8", errors="replace") as log:
        for line in log:
            words = line.split()
            if len(words) >= 7:
                found[words[0]] = words[1:7]
    return found
