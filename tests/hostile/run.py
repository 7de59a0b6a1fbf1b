#!/usr/bin/env python3
"""The program on hostile input: no crash, no hang, no secret, no false healthy, and the exit codes of the contract.

    run.py BINARY [--share N] [--seed N] [--only WORD]     N values for each field (default 2); WORD: suites whose name holds it
"""

import argparse
import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import mutate
import worlds
from program import ROOT, Program, complaints, many

sys.path.insert(0, str(ROOT / "tests"))
from tally import Tally  # noqa: E402

MARK = b"ZW5jb2RlZC1tYXJr-hunter2"
NAMES = {"payments-broken": ["route", "payments-api", "-n", "payments"], "payments-healthy": ["route", "payments-api", "-n", "payments"],
         "ingress-broken": ["ingress", "payments-api", "-n", "payments"], "ingress-healthy": ["ingress", "payments-api", "-n", "payments"]}
FORMS = ["json", "text", "yaml", "wide"]


def example(name):
    return "\n---\n".join(path.read_text() for path in sorted((ROOT / "examples" / name).glob("*.yaml")))


def commands_of(name):
    return [NAMES[name], ["service", "payments-api", "-n", "payments"], ["gateway", "public-web", "-n", "platform-ingress"], ["scan", "-A"]]


