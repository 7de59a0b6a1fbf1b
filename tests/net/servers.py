"""Servers on loopback that behave, and that misbehave in one way each. Everything added to a Stack is stopped with it."""

import shutil
import socket
import ssl
import struct
import subprocess
import threading
import time


class Stack:
    """Closes what was added to it, the last first."""

    def __init__(self):
        self.things = []

    def add(self, thing):
        self.things.append(thing)
        return thing

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for thing in reversed(self.things):
            thing.close()


def free_port():
    """A port that is free for TCP and UDP alike."""
    while True:
        with socket.socket() as stream, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
            stream.bind(("127.0.0.1", 0))
            try:
                datagrams.bind(stream.getsockname())
            except OSError:
                continue
            return stream.getsockname()[1]


def closed_port():
    return free_port()


class Process:
    """A server that runs until it is closed."""

    def __init__(self, command, ready, log):
        self.log = open(log, "wb")
        # Standard input stays open: openssl s_server ends with it.
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=self.log, stderr=subprocess.STDOUT)
        deadline = time.monotonic() + 10
        while not ready():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.close()
                with open(log, errors="replace") as text:
                    raise RuntimeError(f"{command[0]} did not start: {text.read()}")
            time.sleep(0.02)

    def close(self):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.log.close()


def answers_tcp(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class NameServer:
    """nsd with the zone example.test, a zone that it never got (lame.test), and nothing else. `changes`: addresses of names."""

    count = 0

    def __init__(self, folder, changes=None):
        NameServer.count += 1
        self.folder = folder / f"nsd-{NameServer.count}"
        self.folder.mkdir()
        self.port = free_port()
        self.address = f"127.0.0.1:{self.port}"
        addresses = {"pay": "203.0.113.10", **(changes or {})}
        many = "\n".join(f"many A 198.51.100.{number}" for number in range(1, 121))
        (self.folder / "example.test").write_text(f"""$ORIGIN example.test.
$TTL 300
@ SOA ns.example.test. admin.example.test. 1 3600 600 86400 60
@ NS ns.example.test.
ns A 127.0.0.1
pay A {addresses["pay"]}
pay AAAA 2001:db8::10
v4 A 203.0.113.4
text TXT "heritage=external-dns"
below.between A 203.0.113.5
alias 60 CNAME middle
middle 30 CNAME pay
dangling CNAME gone
circle CNAME circus
circus CNAME circle
outside CNAME lb.elsewhere.example.
*.wild A 203.0.113.6
{many}
""")
        (self.folder / "nsd.conf").write_text(f"""server:
  server-count: 1
  ip-address: 127.0.0.1@{self.port}
  do-ip6: no
  username: ""
  chroot: ""
  zonesdir: "{self.folder}"
  database: ""
  zonelistfile: "{self.folder}/zone.list"
  xfrdfile: "{self.folder}/xfrd.state"
  xfrdir: "{self.folder}"
  pidfile: "{self.folder}/nsd.pid"
  rrl-ratelimit: 0
remote-control:
  control-enable: no
zone:
  name: example.test
  zonefile: example.test
zone:
  name: lame.test
  zonefile: lame.test
  request-xfr: AXFR 127.0.0.1@1 NOKEY
""")
        nsd = shutil.which("nsd") or "/usr/sbin/nsd"
        self.process = Process([nsd, "-d", "-c", str(self.folder / "nsd.conf")], lambda: answers_tcp(self.port), self.folder / "log")

    def close(self):
        # Its children end with it only where it is asked to stop.
        self.process.process.terminate()
        try:
            self.process.process.wait(5)
        except subprocess.TimeoutExpired:
            pass
        self.process.close()


class Datagrams:
    """A UDP socket that answers what `reply(packet)` gives; nothing is sent for None."""

    def __init__(self, reply):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.reply = reply
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while True:
            try:
                packet, peer = self.socket.recvfrom(4096)
                answer = self.reply(packet)
                if answer is not None:
                    self.socket.sendto(answer, peer)
            except OSError:
                return

    def close(self):
        self.socket.close()


def silent_datagrams():
    return Datagrams(lambda packet: None)


def broken_datagrams(stack):
    """(what is wrong, port) of servers whose answers are no answers."""

    def answer(packet, tail, answers=1):
        # The same number and question, marked as a response.
        return packet[:2] + b"\x81\x80" + packet[4:6] + struct.pack(">H", answers) + b"\0\0\0\0" + packet[12:] + tail

    def record(owner, kind, data, length=None):
        return owner + struct.pack(">HHIH", kind, 1, 60, len(data) if length is None else length) + data

    replies = {
        "two bytes": lambda packet: packet[:2],
        "noise": lambda packet: bytes(range(256)),
        "the question again": lambda packet: packet,
        "another number": lambda packet: bytes([packet[0] ^ 0xFF]) + answer(packet, record(b"\xc0\x0c", 1, b"\x01\x02\x03\x04"))[1:],
        "a count without records": lambda packet: answer(packet, b"", 65535),
        "a pointer to itself": lambda packet: answer(packet, record(struct.pack(">H", 0xC000 | len(packet)), 1, b"\x01\x02\x03\x04")),
        "an address of three bytes": lambda packet: answer(packet, record(b"\xc0\x0c", 1, b"\x01\x02\x03")),
        "a length beyond the end": lambda packet: answer(packet, record(b"\xc0\x0c", 1, b"\x01\x02\x03\x04", 400)),
        "an alias to itself": lambda packet: answer(packet, record(b"\xc0\x0c", 5, b"\xc0\x0c")),
    }
    for name, reply in replies.items():
        yield name, stack.add(Datagrams(reply)).port


class FullBacklog:
    """A listener whose queue is full: the kernel drops further connections, as a firewall would."""

    def __init__(self):
        self.socket = socket.socket()
        self.socket.bind(("127.0.0.1", 0))
        self.socket.listen(0)
        self.port = self.socket.getsockname()[1]
        self.waiting = []
        for _ in range(8):
            client = socket.socket()
            client.setblocking(False)
            client.connect_ex(("127.0.0.1", self.port))
            self.waiting.append(client)
        time.sleep(0.1)

    def close(self):
        for client in self.waiting:
            client.close()
        self.socket.close()


def full_backlog():
    return FullBacklog()


class Client:
    """One accepted connection, as the actions of a Listener see it."""

    def __init__(self, connection, context, over):
        self.connection = connection
        self.context = context
        self.over = over

    def first_words(self):
        self.connection.settimeout(5)
        return self.connection.recv(4096)

    def answer(self, text):
        self.first_words()
        self.connection.sendall(text)

    def reset(self):
        self.first_words()
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def hold(self):
        self.over.wait(20)

    def flood(self):
        self.first_words()
        record = b"\x16\x03\x03\x40\x00" + b"\0" * 0x4000
        while not self.over.is_set():
            self.connection.sendall(record)

    def shake_and_reset(self):
        with self.context.wrap_socket(self.connection, server_side=True) as secured:
            secured.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


class Listener:
    """Does `action(client)` with each connection, then closes it."""

    def __init__(self, action, context=None):
        self.socket = socket.socket()
        self.socket.bind(("127.0.0.1", 0))
        self.socket.listen(64)
        self.port = self.socket.getsockname()[1]
        self.action = action
        self.context = context
        self.over = threading.Event()
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        with connection:
            try:
                self.action(Client(connection, self.context, self.over))
            except OSError:
                pass

    def close(self):
        self.over.set()
        # Closing alone does not wake a thread that waits in accept.
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.socket.close()


class Certificates:
    """An authority with an intermediate, and what it signed, made by the openssl command."""

    def __init__(self, folder):
        self.folder = folder
        self.root("root")
        self.root("other-root")
        self.signed("intermediate", "root", ["basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign"])
        names = "subjectAltName=DNS:pay.example,DNS:*.pay.example"
        self.signed("good", "intermediate", [names], "pay.example")
        self.signed("expired", "intermediate", [names], "pay.example", "-1")
        self.signed("wrong-host", "intermediate", ["subjectAltName=DNS:elsewhere.example"], "elsewhere.example")
        self.signed("incomplete", "intermediate", [names], "pay.example")
        self.complete = ("good", "expired", "wrong-host")
        for name in self.complete:
            self.append(name, "intermediate")
        self.root("self-signed", "pay.example", ["subjectAltName=DNS:pay.example"])

    def path(self, name):
        return str(self.folder / name)

    def openssl(self, *arguments):
        return subprocess.run(["openssl", *arguments], check=True, capture_output=True, text=True, cwd=self.folder).stdout

    def key(self, name):
        self.openssl("ecparam", "-genkey", "-name", "prime256v1", "-noout", "-out", f"{name}.key")

    def root(self, name, subject=None, extensions=("basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign")):
        self.key(name)
        added = [word for extension in extensions for word in ("-addext", extension)]
        self.openssl("req", "-x509", "-new", "-key", f"{name}.key", "-out", f"{name}.crt", "-days", "90",
                     "-subj", f"/CN={subject or name}", *added)

    def signed(self, name, authority, extensions, subject=None, days="90"):
        self.key(name)
        (self.folder / "extensions.cnf").write_text("\n".join(extensions) + "\n")
        self.openssl("req", "-new", "-key", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={subject or name}")
        self.openssl("x509", "-req", "-in", f"{name}.csr", "-CA", f"{authority}.crt", "-CAkey", f"{authority}.key", "-CAcreateserial",
                     "-out", f"{name}.crt", "-extfile", "extensions.cnf", "-days", days)

    def append(self, name, authority):
        with open(self.folder / f"{name}.crt", "a") as file:
            file.write((self.folder / f"{authority}.crt").read_text())

    def fingerprint(self, name):
        text = self.openssl("x509", "-in", f"{name}.crt", "-noout", "-fingerprint", "-sha256")
        return text.strip().partition("=")[2].replace(":", "").lower()

    def context(self, name):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.path(f"{name}.crt"), self.path(f"{name}.key"))
        return context


class TlsServer:
    """openssl s_server on every address of loopback. `second`: a name and the certificate that it gets."""

    def __init__(self, certificates, certificate, *flags, second=None):
        self.port = free_port()
        path = certificates.path
        # A system may forbid old versions to its programs: this one is to speak them.
        settings = certificates.folder / "openssl.cnf"
        if not settings.exists():
            settings.write_text("openssl_conf = all\n[all]\nssl_conf = ssl\n[ssl]\nsystem_default = system\n[system]\n"
                                "MinProtocol = TLSv1\nCipherString = ALL:@SECLEVEL=0\n")
        command = ["env", f"OPENSSL_CONF={settings}", "openssl", "s_server", "-accept", f"{self.port}", "-4", "-quiet",
                   "-cert", path(f"{certificate}.crt"), "-key", path(f"{certificate}.key"), *flags]
        # Of the file of a certificate s_server takes the first alone.
        command += ["-cert_chain", path("intermediate.crt")] if certificate in certificates.complete else []
        if "-Verify" in flags or "-verify" in flags:
            command += ["-CAfile", path("root.crt")]
        if second:
            name, other = second
            command += ["-servername", name, "-cert2", path(f"{other}.crt"), "-key2", path(f"{other}.key")]
        log = certificates.folder / f"s_server-{self.port}.log"
        self.process = Process(command, lambda: answers_tcp(self.port), log)

    def close(self):
        self.process.close()


__all__ = ["Certificates", "Datagrams", "Listener", "NameServer", "Stack", "TlsServer", "broken_datagrams", "closed_port",
           "full_backlog", "silent_datagrams"]
