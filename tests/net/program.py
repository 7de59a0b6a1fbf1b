"""What kubectl-gwdoctor itself sends: WebSocket handshakes, and nothing, seen by strace, where it is told to send nothing."""

import base64
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "apiserver"))
from server import Api, Server, tls_context  # noqa: E402
from health import health_server  # noqa: E402
from servers import Listener  # noqa: E402
from world import World  # noqa: E402

TOKEN = "net-suite"


def binary():
    return str((ROOT / os.environ.get("GWDOCTOR", "build/release/kubectl-gwdoctor")).resolve())


def traced(command, folder, environment=None, stdin=None):
    """(result, the network system calls it made), or None where tracing is not allowed."""
    log = folder / "strace.log"
    if not shutil.which("strace"):
        return None
    result = subprocess.run(["strace", "-f", "-qq", "-e", "trace=network", "-e", "signal=none", "-o", str(log), *command], input=stdin,
                            capture_output=True, text=True, timeout=120, env=environment)
    if "PTRACE" in result.stderr or "ptrace" in result.stderr:
        return None
    return result, log.read_text().splitlines()


def endpoints(calls):
    """Every address and port that a system call names, and every datagram or connection that names none."""
    found = set()
    for call in calls:
        for port, address in re.findall(r'sin6?_port=htons\((\d+)\).*?(?:inet_addr\("|inet_pton\(AF_INET6, ")([0-9a-f.:]+)"', call):
            if re.search(r"\b(?:connect|sendto|sendmsg|sendmmsg)\(", call):
                found.add((address, int(port)))
    return found


def can_see(world, holds):
    """Whether strace shows what is sent; a suite that sees nothing proves nothing."""
    seen = traced([str(world.observe_program), "--timeout", "200"], world.folder, stdin="tcp 127.0.0.1 9\ndns a.example 127.0.0.1:9\n")
    if seen is None:
        return False
    holds(("127.0.0.1", 9) in endpoints(seen[1]), "strace does not show a connection that was made")
    return True


ENTRANCE = """
apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: {name: eg}
spec: {controllerName: gateway.envoyproxy.io/gatewayclass-controller}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: web, namespace: shop}
spec:
  gatewayClassName: eg
  listeners: [{name: http, protocol: HTTP, port: %d}]
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: chat, namespace: shop}
spec:
  parentRefs: [{name: web}]
  hostnames: [chat.example]
  rules: [{backendRefs: [{name: chat, port: 80}]}]
---
apiVersion: v1
kind: Service
metadata: {name: chat, namespace: shop}
spec: {selector: {app: chat}, ports: [{port: 80}]}
"""


def handshake(world, port, form):
    """What `trace --send` prints of a WebSocket handshake with that port."""
    manifests = world.folder / f"chat-{port}.yaml"
    manifests.write_text(ENTRANCE % port)
    command = [binary(), "trace", f"ws://chat.example:{port}/room", "--resolve", f"chat.example:{port}:127.0.0.1", "--send"]
    command += ["--from", str(manifests), "-n", "shop", "-o", form]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60)
    if not result.stdout:
        raise RuntimeError(f"exit code {result.returncode}: {result.stderr}")
    return result.stdout