class Suite:
    def __init__(self, program, scratch, rng, share):
        self.program = program
        self.scratch = scratch
        self.rng = rng
        self.share = share
        self.tally = Tally()

    def judge(self, run, what, marker=None, expected=None):
        wrong = list(complaints(run, marker))
        if expected is not None and run.code not in expected:
            wrong.append(f"exit code {run.code}, expected {sorted(expected)}")
        self.tally.check(not wrong, f"{what}: {' '.join(run.arguments)[:300]}: {'; '.join(wrong)}\n{run.text() if wrong else ''}")

    def flood(self, jobs, marker=None):
        """jobs: (what, arguments, standard input)"""
        for (what, _, _), run in many(jobs, lambda job: self.program.run(job[1], job[2])):
            self.judge(run, what, marker)

    # Suites

    def every_command(self):
        for name in NAMES:
            data = example(name).encode()
            self.flood([(name, [*command, "--from", "-", "-o", form, *more], data)
                        for command in commands_of(name) for form in FORMS for more in ([], ["-q"], ["--fail-on", "warning"])])

    def fields(self):
        for name in NAMES:
            jobs = []
            for what, text in mutate.mutants(example(name), self.rng, self.share):
                command = self.rng.choice(commands_of(name) + [NAMES[name]] * 4)
                jobs.append((f"{name}: {what}", [*command, "--from", "-", "-o", self.rng.choice(["json"] * 4 + FORMS)], text.encode("utf-8")))
            self.flood(jobs)

    def cases(self):
        jobs = []
        for path in sorted((ROOT / "checks").glob("*/cases/*.yaml")):
            try:
                text = path.read_text()
            except OSError:
                continue
            run = re.search(r"^# run: *(.*)$", text, re.M)
            command = run[1].split() if run else ["scan", "-A"]
            command = command if command[0] in ("route", "ingress", "gateway", "service") else ["scan", "-A"]
            mutants = list(mutate.mutants(text, self.rng, 1))
            for what, damaged in self.rng.sample(mutants, min(3 * self.share, len(mutants))):
                jobs.append((f"{path.name}: {what}", [*command, "--from", "-", "-o", self.rng.choice(["json"] * 3 + FORMS)], damaged.encode()))
            jobs.append((str(path), [*command, "--from", "-", "-o", "json"], text.encode()))
        self.flood(jobs)

    def bytes(self):
        jobs = []
        for name in NAMES:
            data = example(name).encode()
            pieces = mutate.documents(data.decode())
            for number in range(40 * self.share):
                piece = self.rng.choice(pieces).encode()
                jobs.append((f"{name}: bytes {number}", [*NAMES[name], "--from", "-", "-o", self.rng.choice(FORMS)],
                             mutate.scramble(self.rng.choice([piece, data]), self.rng)))
            for way, text in (("BOM", b"\xef\xbb\xbf" + data), ("CRLF", data.replace(b"\n", b"\r\n")), ("UTF-16", data.decode().encode("utf-16"))):
                run = self.program.run([*NAMES[name], "--from", "-", "-o", "json"], text)
                self.judge(run, f"{name}: {way}", expected={1 if "broken" in name else 0})
        self.flood(jobs)

    def odd_files(self):
        folder = self.scratch / "odd"
        folder.mkdir()
        odd = {"empty.yaml": b"", "nul.yaml": b"\0" * 1000, "binary.yaml": bytes(range(256)) * 50, "text.yaml": b"hello\n", "list.yaml": b"- 1\n- 2\n",
               "number.yaml": b"42\n", "null.yaml": b"null\n", "deep.yaml": b"[" * 100000, "deep.json": b'{"a":' * 100000, "dashes.yaml": b"---\n" * 20000,
               "bomb.yaml": b"a: &a [x,x,x,x,x,x,x,x,x]\n" + b"".join(b"%c: &%c [%s]\n" % (98 + at, 98 + at, b",".join([b"*%c" % (97 + at)] * 9)) for at in range(9)),
               "cycle.yaml": b"a: &a\n  b: *a\n", "merge.yaml": b"kind: Service\n<<: &x {<<: *x}\n", "items.yaml": b"kind: List\nitems: {a: b}\n",
               "lists.yaml": b"kind: List\nitems:\n" + b"".join(b"%s- kind: List\n%s  items:\n" % (b"  " * at, b"  " * at) for at in range(40)),
               "nokind.yaml": b"metadata: {name: x}\n", "noname.yaml": b"kind: Service\napiVersion: v1\n", "number-kind.yaml": b"kind: 3\napiVersion: 4\n",
               "null-items.yaml": b"kind: ServiceList\napiVersion: v1\nitems: [null, 1, x]\n", "truncated.json": b'{"kind": "List", "items": [{"kind": "Ser',
               "utf8.yaml": b"kind: Service\nmetadata: {name: \xff\xfe}\n", "tags.yaml": b"%TAG ! tag:x\n" * 5000, "comment.yaml": b"# x\n",
               "escape-\x1b[31m.yaml": b"kind: [\n", "line\nbreak.yaml": b"kind: [\n", b"latin-\xe9.yaml": b"kind: [\n", "-o.yaml": b"kind: [\n",
               "long.yaml": b"kind: Service\napiVersion: v1\nmetadata: {name: '" + b"A" * 1000000 + b"'}\n"}
        for name, data in odd.items():
            target = os.path.join(os.fsencode(folder), os.fsencode(name))
            with open(target, "wb") as file:
                file.write(data)
            for command in (["scan", "-A"], ["route", "x"]):
                self.judge(self.program.run([*command, "--from", target, "-o", "json"]), f"file {name!r}", expected={0, 2, 4})
        self.judge(self.program.run(["scan", "--from", str(folder)]), "a folder of odd files", expected={2})
        self.links(self.scratch / "links")
        for path, codes in (("/dev/null", {4}), ("/proc/self/mem", {2}), ("/nowhere", {2}), ("", {2}), ("/" + "a" * 300, {2}), ("/proc/1/environ/x", {2})):
            self.judge(self.program.run(["route", "x", "--from", path]), f"--from {path[:40]}", expected=codes)

    def links(self, folder):
        folder.mkdir()
        (folder / "sub").mkdir()
        (folder / "sub" / "up").symlink_to("..")
        (folder / "self").symlink_to("self")
        (folder / "ok.yaml").write_text("kind: ServiceList\napiVersion: v1\nitems: []\n")
        (folder / "folder.yaml").mkdir()
        os.mkfifo(folder / "pipe.yaml")
        self.judge(self.program.run(["scan", "--from", str(folder)]), "links that lead in a circle", expected={4})
        (folder / "loop.yaml").symlink_to("loop.yaml")
        self.judge(self.program.run(["scan", "--from", str(folder)]), "a manifest that is a link to itself", expected={2})
        (folder / "loop.yaml").unlink()
        (folder / "gone.yaml").symlink_to("nowhere.yaml")
        self.judge(self.program.run(["scan", "--from", str(folder)]), "a manifest that is a link to nothing", expected={2})
        if os.geteuid() != 0:
            (folder / "gone.yaml").unlink()
            (folder / "ok.yaml").chmod(0)
            self.judge(self.program.run(["scan", "--from", str(folder)]), "a manifest that may not be read", expected={2})

    def deletions(self):
        """Without the objects of a kind, and without an empty List of it, nothing broken may seem whole."""
        for name in ("payments-broken", "ingress-broken"):
            whole = example(name)
            kinds = sorted(set(re.findall(r"^(?:- )?(?:  )?kind: (\w+)$", whole, re.M)) - {"List"})
            for kind in kinds:
                text = without_kind(whole, kind)
                run = self.program.run([*NAMES[name], "--from", "-", "-o", "json"], text.encode())
                self.judge(run, f"{name} without any {kind}", expected={1, 2, 4})
                verdict = (run.json() or {}).get("verdict")
                self.tally.check(verdict not in ("healthy", "at-risk"), f"{name} without any {kind} became {verdict}")

    def explosions(self):
        for name, data, command, broken in worlds.explosions():
            file = self.scratch / "world.json"
            file.write_bytes(data)
            for form in ("json", "text"):
                run = self.program.run([*command, "--from", str(file), "-o", form])
                self.judge(run, name, expected={1, 4} if broken else {0, 1, 4})
                if os.environ.get("VERBOSE"):
                    print(f"{name} ({form}): {run.seconds:.2f} s, exit code {run.code}, {len(run.stdout)} bytes")

    def secrets(self):
        mark = MARK.decode()
        pod = f"""
kind: Pod
apiVersion: v1
metadata: {{name: p, namespace: payments, labels: {{app.kubernetes.io/name: payments-api, app: payments-api}},
  annotations: {{kubectl.kubernetes.io/last-applied-configuration: '{{"env": "{mark}"}}'}}}}
spec:
  containers:
  - name: a
    image: a
    env: [{{name: PASSWORD, value: {mark}}}, {{name: N, value: [{mark}]}}]
    args: [--token={mark}, --password, {mark}, "-H", "Authorization: Bearer {mark}"]
    command: [sh, -c, "run --api-key={mark} --x"]
    readinessProbe: {{httpGet: {{path: /, httpHeaders: [{{name: Authorization, value: {mark}}}]}}}}
    lifecycle: {{preStop: {{exec: {{command: [curl, "--password={mark}"]}}}}}}
status: {{phase: Pending}}
"""
        secret = f"""
kind: Secret
apiVersion: v1
metadata: {{name: public-web-tls, namespace: platform-ingress, annotations: {{kubectl.kubernetes.io/last-applied-configuration: '{{"data": "{mark}"}}'}}}}
type: kubernetes.io/tls
data: {{tls.crt: {mark}, tls.key: {mark}, password: {mark}, ca.crt: [{mark}]}}
stringData: {{tls.key: "{mark}", other: {mark}}}
"""
        broken = ["kind: Secret\nstringData:\n  password: *" + mark, "kind: Secret\nstringData: {password: " + mark, "kind: Secret\ndata: !!binary " + mark,
                  '{"kind": "Secret", "data": {"password": "' + mark + '" "x": 1}}', "kind: Secret\nmetadata: {name: x}\nstringdata: {a: " + mark + "}",
                  "data: {password: " + mark + "}", "kind: Secret\nstringData:\n\tpassword: " + mark, '{"kind": "Secret", "data": {"password": "' + mark + "\x01"]
        for name in NAMES:
            whole = example(name).replace("kind: Secret\n", "kind: Secret\n    ", 0)
            for extra in (pod, secret, pod + "---" + secret):
                for command in commands_of(name):
                    self.with_capture([*command, "--from", "-"], whole + "\n---" + extra, f"{name} with secrets")
            for extra in broken:
                self.flood([(f"{name} with a broken secret", [*NAMES[name], "--from", "-", "-o", form], (whole + "\n---\n" + extra).encode())
                            for form in ("json", "text")], MARK)
        for what, text in mutate.mutants(pod + "---" + secret, self.rng, 2 * self.share):
            self.with_capture(["service", "payments-api", "-n", "payments", "--from", "-"], example("payments-broken") + "\n---" + text, what)

    def with_capture(self, arguments, text, what):
        capture = self.scratch / "secrets.json"
        capture.unlink(missing_ok=True)
        run = self.program.run([*arguments, "-o", self.rng.choice(FORMS), "--capture", str(capture)], text.encode())
        self.judge(run, what, MARK)
        held = capture.read_bytes() if capture.exists() else b""
        self.tally.check(MARK not in held and b"hunter2" not in held, f"{what}: the capture holds the secret: {' '.join(run.arguments)}")
        self.tally.check(not capture.exists() or capture.stat().st_mode & 0o077 == 0, f"{what}: others may read the capture")

    def replays(self):
        jobs = [(name, [*command, "--from", str(ROOT / "examples" / name)]) for name in NAMES for command in commands_of(name)]
        for path in sorted((ROOT / "checks").glob("*/cases/*.yaml"))[::3]:
            jobs.append((path.name, ["scan", "-A", "--from", str(path)]))
        for at, (what, arguments) in enumerate(jobs):
            first, second = self.scratch / "first.json", self.scratch / "second.json"
            for file in (first, second):
                file.unlink(missing_ok=True)
            run = self.program.run([*arguments, "-o", "json", "--capture", str(first)])
            self.judge(run, what)
            if not first.exists():
                continue
            command = arguments[:arguments.index("--from")]
            again = self.program.run([*command, "--from", str(first), "-o", "json", "--capture", str(second)])
            third = self.program.run([*command, "--from", str(second), "-o", "json"])
            for other, name in ((again, "the capture"), (third, "the capture of the replay")):
                self.judge(other, f"{what}: replay of {name}", expected={run.code})
                difference = unlike(run.json(), other.json())
                self.tally.check(difference is None, f"{what}: {' '.join(command)}: the replay of {name} differs at {difference}")
            if at < 2 * len(NAMES):
                self.edited(first, command)

    def edited(self, capture, command):
        document = json.loads(capture.read_text())
        jobs = [(f"capture with another {path}", [*command, "--from", "-", "-o", self.rng.choice(FORMS)], json.dumps(damaged).encode())
                for path, damaged in mutate.json_mutants(document, self.rng, 25 * self.share)]
        text = capture.read_bytes()
        jobs += [("capture with other bytes", [*command, "--from", "-", "-o", "json"], mutate.scramble(text, self.rng)) for _ in range(10 * self.share)]
        self.flood(jobs)

    def command_line(self):
        here = ["--from", str(ROOT / "examples/payments-broken")]
        wrong = [["nope"], ["route"], ["route", "a", "b"], ["--nope"], ["route", "x", "--nope"], ["route", "x", "--nope=1"], ["-o"], ["scan", "-n"], ["scan", "--from"],
                 ["scan", "--capture"], ["route", "x", "-o", "nope"], ["route", "x", "--fail-on", "nope"], ["route", "x", "--color", "nope"],
                 ["route", "x", "--select", "nope"], ["route", "x", "--ignore", "service-not-found,nope"], ["route", "x", "--accept-unknown", "nope"],
                 ["route", "a/b/c"], ["route", "/x"], ["route", "httproute/"], ["route", "pod/x"], ["route", ""], ["ingress", "httproute/x"],
                 ["route", "x", "--expiry-warning", "nope"], ["route", "x", "--expiry-warning", "-3d"], ["route", "x", "-v", "nope"], ["explain", "nope"],
                 ["explain", "a", "b"], ["explain", "../../etc/passwd"], ["version", "x"], ["scan", "x"], ["route", "x", "--all-namespaces=maybe"],
                 ["\x1b[31mred"], ["route", "x\x1b[31m\u202e"], ["route", "A" * 100000], ["route", b"\xff\xfe"], ["route", "x", "--expiry-warning", "999999999w" * 12000],
                 ["route", "x", "--v=99999999999999999999"], [""], ["route", "x", "--from"]]
        for words in wrong:
            run = self.program.run([*words, *(here if words[-1] not in ("-o", "-n", "--from", "--capture") else [])])
            self.judge(run, "wrong words", expected={2})
        for words in ([], ["--help"], ["help"], ["help", "route"], ["route", "--help"], ["--version"], ["version"], ["version", "-o", "json"], ["explain"],
                      ["explain", "service-not-found"], ["-h"]):
            self.judge(self.program.run(words), "right words", expected={0})
        name = "payments-api"
        for words in (["-n", "", "scan", "-A"], ["route", f"httproute/{name}", "-n", "payments"], ["route", name, "-n=payments"], ["-npayments", "route", name],
                      ["route", "-n", "payments", "--", name]):
            self.judge(self.program.run([*here, *words][:2 + len(words)] if "--" not in words else [*words[:3], *here, *words[3:]]), "right words", expected={1})
        for ns in ("", "default"):
            run = self.program.run(["route", name, "-n", ns, *here])
            self.judge(run, "a namespace left empty is the default one", expected={2})
            self.tally.check(b'namespace "default"' in run.stderr, f"-n '{ns}': {run.text()}")
        for target in ("/nowhere/x", "/", "", "/proc/x", "/dev/full", str(self.scratch)):
            self.judge(self.program.run(["route", name, "-n", "payments", *here, "--capture", target]), f"--capture {target}", expected={2})

    def outputs(self):
        here = ["route", "payments-api", "-n", "payments", "--from", str(ROOT / "examples/payments-broken")]
        with open("/dev/full", "wb") as full:
            for words in (here, [*here, "-o", "json"], ["version"], ["--help"], ["explain"]):
                run = self.program.run(words, stdout=full)
                self.judge(run, "standard output to a full disk", expected={2})
            for words in (here, ["nope"], ["route", "x", "--from", "/nowhere"]):
                self.judge(self.program.run(words, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL), "no output", expected={1, 2})
                run = self.program.run(words, stderr=full)
                self.tally.check(run.code == (1 if words is here else 2), f"standard error to a full disk: exit code {run.code}")
        for closed in ("<&-", ">&-", "2>&-", "<&- >&- 2>&-"):
            for words in (here, ["nope"]):
                quoted = " ".join(f"'{word}'" for word in [self.program.path, *words])
                code = subprocess.run(["bash", "-c", f"{quoted} {closed}"], capture_output=True, env=self.program.environment(), timeout=60).returncode
                self.tally.check(code in (1, 2), f"with {closed}: exit code {code}: {words}")
        for words in (here, ["scan", "-A", *here[-2:], "-o", "json"], ["explain"], ["--help"]):
            quoted = " ".join(f"'{word}'" for word in [self.program.path, *words])
            ran = subprocess.run(["bash", "-c", f"{quoted} | head -c 1 >/dev/null; exit ${{PIPESTATUS[0]}}"], capture_output=True,
                                 env=self.program.environment(), timeout=60)
            self.tally.check(ran.returncode in (0, 1) and not ran.stderr, f"closed pipe: exit code {ran.returncode}: {words}\n{ran.stderr.decode()[-500:]}")

    def surroundings(self):
        for environment in ({}, {"HOME": ""}, {"HOME": "/nowhere"}, {"KUBECONFIG": "/nowhere/config"}, {"KUBECONFIG": ":"}, {"KUBECONFIG": "/dev/null"}):
            run = self.program.run(["route", "x"], environment={"PATH": "/usr/bin:/bin", **environment})
            self.judge(run, f"surroundings {environment}", expected={2, 3})
        run = self.program.run(["route", "x"])
        self.tally.check(b".kube/config" in run.stderr, f"without a kubeconfig the paths tried are not named: {run.text()}")
        token = MARK.decode()
        with socket.socket() as silent:
            silent.bind(("127.0.0.1", 0))
            silent.listen()
            for server in ("https://127.0.0.1:1", f"http://127.0.0.1:{silent.getsockname()[1]}", "https://[::1", "ftp://x", "http://\x1b[31m"):
                config = self.scratch / "config"
                config.write_text(json.dumps({"apiVersion": "v1", "kind": "Config", "current-context": "c", "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
                                              "clusters": [{"name": "c", "cluster": {"server": server}}], "users": [{"name": "u", "user": {"token": token}}]}))
                for more in ([], ["-v", "9"]):
                    run = self.program.run(["route", "x", "--kubeconfig", str(config), "--request-timeout", "1s", *more])
                    self.judge(run, f"server {server}", MARK, expected={2, 3})
            config.write_text(config.read_text().replace('"http://\\u001b[31m"', f'"http://127.0.0.1:{silent.getsockname()[1]}"'))
            self.interrupt(["route", "x", "--kubeconfig", str(config)], "that waits for a server")
        for text in ("users:\n- user:\n    token: *" + token, "users: [{user: {token: " + token, "{\"users\": [{\"user\": {\"token\": \"" + token + "\x01\"}}]}", "\x00\x1b[31m", "[" * 9999):
            (self.scratch / "config").write_text(text)
            self.judge(self.program.run(["scan", "--kubeconfig", str(self.scratch / "config")]), "a broken kubeconfig", MARK, expected={2, 3})
        self.interrupt(["scan", "--from", "-"], "that waits for standard input")

    def interrupt(self, words, what):
        process = subprocess.Popen([self.program.path, *words], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                   env=self.program.environment(), cwd=self.program.home)
        time.sleep(1.5 if self.program.sanitized else 0.5)
        process.send_signal(signal.SIGINT)
        try:
            code = process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            code = "none: it goes on"
        process.communicate()
        self.tally.check(code == 130, f"SIGINT to a run {what}: exit code {code}, expected 130")


