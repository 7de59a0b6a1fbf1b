#!/usr/bin/env python3
"""Compares our reading and merging of kubeconfig files with kubectl's.

Sets of files come from a seeded generator: several files in several directories, entries that hide one another, relative
paths, YAML 1.1 words, anchors and merge keys, repeated keys, flow style, JSON, and single mistakes. For each set, what
`kubectl config view --raw --flatten -o json` says is compared with what the program `dump` says. Where kubectl is not
installed, its recorded answers to the same sets are compared instead. The oracle that was used is always printed.

    differential.py DUMP [--seed N] [--count N] [--oracle auto|kubectl|recorded] [--record] [--keep]
"""

import argparse
import base64
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

from generate import Generator

HERE = os.path.dirname(os.path.abspath(__file__))


def write_files(root, files):
    for path, text in files.items():
        place = os.path.join(root, path)
        os.makedirs(os.path.dirname(place), exist_ok=True)
        with open(place, "w", newline="") as out:
            out.write(text)


def run(command, root, kubeconfig):
    environment = {"PATH": os.environ["PATH"], "HOME": os.path.join(root, "home")}
    if kubeconfig is not None:
        environment["KUBECONFIG"] = kubeconfig
    return subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, timeout=60)


def complaint(stderr):
    """What an error says, in a form that both programs share."""
    found = re.search(r"cannot unmarshal (\w+) into (?:Go struct )?field (\S+)", stderr)
    if found:
        field = re.sub(r"\[\d+\]", "", found.group(2))
        return f"{found.group(1)} in {re.sub(r'^([A-Z][A-Za-z]*)?[.]', '', field)}"
    for phrase in ("no such file", "duplicate name", "illegal base64 data", "no kind"):
        if phrase in stderr:
            return phrase
    return "yaml"


def kubectl_answer(arguments, root, kubeconfig):
    done = run(["kubectl", "config", "view", "--raw", "--flatten", "-o", "json"] + arguments, root, kubeconfig)
    if done.returncode != 0:
        return {"error": complaint(done.stderr)}
    view = json.loads(done.stdout.replace(os.path.dirname(root), "ROOT"))
    for context in view["contexts"] or []:
        context["context"].pop("extensions", None)
    return {key: view[key] for key in ("clusters", "users", "contexts", "current-context")}


def our_answer(dump, arguments, root, kubeconfig):
    done = run([dump] + arguments, root, kubeconfig)
    if done.returncode not in (0, 1):
        raise SystemExit(f"{dump} ended with {done.returncode}: {done.stderr}")
    if done.returncode == 1:
        if "error loading config file" not in done.stderr:
            raise SystemExit(f"an error that names no file: {done.stderr}")
        return {"error": complaint(done.stderr)}
    view = json.loads(done.stdout)
    # kubectl shows files by their content.
    for holder, field in [(c["cluster"], "certificate-authority") for c in view["clusters"] or []] + [
            (u["user"], field) for u in view["users"] or [] for field in ("client-certificate", "client-key")]:
        if field in holder:
            if not os.path.exists(holder[field]):
                return {"error": "no such file"}
            with open(holder.pop(field), "rb") as content:
                holder[field + "-data"] = base64.b64encode(content.read()).decode()
    return json.loads(json.dumps(view).replace(os.path.dirname(root), "ROOT"))


def same_path(ours, theirs, directories):
    """kubectl shows tokenFile and exec.command as they are written; ours are resolved against the defining file."""
    return any(ours == os.path.normpath(os.path.join("ROOT/top", directory, theirs)) for directory in directories)


def difference(ours, theirs, directories, path=""):
    """The first place where two answers differ, or None."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key in sorted(set(ours) | set(theirs)):
            if key not in ours or key not in theirs:
                return f"{path}.{key}: {'missing from ours' if key not in ours else 'missing from theirs'}"
            found = difference(ours[key], theirs[key], directories, f"{path}.{key}")
            if found:
                return found
        return None
    if isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        pairs = zip(ours, theirs)
        return next(filter(None, (difference(a, b, directories, f"{path}[{i}]") for i, (a, b) in enumerate(pairs))), None)
    if path.endswith((".tokenFile", ".exec.command")) and isinstance(ours, str) and isinstance(theirs, str):
        unchanged = theirs.startswith("/") or (path.endswith("command") and "/" not in theirs)
        good = ours == theirs if unchanged else same_path(ours, theirs, directories)
        return None if good else f"{path}: ours {ours!r}, theirs {theirs!r}"
    return None if ours == theirs else f"{path}: ours {ours!r}, theirs {theirs!r}"


def digest(*parts):
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


def choose_oracle(wanted, recorded):
    if wanted != "recorded" and shutil.which("kubectl"):
        version = json.loads(subprocess.run(["kubectl", "version", "--client", "-o", "json"], capture_output=True, text=True,
                                            timeout=60).stdout)["clientVersion"]["gitVersion"].split("-")[0]
        print(f"oracle: kubectl {version}")
        return "kubectl", {"kubectl": version, "answers": []}
    if wanted == "kubectl":
        raise SystemExit("kubectl is not installed")
    if not os.path.exists(recorded):
        raise SystemExit(f"neither kubectl nor its recorded answers ({recorded}) are here")
    with open(recorded) as source:
        record = json.load(source)
    print(f"oracle: recorded answers of kubectl {record['kubectl']} ({os.path.relpath(recorded, HERE)})")
    return "recorded", record


def compare_set(index, generator, options, oracle, record, parent):
    files, made, arguments, kubeconfig = generator.file_set()
    root = os.path.join(parent, str(index), "top")  # room for ../
    write_files(root, made)
    write_files(root, files)
    key = digest(files, made, arguments, kubeconfig)
    if oracle == "kubectl":
        theirs = kubectl_answer(arguments, root, kubeconfig)
        record["answers"].append({"set": key, "answer": theirs})
    else:
        if index >= len(record["answers"]) or record["answers"][index]["set"] != key:
            return "the recorded answers are those of other files: run with --record where kubectl is installed", None
        theirs = record["answers"][index]["answer"]
    ours = our_answer(options.dump, arguments, root, kubeconfig)
    found = difference(ours, theirs, {os.path.dirname(path) for path in files})
    return found, theirs


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("dump")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=120)
    parser.add_argument("--oracle", choices=["auto", "kubectl", "recorded"], default="auto")
    parser.add_argument("--record", action="store_true")
    parser.add_argument("--keep", action="store_true", help="leave the files of a set that differs")
    options = parser.parse_args()
    options.dump = os.path.abspath(options.dump)
    recorded = os.path.join(HERE, "recorded", f"seed-{options.seed}.json")
    oracle, record = choose_oracle("kubectl" if options.record else options.oracle, recorded)
    generator = Generator(options.seed)
    parent = os.path.realpath(tempfile.mkdtemp(prefix="kubeconfig-"))
    failures = refused = 0
    for index in range(options.count):
        found, theirs = compare_set(index, generator, options, oracle, record, parent)
        refused += bool(theirs and "error" in theirs)
        if found:
            failures += 1
            print(f"set {index} differs: {found}" + (f" (files in {parent}/{index})" if options.keep else ""))
            if theirs is None:
                break
    if options.record and not failures:
        os.makedirs(os.path.dirname(recorded), exist_ok=True)
        with open(recorded, "w") as out:
            json.dump(record, out, separators=(",", ":"), sort_keys=True)
            out.write("\n")
    if not (options.keep and failures):
        shutil.rmtree(parent)
    print(f"{options.count} sets, of which kubectl refuses {refused}: {failures} differ")
    print(f"{options.count - failures} passed, {failures} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
