#!/usr/bin/env python3
"""The ClusterRole in README.md grants get and list on exactly the kinds that the program reads (kube/kind.cc). One test a kind."""

import re
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))
from tally import Tally  # noqa: E402


def kinds_read():
    """(group, plural) of each row of the table in kube/kind.cc."""
    text = (ROOT / "kube/kind.cc").read_text()
    constants = dict(re.findall(r'constexpr std::string_view (\w+) = "([^"]+)";', text))
    rows = re.findall(r'\{Kind::\w+,\s*"\w+",\s*("[^"]*"|\w+),\s*"(\w+)"', text)
    return {(group.strip('"') if group.startswith('"') else constants[group], plural) for group, plural in rows}


def main():
    tally = Tally()
    role = re.search(r"```yaml\n(.*?kind: ClusterRole\n.*?)```", (ROOT / "README.md").read_text(), re.S)
    rules = yaml.safe_load(role.group(1))["rules"] if role else []
    granted = {(group, resource) for rule in rules for group in rule["apiGroups"] for resource in rule["resources"]}
    for group, plural in sorted(kinds_read()):
        tally.check((group, plural) in granted, f"README.md: the ClusterRole lacks {plural} of group \"{group}\"")
    for group, plural in sorted(granted - kinds_read()):
        tally.check(False, f"README.md: the ClusterRole grants {plural} of group \"{group}\", which is not read")
    tally.check(rules and all(set(rule["verbs"]) == {"get", "list"} for rule in rules),
                "README.md: the ClusterRole grants get and list, nothing else")
    tally.finish()


if __name__ == "__main__":
    main()
