#!/usr/bin/env python3
"""The Homebrew formula parses, keeps the rules that `brew audit` checks first, and its test would pass: the manifest in it is run."""

import re
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))
from tally import Tally  # noqa: E402

FORMULA = ROOT / "kubectl-gwdoctor.rb"


def main():
    tally = Tally()
    ran = subprocess.run(["ruby", "-c", FORMULA], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    tally.check(ran.returncode == 0, f"ruby -c {FORMULA.name}: {ran.stderr}")
    text = FORMULA.read_text()
    tally.check("class KubectlGwdoctor < Formula" in text, "the class of kubectl-gwdoctor.rb is KubectlGwdoctor")
    desc = re.search(r'^  desc "([^"]+)"', text, re.M)
    tally.check(desc and len(desc.group(1)) <= 80 and not re.match(r"(?i)(an?|the|kubectl-gwdoctor)\b", desc.group(1)) and
                not desc.group(1).endswith("."), "desc: at most 80 characters, no article or name first, no stop last")
    order = [text.find(f"\n  {word}") for word in ("desc", "homepage", "url", "license", "head", "depends_on", "def install", "test do")]
    tally.check(-1 not in order and order == sorted(order), "desc, homepage, url, license, head, depends_on, install, test: in this order")
    built = set(re.findall(r"find_package\((CURL|OpenSSL|fmt|nlohmann_json|CLI11|tl-expected)\b", (ROOT / "CMakeLists.txt").read_text()))
    names = {"CURL": "curl", "OpenSSL": "openssl@3", "fmt": "fmt", "nlohmann_json": "nlohmann-json", "CLI11": "cli11",
             "tl-expected": "tl-expected"}
    missing = sorted(names[package] for package in built if f'depends_on "{names[package]}"' not in text)
    tally.check(not missing, f"CMakeLists.txt finds packages on which the formula does not depend: {', '.join(missing)}")
    manifest = re.search(r'\(testpath/"broken\.yaml"\)\.write <<~YAML\n(.*?)\n +YAML\n', text, re.S)
    tally.check(manifest, "test do writes broken.yaml")
    if manifest and sys.argv[1:]:
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "broken.yaml").write_text(textwrap.dedent(manifest.group(1)) + "\n")
            ran = subprocess.run([ROOT / sys.argv[1], "route", "shop", "-n", "shop", "--from", "broken.yaml"], cwd=folder,
                                 capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60)
        tally.check(ran.returncode == 1 and "service-port-not-found" in ran.stdout,
                    f"the formula's test: exit {ran.returncode}, and 1 with service-port-not-found was expected\n{ran.stdout}{ran.stderr}")
    tally.finish()


if __name__ == "__main__":
    main()
