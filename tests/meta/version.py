#!/usr/bin/env python3
"""One version: CMake's is the formula's, and the program's where it is given."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))
from tally import Tally  # noqa: E402


def main():
    tally = Tally()
    project = re.search(r"^project\(kubectl-gwdoctor VERSION (\d+\.\d+\.\d+)\b", (ROOT / "CMakeLists.txt").read_text(), re.M)
    tally.check(project, "CMakeLists.txt: no project(kubectl-gwdoctor VERSION x.y.z)")
    version = project.group(1) if project else "?"
    tag = re.search(r'^\s*tag: +"v([^"]+)"', (ROOT / "kubectl-gwdoctor.rb").read_text(), re.M)
    tally.check(tag and tag.group(1) == version,
                f"kubectl-gwdoctor.rb: tag v{tag.group(1) if tag else '?'}, and CMakeLists.txt has {version}")
    for program in sys.argv[1:]:
        ran = subprocess.run([ROOT / program, "version"], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60)
        tally.check(ran.returncode == 0 and re.search(rf"(?<![\d.])v?{re.escape(version)}(?![\d.]\d)", ran.stdout),
                    f"{program} version: exit {ran.returncode}, {ran.stdout.strip()!r} does not name {version}")
    tally.finish()


if __name__ == "__main__":
    main()
