"""Runs the program under test, keeps what it said, and judges it against what the scenario expects."""
import json
import os
import re
import subprocess
import time

ADVICE = ("controller-retired", "controller-crds-skew")   # printed once, and changes no verdict
VERDICTS = ("healthy", "at-risk", "degraded", "broken", "unknown")
LAYERS = ("dns", "loadbalancer", "controller", "class", "ingress", "gateway", "route", "grant", "service", "endpoints", "pods", "tls", "policy")


class Answer:
    def __init__(self, exit_code, out, err, path, seconds):
        self.exit, self.out, self.err, self.path, self.seconds = exit_code, out, err, path, seconds
        try:
            self.json = json.loads(out) if out.strip() else None
        except ValueError:
            self.json = None

    @property
    def verdict(self):
        return (self.json or {}).get("verdict")

    @property
    def findings(self):
        return (self.json or {}).get("findings") or []

    @property
    def unknowns(self):
        return (self.json or {}).get("unknowns") or []

    def codes(self):
        return [f.get("code") for f in self.findings]

    def __str__(self):
        shown = self.codes() if self.json is not None else (self.err.strip().splitlines() or ["no JSON"])[-1][:200]
        return f"exit {self.exit}, verdict {self.verdict}, findings {shown}"


class Program:
    def __init__(self, binary, run, results):
        self.binary, self.run_folder, self.results = binary, run, results
        self.secrets = []      # texts that must never be printed
        self.count = 0
        self.help = subprocess.run([binary, "route", "--help"], capture_output=True, text=True, timeout=20, check=False).stdout
        # The names of the example do not exist and nothing listens on its address: no probe of the network may be sent.
        self.no_probes = ["--probe", "none"] if "--probe" in self.help else []
        self.home = os.path.join(run, "home")
        os.makedirs(self.home, exist_ok=True)

    def formats(self):
        """What -o takes, as the help says."""
        return re.search(r"Output format\. One of: ([^.]*)\.", self.help)[1].split(", ")

    def kubeconfig(self, account):
        return os.path.join(self.run_folder, account + ".kubeconfig")

    def __call__(self, name, *arguments, account="oncall", output="json"):
        """One run; `account` None asks no cluster."""
        self.count += 1
        access = ["--kubeconfig", self.kubeconfig(account), *self.no_probes] if account else []
        command = [self.binary, *arguments, *access, "-o", output]
        started = time.monotonic()
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, stdin=subprocess.DEVNULL,
                                  env={"PATH": os.environ.get("PATH", ""), "HOME": self.home, "LC_ALL": "C.UTF-8"})
            code, out, err = done.returncode, done.stdout, done.stderr
        except subprocess.TimeoutExpired:
            code, out, err = -1, "", "no answer within 60 s"
        path = os.path.join(self.results, name + "." + output)
        with open(path, "w", encoding="utf-8") as file:
            file.write(out)
        with open(path + ".log", "w", encoding="utf-8") as file:
            file.write("$ " + " ".join(command) + f"\n{err}\nexit {code}\n")
        return Answer(code, out, err, path, time.monotonic() - started)

    def leaks(self, answer):
        return ["a private key or token was printed"] if any(s in text for s in self.secrets for text in (answer.out, answer.err)) else []


def contract(answer):
    """What holds for every diagnosis, whatever it says."""
    d = answer.json
    if d is None:
        return ["stdout is not JSON"]
    wrong = [f"no {key}" for key in ("apiVersion", "kind", "target", "verdict", "summary", "chain", "findings", "unknowns", "stats") if key not in d]
    if wrong:
        return wrong
    if d["verdict"] not in VERDICTS:
        wrong.append(f"verdict {d['verdict']}")
    if [f.get("rank") for f in d["findings"]] != list(range(1, len(d["findings"]) + 1)):
        wrong.append(f"ranks {[f.get('rank') for f in d['findings']]}")
    roles = [f.get("role") for f in d["findings"]]
    if "cause" in roles[roles.index("risk"):] if "risk" in roles else False:
        wrong.append("a risk ranks before a cause")
    for f in d["findings"]:
        if f.get("layer") not in LAYERS or f.get("severity") not in ("error", "warning", "info") or not f.get("message") or "kind" not in f.get("object", {}):
            wrong.append(f"an incomplete finding {f.get('code')}")
        if (f.get("role") == "consequence") != bool(f.get("explainedBy")):
            wrong.append(f"{f.get('code')} is {f.get('role')} and explainedBy is {f.get('explainedBy')}")
    if d["verdict"] == "unknown" and not d["unknowns"] and "info" not in [f["severity"] for f in d["findings"]]:
        wrong.append("verdict unknown, and nothing is named that is not known")
    if d["verdict"] in ("broken", "degraded") and "error" not in [f["severity"] for f in d["findings"]]:
        wrong.append(f"verdict {d['verdict']} without an error")
    return wrong


def permissions(answer):
    """Every unknown says which permission is missing."""
    return [f"an unknown without its permission: {u.get('fact')}" for u in answer.unknowns
            if u.get("reason") == "forbidden" and not ((u.get("needs") or {}).get("verb") and (u.get("needs") or {}).get("resource"))]


def judge(answer, exit_code, verdicts, first):
    """What differs from the expectation: the exit code, the verdict, and the codes that rank first, in any order."""
    wrong = contract(answer)
    if wrong:
        return wrong + [f"exit {answer.exit}"]
    if answer.exit != exit_code:
        wrong.append(f"exit {answer.exit}, expected {exit_code}")
    if answer.verdict not in verdicts:
        wrong.append(f"verdict {answer.verdict}, expected {' or '.join(verdicts)}")
    wanted, found = [c if isinstance(c, tuple) else (c,) for c in first], answer.findings[:len(first)]
    rest = [f.get("code") for f in found]
    for choice in wanted:
        hit = next((code for code in rest if code in choice), None)
        if hit is None:
            wrong.append(f"first findings {answer.codes()[:max(3, len(first))]}, expected {' or '.join(choice)}")
        else:
            rest.remove(hit)
    if len(first) > 1 and any(f.get("role") != "cause" for f in found):
        wrong.append(f"roles {[f.get('role') for f in found]}, expected causes")
    if "healthy" in verdicts and any(f.get("severity") != "info" and f.get("code") not in ADVICE for f in answer.findings):
        wrong.append(f"findings {answer.codes()}, expected none")
    return wrong
