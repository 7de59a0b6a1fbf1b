"""What the suites that go test by test share: choosing by name, running one, and telling how it went."""

import sys
import time
import traceback

from cluster import Failure


class Reporting:
    """For a suite with `options.names`."""
    passed = 0
    failed = 0

    def wanted(self, name):
        return not self.options.names or any(part in name for part in self.options.names)

    def check(self, name, test):
        """Runs one test, which returns what is wrong and the answer it judged; prints its line."""
        if not self.wanted(name):
            return
        started = time.monotonic()
        try:
            wrong, answer = test()
        except Failure as failure:
            wrong, answer = [f"the lab: {failure}"], None
        except Exception:   # a test that throws fails alone
            wrong, answer = [traceback.format_exc()], None
        seconds = time.monotonic() - started
        self.passed, self.failed = self.passed + (not wrong), self.failed + bool(wrong)
        print(f"{'FAIL' if wrong else 'ok  '} {seconds:5.1f} s  {name}", *[f"           {line}" for line in wrong], sep="\n")
        if wrong and answer is not None:
            print(f"           got: {answer}", *[f"           {line}" for line in self.details(answer)], f"           saved: {answer.path}",
                  sep="\n")
        sys.stdout.flush()

    def details(self, answer):
        """More lines about an answer that is wrong."""
        return []
