#!/usr/bin/env python3
"""apply.py RUN FILE...: creates the objects of YAML files (- is stdin), and waits until the API serves the kinds that they define.

One object at a time goes to the API server as it stands in the file, so that no YAML parser is needed: only kind and name are read from it.
"""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from cluster import Api, path_of, wait_for  # noqa: E402


def objects(files):
    for file in files:
        text = sys.stdin.read() if file == "-" else open(file, encoding="utf-8").read()
        for document in re.split(r"(?m)^---.*$", text):
            kind = re.search(r"(?m)^kind: *(\S+)", document)
            name = re.search(r"(?m)^  name: *(\S+)|^metadata: \{name: ([^,} ]+)", document)
            if kind and name:
                yield kind[1], name[1] or name[2], document


def main():
    api = Api(sys.argv[1])
    definitions = []
    for kind, name, text in objects(sys.argv[2:]):
        path = path_of(kind, name)
        api.send("PATCH", path + "?fieldManager=e2e&force=true", text, "application/apply-patch+yaml")
        if kind == "CustomResourceDefinition":
            definitions.append(path)
    for path in definitions:
        wait_for(lambda: "True" in [c["status"] for c in api.get(path).get("status", {}).get("conditions", []) if c["type"] == "Established"],
                 30, f"the API serves {path.rsplit('/', 1)[1]}")


main()
