#!/usr/bin/env python3
"""`trace` on the examples: the exit code, the outcome, and JSON that the schema allows, in every format.

    run.py BINARY
"""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))
from tally import Tally  # noqa: E402

HOST = "payments.interviewcatalog.example"
# (folder, arguments, exit code, action, causes)
TRACES = [
    ("payments-healthy", [f"https://{HOST}/api/v2/refunds", "-X", "POST", "-H", "x-tenant: blue"], 0, "forward", set()),
    ("payments-healthy", [f"HTTPS://{HOST.upper()}:443"], 0, "forward", set()),
    ("payments-healthy", [f"{HOST}/x"], 0, "forward", set()),
    ("payments-healthy", [f"https://{HOST}/", "--gateway", "platform-ingress/public-web"], 0, "forward", set()),
    ("payments-healthy", [f"https://{HOST}/", "--resolve", f"{HOST}:443:203.0.113.20"], 0, "forward", set()),
    ("payments-healthy", ["https://other.interviewcatalog.example/"], 1, "not-found", {"route-request-unmatched"}),
    ("payments-healthy", ["https://payments.other.example/"], 1, "unreachable", {"route-request-unmatched"}),
    ("payments-healthy", [f"https://{HOST}:8443/"], 1, "unreachable", {"route-request-unmatched"}),
    ("payments-broken", [f"https://{HOST}/"], 1, "not-found", {"route-not-allowed", "service-port-not-found"}),
    ("payments-broken", [f"http://{HOST}/"], 1, "unreachable", {"route-request-unmatched"}),
    ("ingress-healthy", [f"https://{HOST}/a"], 0, "forward", set()),
    ("ingress-healthy", [f"http://{HOST}/a"], 0, "redirect", set()),
    ("ingress-healthy", [f"https://{HOST}/", "--ingress-class", "nginx"], 0, "forward", set()),
    ("ingress-healthy", ["https://other.example/"], 1, "not-found", {"route-request-unmatched"}),
    ("ingress-broken", [f"https://{HOST}/"], 1, "respond", {"service-port-not-found", "tls-certificate-expired"}),
]
DOMAIN = "interviewcatalog.example"
TRACES += [("tests/trace/traefik.yaml", *row) for row in [
    ([f"http://{HOST}/a?b=1"], 0, "redirect", set()),
    ([f"http://plain.{DOMAIN}/api/v1"], 0, "forward", set()),
    ([f"http://plain.{DOMAIN}/other"], 0, "forward", set()),
    ([f"http://port.{DOMAIN}/"], 1, "respond", {"service-port-not-found"}),
    ([f"http://elsewhere.{DOMAIN}/"], 1, "not-found", {"route-request-unmatched"}),
    ([f"http://address.{DOMAIN}/"], 4, "unknown", set()),
    ([f"http://address.{DOMAIN}/", "--ingress-class", "traefik"], 4, "unknown", set()),
    ([f"https://plain.{DOMAIN}/api"], 0, "forward", set()),
    ([f"http://nobody.{DOMAIN}/"], 1, "not-found", {"route-request-unmatched"}),
]]
# Arguments that are refused, and what the complaint must name.
REFUSED = [
    (["https://user:secret@h.example/"], "user"), (["ftp://h.example/"], "ftp"), (["https://h.example:99999/"], "99999"),
    (["https://h.example/", "-H", "no colon"], "colon"), (["https://h.example/", "--gateway", "a/b/c"], "a/b/c"),
    (["https://h.example/", "--resolve", "x"], "resolve"), ([], "URL"), (["https://a.example", "https://b.example"], "2"),
    (["https://h.example/", "--gateway", "platform-ingress/public-wob"], "public-web"),
    (["https://h.example/", "--ingress-class", "nginx"], "nginx"),
]


def run(program, arguments, folder, *more):
    source = folder if "/" in folder else f"examples/{folder}"
    return subprocess.run([program, "trace", *arguments, "-n", "payments", "--from", source, *more], cwd=ROOT,
                          capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60)


def check_trace(program, tally, folder, arguments, code, action, causes):
    what = f"{folder}: trace {' '.join(arguments)}"
    ran = run(program, arguments, folder, "-o", "json")
    tally.check(ran.returncode == code, f"{what}: exit code {ran.returncode}, and {code} was expected\n{ran.stderr}")
    try:
        trace = json.loads(ran.stdout)
    except ValueError as error:
        return tally.check(False, f"{what}: -o json is no JSON: {error}\n{ran.stdout[:2000]}{ran.stderr}")
    valid = subprocess.run([sys.executable, ROOT / "tests/schema/validate.py"], input=ran.stdout, capture_output=True, text=True)
    tally.check(valid.returncode == 0, f"{what}: {valid.stdout}{valid.stderr}")
    tally.check(trace["outcome"]["action"] == action, f"{what}: {trace['outcome']['action']}, and {action} was expected")
    if action == "unknown":
        summary, reason = trace["diagnosis"]["summary"], trace["outcome"]["reason"]
        tally.check(reason in summary and "could not be read" not in summary, f"{what}: the summary is {summary}")
    found = {finding["code"] for finding in trace["diagnosis"]["findings"] if finding["role"] == "cause"}
    tally.check(found == causes, f"{what}: causes {sorted(found)}, and {sorted(causes)} were expected")
    for form in ("text", "wide", "yaml"):
        other = run(program, arguments, folder, "-o", form)
        tally.check(other.returncode == code, f"{what}: -o {form} ends with {other.returncode}, -o json with {code}")
        tally.check(len(other.stdout) > 200 and HOST.split(".")[1] in other.stdout or "other.example" in other.stdout,
                    f"{what}: -o {form} prints little: {other.stdout[:300]}")


def main():
    program = Path(sys.argv[1]).resolve()
    tally = Tally()
    for row in TRACES:
        check_trace(program, tally, *row)
    for arguments, word in REFUSED:
        ran = run(program, arguments, "payments-healthy")
        what = f"trace {' '.join(arguments)}"
        tally.check(ran.returncode == 2, f"{what}: exit code {ran.returncode}, and 2 was expected\n{ran.stdout[:500]}{ran.stderr}")
        tally.check(word.lower() in ran.stderr.lower(), f"{what}: the complaint does not name {word}: {ran.stderr}")
        tally.check("secret" not in ran.stderr, f"{what}: the complaint shows the password")
    nowhere = run(program, [f"http://{HOST}/"], "payments-broken", "-o", "json")
    [fix] = [finding["fix"]["summary"] for finding in json.loads(nowhere.stdout)["diagnosis"]["findings"]]
    tally.check("listener for port 80" in fix, f"a port that nobody listens on: the fix is {fix}")
    secret = run(program, [f"https://{HOST}/", "-H", "Authorization: Bearer hunter2"], "payments-healthy", "-o", "json")
    tally.check("hunter2" not in secret.stdout + secret.stderr, "a credential of the command line is printed")
    tally.finish()


if __name__ == "__main__":
    main()
