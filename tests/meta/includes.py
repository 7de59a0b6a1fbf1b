#!/usr/bin/env python3
"""Dependencies point one way (kube, net <- chain <- checks <- report <- cmd), each library is known to its own folder, and only cmd/
and report/ print. Reads the #include lines and the code; one test a file."""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))
from tally import Tally  # noqa: E402

MAY_INCLUDE = {
    "kube": {"kube"},
    "net": {"net", "kube"},
    "chain": {"chain", "net", "kube"},
    "checks": {"checks", "chain", "net", "kube"},
    "report": {"report", "checks", "chain", "net", "kube"},
    "cmd": {"cmd", "report", "checks", "chain", "net", "kube"},
}
# A library by its headers, and the files that may know it.
LIBRARIES = {
    r"CLI/": r"cmd/",
    r"nlohmann/": r"kube/json\.cc$",
    r"curl/": r"(kube|net)/",
    r"openssl/": r"(kube|net)/",
    r"yaml\.h$": r"kube/yaml\.cc$",
    r"ares": r"net/",
    r"re2/": r"chain/",
    r"doctest/": r"tests/",
}
INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]', re.M)
# Comments and literals, so that a word in a sentence is not taken for code. Raw strings first.
NOT_CODE = re.compile(r'R"([^(\s]*)\(.*?\)\1"|//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|(?<![0-9A-Za-z])\'(?:\\.|[^\'\\\n])+\'', re.S)
PRINTS = re.compile(r"std::(?:cout|cerr|clog)\b|\bv?f?printf\s*\(|\b(?:puts|fputs|putchar|putc|fputc|perror)\s*\(|\bfmt::print\b|"
                    r"\bwrite\s*\(\s*(?:1|2|STDOUT_FILENO|STDERR_FILENO)\b|\b(?:stdout|stderr)\b")


def complaints(name, text):
    folder = name.split("/")[0]
    is_check = re.fullmatch(r"checks/[^/]+/check\.cc", name)
    for mark, included in INCLUDE.findall(text):
        top = included.split("/")[0]
        for header, allowed in LIBRARIES.items():
            if re.match(header, included) and mark == "<" and not re.match(allowed, name):
                yield f"{name} includes <{included}>, which is for {allowed} alone"
        if mark == "<":
            if is_check and "/" in included and top not in ("fmt", "tl"):
                yield f"{name} includes <{included}>: a check needs no library"
        elif included == "version.h":
            if folder not in ("cmd", "report"):
                yield f'{name} includes "version.h", which is for cmd/ and report/'
        elif top not in MAY_INCLUDE[folder]:
            yield f'{name} includes "{included}": {folder}/ may include {", ".join(sorted(MAY_INCLUDE[folder]))} only, by paths from the root'
        # Text from a cluster may be quoted by a check only after it was cleaned.
        elif is_check and included != "kube/clean.h" and not included.startswith(("checks/", "chain/", "kube/objects/")):
            yield f'{name} includes "{included}": a check includes checks/, chain/ and kube/objects/ only'
    if folder not in ("cmd", "report"):
        # Lines stay where they are, for the message.
        code = NOT_CODE.sub(lambda found: "\n" * found.group().count("\n"), text)
        for number, line in enumerate(code.splitlines(), 1):
            if PRINTS.search(line):
                yield f"{name}:{number} prints: only cmd/ and report/ do ({line.strip()})"


def main():
    tally = Tally()
    for folder in MAY_INCLUDE:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in (".cc", ".h"):
                found = list(complaints(str(path.relative_to(ROOT)), path.read_text()))
                tally.check(not found, "\n".join(found))
    tally.finish()


if __name__ == "__main__":
    main()