def without_kind(text, kind):
    """Without the documents, Lists and items of a kind."""
    kept = []
    for document in mutate.documents(text):
        if re.search(rf"^kind: {kind}(List)?$", document, re.M):
            continue
        head, *items = re.split(r"^(?=- )", document, flags=re.M)
        if items and re.search(r"^items:\s*$", head, re.M):
            tail = re.search(r"^(?![- ]).*", items[-1], re.M | re.S)
            rest = items[-1][tail.start():] if tail else ""
            items[-1] = items[-1][:tail.start()] if tail else items[-1]
            left = [item for item in items if not re.search(rf"^  kind: {kind}$", item, re.M)]
            if not left:
                continue
            document = head + "".join(left) + rest
        kept.append(document)
    return "\n---\n".join(kept)


def unlike(left, right, path="$"):
    """Where two documents differ, stats aside; None where they do not."""
    if isinstance(left, dict) and isinstance(right, dict):
        for key in sorted(set(left) | set(right)):
            if key == "stats":
                continue
            found = unlike(left.get(key), right.get(key), f"{path}.{key}")
            if found:
                return found
        return None
    if isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
        return next((found for at, pair in enumerate(zip(left, right)) if (found := unlike(*pair, f"{path}[{at}]"))), None)
    return None if left == right else f"{path}: {json.dumps(left)[:200]} and {json.dumps(right)[:200]}"


SUITES = ["command_line", "outputs", "surroundings", "odd_files", "every_command", "deletions", "explosions", "secrets", "replays", "bytes", "cases", "fields"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary")
    parser.add_argument("--share", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    passed = failed = 0
    for name in SUITES:
        if options.only not in name:
            continue
        with tempfile.TemporaryDirectory(prefix="gwdoctor-hostile-") as folder:
            started = time.monotonic()
            suite = Suite(Program(options.binary, folder), Path(folder), random.Random(f"{options.seed} {name}"), options.share)
            getattr(suite, name)()
        passed, failed = passed + suite.tally.passed, failed + suite.tally.failed
        print(f"{name}: {suite.tally.passed} held, {suite.tally.failed} did not ({time.monotonic() - started:.1f} s)", flush=True)
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)


if __name__ == "__main__":
    main()
