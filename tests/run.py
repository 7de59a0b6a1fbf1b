#!/usr/bin/env python3
"""Runs test suites, says what ran, and fails when one of them failed or did not run.

    tests/run.py [--results FILE] STEP...    steps: build-release release build-asan asan e2e lint bench
    tests/run.py --summary FILE STEP...      the table over the results of earlier runs

A suite is a command whose output ends in counts: doctest's summary, unittest's, or a line "N passed, M failed". A suite that
prints no counts, or counts of nothing, did not run, whatever its exit code says.
"""

import argparse
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BINARY = "build/release/kubectl-gwdoctor"
JOBS = os.environ.get("JOBS") or str(os.cpu_count() or 2)
PROGRAMS = {"unit": "gwdoctor-tests", "cases": "gwdoctor-cases", "router": "gwdoctor-router"}
# Suites that must be there: an accidental rename is a failure, not a shorter list.
REQUIRED = ["tests/apiserver/run.py", "tests/docs/run.py", "tests/net/run.py", "tests/statuses/run.py", "tests/trace/run.py",
            "tests/examples/run.py", "tests/kubeconfig/differential.py", "tests/meta/folders.py",
            "tests/meta/formula.py", "tests/meta/includes.py", "tests/meta/permissions.py", "tests/meta/version.py"]
# Suites about a part of the program, which drive a small program of their own.
DRIVEN = {"tests/kubeconfig/differential.py": "build/release/tests/gwdoctor-kubeconfig",
          "tests/net/run.py": "build/release/tests/gwdoctor-observe"}
NOT_SUITES = {"tests/e2e/run.py", "tests/e2e/run.sh", "tests/bench/run.py", "tests/fuzz/run.py"}
SANITIZERS = {
    "ASAN_OPTIONS": "detect_stack_use_after_return=1:strict_string_checks=1:check_initialization_order=1",
    "UBSAN_OPTIONS": "print_stacktrace=1",
}


class Suite:
    def __init__(self, name, command, minutes=20, needs=None, environment=None, loud=False):
        self.name = name
        self.command = command
        self.minutes = minutes
        self.needs = needs
        self.environment = environment or {}
        self.loud = loud


def script_suites():
    """tests/meta/*.py and each tests/*/run.py, run.sh, differential.py or *_test.py: called with the program that they are about."""
    found = {str(path.relative_to(ROOT)) for pattern in ("meta/*.py", "*/run.py", "*/run.sh", "*/differential.py", "*/*_test.py")
             for path in (ROOT / "tests").glob(pattern)}
    suites = []
    for script in sorted((found | set(REQUIRED)) - NOT_SUITES):
        # unittest takes an argument for the name of a test.
        driven = [] if script.endswith("_test.py") else [DRIVEN.get(script, BINARY)]
        runner = [sys.executable, script] if script.endswith(".py") else ["bash", script]
        suites.append(Suite(script.removeprefix("tests/"), runner + driven, needs=script))
    return suites


def program_suites(preset):
    prefix, environment = ("", {}) if preset == "release" else (preset + " ", SANITIZERS)
    return [Suite(prefix + name, [f"build/{preset}/tests/{program}"], minutes=30,
                  needs=f"build/{preset}/tests/{program}", environment=environment) for name, program in PROGRAMS.items()]


def suites_of(step):
    if step == "release":
        return program_suites("release") + script_suites()
    if step == "asan":
        return program_suites("asan")
    if step == "e2e":
        return [Suite("e2e", ["bash", "tests/e2e/run.sh", BINARY], minutes=60, needs="tests/e2e/run.sh", loud=True)]
    if step == "lint":
        return [Suite("lint", [sys.executable, "scripts/lint.py"], minutes=40, needs="scripts/lint.py", loud=True)]
    if step == "bench":
        program = "build/release/tests/gwdoctor-bench"
        return [Suite("bench", [sys.executable, "tests/bench/run.py", program], needs=program, loud=True)]
    return []


def counts(text):
    """(passed, failed, skipped) as the output tells them, or None."""
    doctest = re.findall(r"\[doctest\] test cases:\s*\d+ \|\s*(\d+) passed \|\s*(\d+) failed \|\s*(\d+) skipped", text)
    if doctest:
        return tuple(sum(int(numbers[i]) for numbers in doctest) for i in range(3))
    plain = re.findall(r"(\d+) passed, (\d+) failed(?:, (\d+) skipped)?", text)
    if plain:
        return tuple(int(number or 0) for number in plain[-1])
    ran = re.findall(r"^Ran (\d+) tests?", text, re.M)
    if ran:
        def number(word):
            found = re.findall(rf"\b{word}=(\d+)", text.rsplit("Ran ", 1)[1])
            return int(found[-1]) if found else 0
        failed, skipped = number("failures") + number("errors"), number("skipped")
        return int(ran[-1]) - failed - skipped, failed, skipped
    return None


