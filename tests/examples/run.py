#!/usr/bin/env python3
"""The examples say what examples/README.md promises: exit code, verdict and causes, in JSON that the schema allows.

    run.py BINARY
"""

import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))
from tally import Tally  # noqa: E402

# folder: verdict, and the causes in any order; advice is not counted.
EXPECTED = {
    "payments-broken": ("broken", {"route-not-allowed", "service-port-not-found"}),
    "payments-healthy": ("healthy", set()),
    "ingress-broken": ("broken", {"service-port-not-found", "tls-certificate-expired"}),
    "ingress-healthy": ("healthy", set()),
}


def promises():
    """(folder, command, exit code) of each row of the table in examples/README.md."""
    rows = re.findall(r"^\| `([\w-]+)` \|[^|]*\| `([^`]+)` \| (\d+) \|$", (ROOT / "examples/README.md").read_text(), re.M)
    return [(folder, command.split(), int(code)) for folder, command, code in rows]


def run(program, folder, command, form):
    return subprocess.run([program, *command, "--from", f"examples/{folder}", "-o", form], cwd=ROOT, capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, timeout=60)


def main():
    program = Path(sys.argv[1]).resolve()
    tally = Tally()
    rows = promises()
    folders = {path.name for path in (ROOT / "examples").iterdir() if path.is_dir()}
    tally.check(folders == {folder for folder, _, _ in rows} == set(EXPECTED),
                "examples/, the table in its README and the expectations of this test name different folders")
    for folder, command, code in rows:
        verdict, causes = EXPECTED[folder]
        ran = run(program, folder, command, "json")
        tally.check(ran.returncode == code, f"{folder}: exit code {ran.returncode}, and {code} was expected\n{ran.stderr}")
        text = run(program, folder, command, "text")
        tally.check(text.returncode == code and verdict.upper() in text.stdout.split("\n")[0],
                    f"{folder}: the text does not begin with the verdict {verdict}\n{text.stdout}{text.stderr}")
        try:
            diagnosis = json.loads(ran.stdout)
        except ValueError as error:
            tally.check(False, f"{folder}: -o json is no JSON: {error}\n{ran.stdout[:2000]}")
            continue
        valid = subprocess.run([sys.executable, ROOT / "tests/schema/validate.py"], input=ran.stdout, capture_output=True, text=True)
        tally.check(valid.returncode == 0, f"{folder}: {valid.stdout}{valid.stderr}")
        found = {finding["code"] for finding in diagnosis["findings"] if finding["role"] == "cause"}
        tally.check(diagnosis["verdict"] == verdict, f"{folder}: verdict {diagnosis['verdict']}, and {verdict} was expected")
        tally.check(found == causes, f"{folder}: causes {sorted(found)}, and {sorted(causes)} were expected")
        tally.check(not diagnosis["unknowns"], f"{folder}: facts are missing: {diagnosis['unknowns']}")
    tally.finish()


if __name__ == "__main__":
    main()
