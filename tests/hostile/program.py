"""Runs the program on hostile input, and says what of its contract it broke."""

import json
import os
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "schema"))
import validate  # noqa: E402

CODES = {0, 1, 2, 3, 4, 130}  # docs/exit-codes.md; 70 is a bug of the program
TIME_LIMIT = 10
SANITIZED_FACTOR = 6  # a program built with sanitizers is that much slower
# What a terminal would act on, or what turns text round: C0 but newline, DEL, C1, zero-width and bidi characters.
UNSAFE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
OWN_TEXTS = {"explain", "version", "help", "--help", "-h"}
SCHEMA = validate.Validator(json.loads(validate.DEFAULT_SCHEMA.read_text(encoding="utf-8")))


class Run:
    def __init__(self, arguments, code, stdout, stderr, seconds, expired, elsewhere=()):
        self.arguments = [os.fsdecode(word) for word in arguments]
        self.code = code
        self.stdout = stdout
        self.stderr = stderr
        self.seconds = seconds
        self.expired = expired
        self.elsewhere = elsewhere  # the streams that were not read

    def json(self):
        try:
            return json.loads(self.stdout)
        except ValueError:
            return None

    def text(self):
        return f"{self.stdout.decode(errors='replace')[:600]}\n{self.stderr.decode(errors='replace')[-1500:]}"


class Program:
    def __init__(self, path, home):
        self.path = str(Path(path).resolve())
        self.home = str(home)
        with open(self.path, "rb") as file:
            self.sanitized = b"__asan_init" in file.read()
        self.limit = TIME_LIMIT * (SANITIZED_FACTOR if self.sanitized else 1)

    def environment(self, **more):
        kept = {key: value for key, value in os.environ.items() if key.endswith("SAN_OPTIONS")}
        return {"PATH": "/usr/bin:/bin", "HOME": self.home, "LC_ALL": "C.UTF-8", **kept, **more}

    def run(self, arguments, stdin=b"", environment=None, **how):
        started = time.monotonic()
        process = subprocess.Popen([self.path, *arguments], stdin=subprocess.PIPE, cwd=self.home, start_new_session=True,
                                   env=self.environment() if environment is None else environment,
                                   **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **how})
        expired = False
        try:
            out, err = process.communicate(stdin, timeout=self.limit)
        except subprocess.TimeoutExpired:
            expired = True
            process.kill()
            out, err = process.communicate()
        return Run(arguments, process.returncode, out or b"", err or b"", time.monotonic() - started, expired, tuple(how))


def form_of(arguments):
    return arguments[arguments.index("-o") + 1] if "-o" in arguments else "text"


def complaints(run, marker=None, codes=CODES):
    """What is wrong with a run whatever its input was."""
    if run.expired:
        yield f"did not end within {run.seconds:.0f} s"
        return
    if run.code not in codes:
        yield f"exit code {run.code}"
    reported = run.code in (0, 1, 4)
    if marker and (marker in run.stdout or marker in run.stderr):
        yield f"the secret {marker.decode()} was printed"
    if not reported and run.stdout:
        yield f"exit code {run.code}, and standard output is not empty"
    if run.code in (2, 3) and not run.stderr and "stderr" not in run.elsewhere:
        yield f"exit code {run.code} without a message"
    for name, stream in (("standard output", run.stdout), ("standard error", run.stderr)):
        try:
            text = stream.decode("utf-8")
            unsafe = UNSAFE.search(text.replace("\t", "") if OWN_TEXTS & set(run.arguments) else text)
        except UnicodeDecodeError as error:
            yield f"{name} is not UTF-8: {error}"
            continue
        if unsafe:
            yield f"{name} holds U+{ord(unsafe[0]):04X}"
    if reported and "stdout" not in run.elsewhere and form_of(run.arguments) == "json" and not OWN_TEXTS & set(run.arguments):
        yield from json_complaints(run)


def json_complaints(run):
    errors = validate.check(run.stdout.decode("utf-8", errors="replace"), SCHEMA, False)
    if errors:
        yield f"the JSON is not valid: {errors[0][0]} {errors[0][1]}"
        return
    document = json.loads(run.stdout)
    verdicts = {item["verdict"] for item in document.get("items", [document])}
    if run.code == 0 and "--fail-on" not in run.arguments and verdicts & {"broken", "degraded", "unknown"}:
        yield f"exit code 0 with the verdicts {sorted(verdicts)}"
    if run.code == 1 and "--fail-on" not in run.arguments and not verdicts & {"broken", "degraded"}:
        yield f"exit code 1 with the verdicts {sorted(verdicts)}"
    if run.code == 4 and "unknown" not in verdicts:
        yield f"exit code 4 with the verdicts {sorted(verdicts)}"


def many(jobs, work):
    """work(job) for all jobs, a few at a time; the results in the order of the jobs."""
    with ThreadPoolExecutor(max(2, os.cpu_count() or 2)) as pool:
        yield from zip(jobs, pool.map(work, jobs))
