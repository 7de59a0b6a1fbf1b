"""What kubectl-gwdoctor makes of HTTP servers of all kinds: the requests of --probe http, to real listeners."""

import json
import subprocess
import time

from program import ROOT, binary

CASE = ROOT / "checks" / "http-error-served" / "cases" / "b-answered.yaml"


class Pages:
    """Answers requests by their path; remembers them. A page is (status, headers, body) or (status, headers, body, seconds to wait)."""

    def __init__(self, pages):
        self.pages = pages
        self.asked = []

    def __call__(self, client):
        line = client.first_words().split(b"\r\n")[0].decode()
        if not line:  # a connection alone: the TCP probe
            return
        self.asked.append(line)
        page = self.pages.get(line.split()[1], (404, [], "no such page"))
        status, headers, body = page[:3]
        time.sleep(page[3] if len(page) > 3 else 0)
        head = "".join(f"{name}: {value}\r\n" for name, value in headers)
        client.connection.sendall(f"HTTP/1.1 {status} x\r\n{head}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}".encode())


def diagnose(world, port, *flags):
    """The diagnosis of a route whose Gateway is at this port of loopback, and nothing else of it wrong."""
    text = CASE.read_text().split("---\napiVersion: gwdoctor.dev/v1")[0]
    text = text.replace("203.0.113.20", "127.0.0.1").replace("port: 80\n", f"port: {port}\n").replace("port: 80,", f"port: {port},")
    file = world.folder / f"world-{port}.yaml"
    file.write_text(text)
    command = [binary(), "route", "payments-api", "-n", "payments", "--from", str(file), "-o", "json", *(flags or ("--probe", "http"))]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60)
    if result.returncode not in (0, 1, 4):
        raise RuntimeError(f"exit code {result.returncode}: {result.stderr}")
    return json.loads(result.stdout)


def codes(diagnosis):
    return [finding["code"] for finding in diagnosis["findings"]]
