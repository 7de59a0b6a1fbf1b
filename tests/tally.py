"""Counts what a script checked, in the words that tests/run.py reads."""

import sys


class Tally:
    def __init__(self):
        self.passed = 0
        self.failed = 0

    def check(self, holds, complaint):
        """One thing that must hold; `complaint` says what is wrong and what to do."""
        if holds:
            self.passed += 1
        else:
            self.failed += 1
            print(complaint)

    def finish(self):
        print(f"{self.passed} passed, {self.failed} failed")
        sys.exit(1 if self.failed else 0)
