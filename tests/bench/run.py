#!/usr/bin/env python3
"""What one answer costs where a Gateway has 10,000 HTTPRoutes, told as a share of what parsing them costs.

    tests/bench/run.py [gwdoctor-bench]

Fails where matching a request, with the table that has to be built for it, takes longer than parsing the routes that it is matched
against. Both are measured in one process on the same routes, so that the speed of the machine does not count.
"""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PROGRAM = ROOT / "build/release/tests/gwdoctor-bench"


def measure(program, routes):
    return json.loads(subprocess.run([program, str(routes)], check=True, stdout=subprocess.PIPE, text=True).stdout)


def milliseconds(seconds):
    return f"{seconds * 1000:,.3f} ms" if seconds < 0.001 else f"{seconds * 1000:,.1f} ms"


def describe(times):
    matching = times["table"] + times["first"]
    print(f"{times['routes']:,} HTTPRoutes on one Gateway")
    print(f"  parse, YAML ({times['yaml_bytes'] / 1e6:.1f} MB)   {milliseconds(times['yaml'])}")
    print(f"  parse, JSON ({times['json_bytes'] / 1e6:.1f} MB)   {milliseconds(times['json'])}")
    print(f"  decode               {milliseconds(times['decode'])}")
    print(f"  build the table      {milliseconds(times['table'])}")
    print(f"  match one request    {milliseconds(times['first'])} the first, {milliseconds(times['each'])} each of many")
    for name in ("yaml", "json"):
        print(f"  matching with its table costs {matching / times[name]:.3f} of parsing {name.upper()}; "
              f"without it {times['each'] / times[name]:.6f}")


def main():
    program = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else PROGRAM
    few, many = measure(program, 1_000), measure(program, 10_000)
    describe(few)
    describe(many)
    matching = many["table"] + many["first"]
    checks = [
        ("every request found its route", many["right"] == many["asked"] and few["right"] == few["asked"] and many["asked"] > 0),
        ("matching a request, table included, takes no longer than parsing the routes from YAML", matching <= many["yaml"]),
        ("matching a request, table included, takes no longer than parsing the routes from JSON", matching <= many["json"]),
        ("matching a request of many takes less than a tenth of parsing the routes", many["each"] < many["json"] / 10),
        ("ten times as many routes make a table at most twenty times as dear", many["table"] <= 20 * few["table"]),
    ]
    failed = [what for what, good in checks if not good]
    for what in failed:
        print(f"FAIL {what}")
    print(f"{len(checks) - len(failed)} passed, {len(failed)} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
