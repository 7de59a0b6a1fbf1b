"""What stands around the data plane while the network is probed: a load balancer that can be turned off, a name server, and what a client sees."""
import hashlib
import os
import shutil
import signal
import socket
import ssl
import sys
import threading
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "net"))
from servers import Certificates, Process, answers_tcp, free_port  # noqa: E402

CONTEXT = ssl.create_default_context()
CONTEXT.check_hostname = False
CONTEXT.verify_mode = ssl.CERT_NONE


class Relay:
    """Passes the connections to address:port on to `target`, another such pair, as a load balancer does. Without a target the port is closed, and so is
    every connection."""

    def __init__(self, address, port, target):
        self.address, self.port = address, port
        self.connections = 0
        self.open = set()     # sockets of connections under way
        self.target, self.listener = None, None
        self.to(target)

    def to(self, target):
        self.target = target
        if target is None:
            self.close()
        elif self.listener is None:
            self.listener = socket.create_server((self.address, self.port), backlog=64)
            self.port = self.listener.getsockname()[1]
            threading.Thread(target=self.accept, args=(self.listener,), daemon=True).start()

    def accept(self, listener):
        while True:
            try:
                client, peer = listener.accept()
            except OSError:
                return
            if peer[0] != self.address and not peer[0].startswith("127."):   # the address may not be loopback: others may knock
                client.close()
                continue
            self.connections += 1
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        try:
            server = socket.create_connection(self.target, timeout=10)
        except (OSError, TypeError):
            client.close()
            return
        self.open |= {client, server}
        back = threading.Thread(target=copy, args=(server, client), daemon=True)
        back.start()
        copy(client, server)
        back.join()
        for end in (client, server):
            self.open.discard(end)
            end.close()

    def close(self):
        if self.listener is not None:
            try:   # closing alone does not wake the thread that waits in accept
                self.listener.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            self.listener.close()
            self.listener = None
            for end in list(self.open):   # those that others keep for their next request
                try:
                    end.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass


def copy(source, sink):
    try:
        while data := source.recv(65536):
            sink.sendall(data)
    except OSError:
        pass
    for end, how in ((sink, socket.SHUT_WR), (source, socket.SHUT_RD)):
        try:
            end.shutdown(how)
        except OSError:
            pass


class Zone:
    """nsd with one zone, which holds `records`: lines of a zone file."""

    def __init__(self, folder, domain, records):
        folder = Path(folder)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        self.port = free_port()
        self.address = f"127.0.0.1:{self.port}"
        lines = [f"$ORIGIN {domain}.", "$TTL 300", "@ SOA ns admin 1 3600 600 86400 60", "@ NS ns", "ns A 127.0.0.1", *records]
        (folder / "zone").write_text("\n".join(lines) + "\n", encoding="ascii")
        settings = ["server-count: 1", f"ip-address: 127.0.0.1@{self.port}", "do-ip6: no", 'username: ""', 'chroot: ""', f'zonesdir: "{folder}"',
                    'database: ""', f'zonelistfile: "{folder}/zone.list"', f'xfrdfile: "{folder}/xfrd.state"', f'xfrdir: "{folder}"',
                    f'pidfile: "{folder}/nsd.pid"', "rrl-ratelimit: 0"]
        (folder / "nsd.conf").write_text("server:\n" + "".join(f"  {line}\n" for line in settings) + "remote-control:\n  control-enable: no\n"
                                         f"zone:\n  name: {domain}\n  zonefile: zone\n", encoding="ascii")
        nsd = shutil.which("nsd") or "/usr/sbin/nsd"
        self.process = Process([nsd, "-d", "-c", str(folder / "nsd.conf")], lambda: answers_tcp(self.port), folder / "log")

    def close(self):
        self.process.process.terminate()   # its children end with it only where it is asked to stop
        try:
            self.process.process.wait(5)
        finally:
            self.process.close()


class Datagrams:
    """A name server that says nothing, and counts what it is asked."""

    def __init__(self):
        self.asked = 0
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self.socket.getsockname()[1]}"
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        try:
            while self.socket.recv(4096):
                self.asked += 1
        except OSError:
            pass

    def close(self):
        self.socket.close()


def served(address, port, name):
    """The SHA-256 of the certificate that a client is served for a server name; None where there is no handshake."""
    try:
        with socket.create_connection((address, port), timeout=5) as plain, CONTEXT.wrap_socket(plain, server_hostname=name) as secure:
            return hashlib.sha256(secure.getpeercert(binary_form=True)).hexdigest()
    except OSError:
        return None


def answer(address, port, name, path="/"):
    """The status of one request over TLS; None where there is no answer."""
    try:
        with socket.create_connection((address, port), timeout=5) as plain, CONTEXT.wrap_socket(plain, server_hostname=name) as secure:
            secure.sendall(f"GET {path} HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n".encode("ascii"))
            words = secure.recv(4096).split()
            return int(words[1]) if len(words) > 1 else None
    except (OSError, ValueError):
        return None


class Paused:
    """A process of the lab that is stopped for a while, and goes on."""

    def __init__(self, run, name):
        with open(os.path.join(run, name + ".pid"), encoding="ascii") as file:
            self.pid = int(file.read())
        with open(f"/proc/{self.pid}/comm", encoding="ascii") as file:   # process ids are used again
            if not name.startswith(file.read().strip()):
                raise OSError(f"process {self.pid} is not {name}")

    def __enter__(self):
        os.kill(self.pid, signal.SIGSTOP)

    def __exit__(self, *_):
        os.kill(self.pid, signal.SIGCONT)


__all__ = ["Certificates", "Datagrams", "Paused", "Relay", "Zone", "answer", "served"]