def stop(process):
    """Ends the suite with all that it started."""
    try:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(10)
    except (ProcessLookupError, subprocess.TimeoutExpired):
        pass
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def execute(command, minutes, environment, loud):
    """(exit code, output); a run out of time is stopped."""
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "GWDOCTOR": str(ROOT / BINARY), **environment},
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                               errors="replace", start_new_session=True)
    late = threading.Event()

    def expire():
        late.set()
        stop(process)

    timer = threading.Timer(minutes * 60, expire)
    timer.start()
    lines = []
    try:
        for line in process.stdout:
            lines.append(line)
            if loud:
                print(line, end="", flush=True)
        code = process.wait()
    except KeyboardInterrupt:
        stop(process)
        raise
    finally:
        timer.cancel()
    if late.is_set():
        lines.append(f"stopped after {minutes} minutes\n")
        code = code or 1
    return code, "".join(lines)


def run_suite(suite):
    """One row: name, passed, failed, skipped, seconds, verdict."""
    if suite.needs and not (ROOT / suite.needs).exists():
        print(f"{suite.name}: DID NOT RUN, there is no {suite.needs}", flush=True)
        return [suite.name, 0, 1, 0, 0.0, f"did not run: no {suite.needs}"]
    started = time.monotonic()
    print(f"== {suite.name}", flush=True)
    code, output = execute(suite.command, suite.minutes, suite.environment, suite.loud or bool(os.environ.get("VERBOSE")))
    seconds = time.monotonic() - started
    seen = counts(output)
    passed, failed, skipped = seen or (0, 0, 0)
    verdict = "ok"
    if code != 0 or failed:
        failed = max(failed, 1)
        verdict = f"failed (exit code {code})"
    elif passed == 0:
        failed = 1
        verdict = "did not run: it counted no tests"
    if verdict != "ok" and not suite.loud:
        print("\n".join(output.splitlines()[-300:]))
    print(f"{suite.name}: {passed} passed, {failed} failed{f', {skipped} skipped' if skipped else ''} ({seconds:.1f} s)"
          f"{'' if verdict == 'ok' else ' - ' + verdict}", flush=True)
    return [suite.name, passed, failed, skipped, seconds, verdict]


def build(preset):
    """Whether the program and its tests could be built."""
    started = time.monotonic()
    steps = [["cmake", "--preset", preset]] if not (ROOT / f"build/{preset}/build.ninja").exists() else []
    # The sanitized build is for the tests: the program is not asked for.
    targets = ["all"] if preset == "release" else list(PROGRAMS.values())
    steps.append(["cmake", "--build", "--preset", preset, "--parallel", JOBS, "--target"] + targets)
    for step in steps:
        if subprocess.run(step, cwd=ROOT, stdin=subprocess.DEVNULL).returncode != 0:
            print(f"build {preset}: failed", flush=True)
            return False
    print(f"build {preset}: done ({time.monotonic() - started:.1f} s)", flush=True)
    return True


def table(rows):
    width = max([len(row[0]) for row in rows] + [5])
    print(f"\n{'suite':{width}}  {'passed':>7} {'failed':>7} {'skipped':>8} {'seconds':>8}")
    for name, passed, failed, skipped, seconds, verdict in rows:
        print(f"{name:{width}}  {passed:>7} {failed:>7} {skipped:>8} {float(seconds):>8.1f}  {verdict}")
    passed, failed = sum(int(row[1]) for row in rows), sum(int(row[2]) for row in rows)
    print(f"{passed} passed, {failed} failed", flush=True)
    return 0 if rows and not failed else 1


def summary(results, steps):
    """The table over what was recorded; a suite of these steps without a record counts as failed."""
    recorded = {}
    if results.exists():
        for line in results.read_text().splitlines():
            fields = line.split("\t")
            recorded[fields[0]] = fields
    expected = [suite.name for step in steps for suite in suites_of(step)]
    rows = [recorded.pop(name, [name, 0, 1, 0, 0.0, "did not run"]) for name in expected]
    return table(rows + list(recorded.values()))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--results", type=Path, default=os.environ.get("GWDOCTOR_RESULTS"),
                        help="append one line a suite to FILE (default: $GWDOCTOR_RESULTS)")
    parser.add_argument("--summary", type=Path, metavar="FILE")
    parser.add_argument("steps", nargs="+", choices=["build-release", "release", "build-asan", "asan", "e2e", "lint", "bench"])
    options = parser.parse_args()
    if options.summary:
        return summary(options.summary, options.steps)
    rows = []
    for step in options.steps:
        if step.startswith("build-") and not build(step.removeprefix("build-")):
            rows.append([step, 0, 1, 0, 0.0, "failed"])
        for suite in suites_of(step):
            rows.append(run_suite(suite))
    if options.results:
        options.results.parent.mkdir(parents=True, exist_ok=True)
        with options.results.open("a") as file:
            file.writelines("\t".join(map(str, row)) + "\n" for row in rows)
    return table([row for row in rows])


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
