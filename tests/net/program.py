"""What kubectl-gwdoctor itself sends where it is told to send nothing, seen by strace."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "apiserver"))
from server import Api, Server, tls_context  # noqa: E402
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