def opens_a_websocket(world, same, holds):
    requests = []

    def upgrade(client):
        request = client.first_words().decode()
        requests.append(request)
        key = re.search(r"\r\nSec-WebSocket-Key: (\S+)\r\n", request).group(1)
        accept = base64.b64encode(hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest())  # RFC 6455, 4.2.2
        client.connection.sendall(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                  b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n\x81\x02hi")
        client.hold()

    port = world.stack.add(Listener(upgrade)).port
    started = time.monotonic()
    answer = json.loads(handshake(world, port, "json"))["sent"]
    seconds = time.monotonic() - started
    same((answer["status"], answer["upgraded"], answer["agrees"]), (101, True, True), str(answer))
    holds("notUpgraded" not in answer, str(answer))
    holds(seconds < 8, f"it took {seconds:.1f} s to leave an open connection")
    holds("  WebSocket  opened\n" in handshake(world, port, "text"), "the text does not tell that it was opened")
    for line in ("GET /room HTTP/1.1", "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13"):
        holds(line + "\r\n" in requests[0], f"{line!r} is not in {requests[0]!r}")
    same(len(base64.b64decode(re.search(r"Sec-WebSocket-Key: (\S+)", requests[0]).group(1))), 16)


def is_refused_a_websocket(world, same, holds):
    accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
    for head, word in ((b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        b"Sec-WebSocket-Accept: " + accept.encode() + b"\r\n", f"Sec-WebSocket-Accept is {accept}, expected"),
                       (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n", "the answer is 200, not 101"),
                       (b"HTTP/1.1 426 Upgrade Required\r\nSec-WebSocket-Version: 8\r\nContent-Length: 0\r\n", "WebSocket version 8")):
        port = world.stack.add(Listener(lambda client, head=head: client.answer(head + b"\r\n"))).port
        answer = json.loads(handshake(world, port, "json"))["sent"]
        same(answer["upgraded"], False, str(answer))
        holds(word in answer["notUpgraded"], str(answer))
        holds("  WebSocket  not opened: " in handshake(world, port, "text"), "the text does not tell that it was not opened")


def asks_for_grpc_health(world, same, holds):
    case = (ROOT / "checks" / "grpc-not-serving" / "cases" / "b-serving.yaml").read_text().split("---\napiVersion: gwdoctor.dev/v1")[0]
    for reply, expected in ((b"\x08\x01", set()), (b"\x08\x02", {"grpc-not-serving"}), (None, set())):
        port = world.stack.add(health_server(reply)).port
        text = case.replace("203.0.113.20", "127.0.0.1")
        text = text.replace("port: 80\n", f"port: {port}\n").replace("port: 80,", f"port: {port},")
        manifests = world.folder / f"grpc-{port}.yaml"
        manifests.write_text(text)
        command = [binary(), "route", "payments-api", "-n", "payments", "--from", str(manifests), "-o", "json", "--probe", "http"]
        result = subprocess.run(command, capture_output=True, text=True, timeout=60)
        holds(result.stdout, f"exit code {result.returncode}: {result.stderr}")
        found = {finding["code"] for finding in json.loads(result.stdout)["findings"]}
        same(found & {"grpc-not-serving"}, expected, result.stdout)


def sends_nothing_from_files(world, holds):
    if not can_see(world, holds):
        return "strace is not allowed here"
    for example in ("payments-broken", "payments-healthy"):
        for flags in ([], ["--probe", "none"]):
            command = [binary(), "route", "payments-api", "-n", "payments", "--from", str(ROOT / "examples" / example), "-o", "json", *flags]
            result, calls = traced(command, world.folder)
            holds(result.returncode in (0, 1, 4), f"exit code {result.returncode}: {result.stderr}")
            holds(json.loads(result.stdout)["kind"].startswith("Diagnosis"), "a diagnosis is printed")
            internet = [call for call in calls if "AF_INET" in call]
            holds(not internet, f"{' '.join(flags) or 'without flags'}: {internet[:3]}")
    return None


def speaks_to_the_server_alone(world, holds):
    if not can_see(world, holds):
        return "strace is not allowed here"
    path = world.certificates.path
    certificate, key = Path(path("good.crt")).read_bytes(), Path(path("good.key")).read_bytes()
    server = Server(Api(World(certificate, key), TOKEN), tls_context(path("good.crt"), path("good.key"), path("root.crt"), False))
    try:
        kubeconfig = world.folder / "kubeconfig"
        cluster = {"server": f"https://127.0.0.1:{server.port}", "certificate-authority": path("root.crt"), "tls-server-name": "pay.example"}
        kubeconfig.write_text(json.dumps({
            "apiVersion": "v1", "kind": "Config", "current-context": "c",
            "contexts": [{"name": "c", "context": {"cluster": "c", "user": "c", "namespace": "payments"}}],
            "clusters": [{"name": "c", "cluster": cluster}], "users": [{"name": "c", "user": {"token": TOKEN}}]}))
        environment = {"HOME": str(world.folder), "PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
        command = [binary(), "route", "payments-api", "--kubeconfig", str(kubeconfig), "-o", "json", "--probe", "none"]
        result, calls = traced(command, world.folder, environment)
    finally:
        server.close()
    holds(result.returncode in (0, 1, 4), f"exit code {result.returncode}: {result.stderr}")
    spoken = endpoints(calls)
    holds(spoken == {("127.0.0.1", server.port)}, f"it spoke to {sorted(spoken)}, expected 127.0.0.1:{server.port} alone")
    return None
