#!/usr/bin/env python3
"""Each folder of checks/ is complete: the check, its page, a firing, a silent and a blind case, and the golden text. One test a folder."""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))
from tally import Tally  # noqa: E402

SHARED = {"support"}  # what several checks call
HEADINGS = ["What it finds", "Why traffic breaks", "How gwdoctor knows", "Confirm by hand", "Fix", "Not reported when"]


def complaints(folder):
    code = folder.name
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)+", code):
        yield "the name of a check is lower-case words joined by dashes"
    check = folder / "check.cc"
    if not check.is_file():
        yield "no check.cc"
    elif f'.code = "{code}"' not in check.read_text():
        yield f'check.cc has no .code = "{code}"'
    page = folder / "doc.md"
    if not page.is_file():
        yield "no doc.md"
    else:
        yield from page_complaints(page.read_text())
    yield from case_complaints(folder, code)
    golden = folder / "text.golden"
    if not golden.is_file() or not golden.read_text().strip():
        yield "no text.golden, or an empty one; run the cases with UPDATE_GOLDEN=1 and read it"


def page_complaints(page):
    # A line that starts with # inside a code block is a comment of the shell.
    prose = re.sub(r"^```.*?^```[^\n]*$", "", page, flags=re.M | re.S)
    found = [heading for heading in re.findall(r"^#+ +(.+?) *$", prose, re.M) if heading in HEADINGS]
    if found != HEADINGS:
        yield f"doc.md must have these headings, each once and in this order: {', '.join(HEADINGS)}; it has {', '.join(found) or 'none'}"
        return
    sections = re.split(r"^#+ +.+$", page, flags=re.M)
    if any(not section.strip() for section in sections[-len(HEADINGS):]):
        yield "doc.md has a heading with nothing under it"


def case_complaints(folder, code):
    cases = {path.name: path.read_text() for path in sorted((folder / "cases").glob("*.yaml"))}
    if len(cases) < 3:
        yield f"{len(cases)} cases, and three are the least: firing, near-miss or silent, blind"
    if not any(re.search(rf"# want {re.escape(code)}(?![a-z0-9-])", text) for text in cases.values()):
        yield f"no case with the marker `# want {code}`"
    if not any("# want" not in text for text in cases.values()):
        yield "no case without a marker, which must stay silent"
    if not any(re.search(r"^# (deny:|unknown$)", text, re.M) for text in cases.values()):
        yield "no case with a `# deny:` or `# unknown` line, in which the check cannot look"


def main():
    tally = Tally()
    for folder in sorted(path for path in (ROOT / "checks").iterdir() if path.is_dir() and path.name not in SHARED):
        found = list(complaints(folder))
        tally.check(not found, f"checks/{folder.name}: " + "; ".join(found))
    tally.finish()


if __name__ == "__main__":
    main()
