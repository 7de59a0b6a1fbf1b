#!/usr/bin/env python3
"""Style and static analysis: clang-format over every C++ file, clang-tidy over every source of the program.

    scripts/lint.py [format] [tidy] [FILE...]

clang-tidy takes seconds a file, so a file that passed is remembered by the hash of itself, of all project headers that it
includes, of its compile command and of .clang-tidy, and is not looked at again (in ~/.cache/gwdoctor/tidy).
"""

import concurrent.futures
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ["kube", "net", "chain", "checks", "report", "cmd", "tests"]
COMMANDS = ROOT / "build" / "lint" / "compile_commands.json"
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "gwdoctor" / "tidy"
INCLUDE = re.compile(rb'^\s*#\s*include\s+"([^"]+)"', re.M)


def tool(name):
    """The tool of the version whose output the project is formatted with, or the plain one."""
    found = shutil.which(f"{name}-14") or shutil.which(name)
    if not found:
        sys.exit(f"lint: {name} is not installed; run scripts/install-deps.sh lint")
    return found


def cxx_files(suffixes):
    """Tracked files and new ones that no .gitignore hides; every file of the folders where this is no git checkout."""
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--"] + FOLDERS,
                            cwd=ROOT, capture_output=True, text=True)
    if listed.returncode == 0:
        names = listed.stdout.split("\0")
    else:
        names = [str(path.relative_to(ROOT)) for folder in FOLDERS for path in (ROOT / folder).rglob("*")]
    return sorted({name for name in names if name.endswith(suffixes) and (ROOT / name).is_file()})


def run_format(files):
    files = [name for name in files if name.endswith((".cc", ".h"))]
    bad = []
    for start in range(0, len(files), 50):
        ran = subprocess.run([tool("clang-format"), "--dry-run", "-Werror", "--ferror-limit=3"] + files[start:start + 50],
                             cwd=ROOT, capture_output=True, text=True)
        if ran.returncode != 0:
            bad.append(ran.stderr)
    if bad:
        print("".join(bad))
        print("format: `make format` mends this")
    print(f"format: {len(files)} files")
    return not bad and bool(files)


def closure_hash(name, command, salt):
    """Of everything in the project that decides what clang-tidy says about a file."""
    digest = hashlib.sha256(salt + command.encode())
    waiting, seen = [ROOT / name], set()
    while waiting:
        path = waiting.pop()
        if path in seen or not path.is_file():
            continue
        seen.add(path)
        text = path.read_bytes()
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + text)
        for found in INCLUDE.findall(text):
            included = found.decode()
            waiting += [ROOT / included, ROOT / "build" / "lint" / "generated" / included]
    return digest.hexdigest()


def configure():
    ran = subprocess.run(["cmake", "--preset", "lint"], cwd=ROOT, capture_output=True, text=True)
    if ran.returncode != 0:
        sys.exit(f"lint: cmake --preset lint failed\n{ran.stdout}{ran.stderr}")


def run_tidy(files):
    configure()
    clang_tidy = tool("clang-tidy")
    version = subprocess.run([clang_tidy, "--version"], capture_output=True).stdout
    salt = version + (ROOT / ".clang-tidy").read_bytes()
    commands = {entry["file"]: entry["command"] for entry in json.loads(COMMANDS.read_text())}
    CACHE.mkdir(parents=True, exist_ok=True)
    todo, kept = [], 0
    # The analysis is for what users run; tests are formatted, and compiled with every warning an error.
    for name in [name for name in files if name.endswith(".cc") and not name.startswith("tests/")]:
        command = commands.get(str(ROOT / name))
        if command is None:
            continue  # not part of the build, such as a fuzz target
        key = CACHE / closure_hash(name, command, salt)
        if key.exists():
            os.utime(key)
            kept += 1
        else:
            todo.append((name, key))

    def one(item):
        name, key = item
        # GCC's own options mean nothing to clang; the headers are judged with the sources that include them.
        ran = subprocess.run([clang_tidy, "--quiet", "-p", str(COMMANDS.parent), "--extra-arg=-Wno-unknown-warning-option",
                              "--extra-arg=-Wno-ignored-optimization-argument", name],
                             cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if ran.returncode == 0:
            key.touch()
            return None
        return f"{ran.stdout}{ran.stderr}"

    with concurrent.futures.ThreadPoolExecutor(max_workers=int(os.environ.get("JOBS") or os.cpu_count() or 1)) as pool:
        bad = 0
        for text in pool.map(one, todo):
            if text:
                print(text, flush=True)
                bad += 1
    for old in CACHE.iterdir():
        if time.time() - old.stat().st_mtime > 30 * 86400:
            old.unlink(missing_ok=True)
    print(f"tidy: {len(todo) + kept} sources, {kept} of them unchanged since they passed")
    return not bad and len(todo) + kept > 0


def main():
    words = sys.argv[1:]
    steps = [word for word in words if word in ("format", "tidy")] or ["format", "tidy"]
    named = [os.path.relpath(word, ROOT) for word in words if word not in ("format", "tidy")]
    files = named or cxx_files((".cc", ".h"))
    results = [(run_format if step == "format" else run_tidy)(files) for step in steps]
    print(f"{results.count(True)} passed, {results.count(False)} failed")
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
