#!/usr/bin/env python3
"""A struct, class or enum of namespace gwdoctor is defined in one header alone: two that share a name are one to the linker, and
whichever constructor it keeps runs for both. One test a header; nested types and those of inner namespaces have names of their own."""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))
from tally import Tally  # noqa: E402

FOLDERS = ["kube", "net", "chain", "checks", "report", "cmd"]
# Comments and literals, so that a word or brace in a sentence is not taken for code. Raw strings first.
NOT_CODE = re.compile(r'R"([^(\s]*)\(.*?\)\1"|//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|(?<![0-9A-Za-z])\'(?:\\.|[^\'\\\n])+\'', re.S)
PIECE = re.compile(r"\b(?P<template>template\s*<(?:[^<>]|<[^<>]*>)*>)|\bnamespace\s+(?P<namespace>[\w:]*)\s*\{|"
                   r"\b(?:struct|class|enum(?:\s+(?:class|struct))?)\s+(?:\[\[[^\]]*\]\]\s*)?(?P<type>\w+\b(?!\s*::))(?P<special>\s*<)?"
                   r"[^;{}()]*(?P<body>\{)|(?P<open>\{)|(?P<close>\})")


def types(text):
    """The names of the types that are defined right in namespace gwdoctor. A specialization of a template is none."""
    code = NOT_CODE.sub(" ", text)
    scopes = []
    for piece in PIECE.finditer(code):
        if piece["template"]:
            continue
        if piece["namespace"] is not None:
            scopes.append("namespace " + piece["namespace"])
        elif piece["type"]:
            if scopes == ["namespace gwdoctor"] and not piece["special"]:
                yield piece["type"]
            scopes.append("type")
        elif piece["open"]:
            scopes.append("block")
        elif scopes:
            scopes.pop()


def self_test(tally):
    text = """namespace gwdoctor {
    // struct InComment {};
    struct One { struct Nested {}; enum class Inner { a }; };
    class Two final : public One { void run() { const char* text = "struct Text {"; } };
    template <class T> struct Three {};
    template <> struct Three<int> {};
    struct Forward; enum class Four { a, b }; enum class Five : int;
    void take(struct Six* six);
    inline int seven() { struct Local {}; return 1'000; }
    namespace inner { struct Eight {}; }
    }
    struct Outside {};
    """
    tally.check(list(types(text)) == ["One", "Two", "Three", "Four"], f"types.py reads {list(types(text))} from its own example")


def main():
    tally = Tally()
    self_test(tally)
    first = {}
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.h")):
            name = str(path.relative_to(ROOT))
            twice = [f"{name} defines {kind}, which {first[kind]} defines too: give one of them another name"
                     for kind in types(path.read_text()) if first.setdefault(kind, name) != name]
            tally.check(not twice, "\n".join(twice))
    tally.check(len(first) > 50, f"types.py found {len(first)} types only: it no longer reads the headers")
    tally.finish()


if __name__ == "__main__":
    main()
