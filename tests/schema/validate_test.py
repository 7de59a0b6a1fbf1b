#!/usr/bin/env python3
"""Tests of validate.py: what it must refuse, and that it takes the goldens of the JSON renderer."""

import copy
import json
import pathlib
import subprocess
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
GOLDENS = HERE.parent / "goldens" / "json"
sys.path.insert(0, str(HERE))
import validate  # noqa: E402


def golden(name):
    return json.loads((GOLDENS / name).read_text(encoding="utf-8"))


def complaints(document, shape_only=False):
    validator = validate.Validator(json.loads(validate.DEFAULT_SCHEMA.read_text(encoding="utf-8")))
    return [f"{path} {what}" for path, what in validate.check(json.dumps(document), validator, shape_only)]


class Goldens(unittest.TestCase):
    def test_every_golden_is_valid(self):
        files = sorted(GOLDENS.glob("*.json"))
        self.assertGreaterEqual(len(files), 4)
        for file in files:
            self.assertEqual(complaints(json.loads(file.read_text(encoding="utf-8"))), [], file.name)


class Refused(unittest.TestCase):
    def expect(self, change, part, name="broken.json", shape_only=False):
        document = copy.deepcopy(golden(name))
        change(document)
        found = complaints(document, shape_only)
        self.assertTrue(any(part in one for one in found), f"{part!r} is not among {found}")

    def test_a_member_that_the_schema_does_not_know(self):
        self.expect(lambda one: one.update(extra=1), "$ has 'extra'")
        self.expect(lambda one: one["findings"][0]["fix"].update(extra=1), "$.findings[0].fix has 'extra'")

    def test_a_member_that_is_missing(self):
        self.expect(lambda one: one.pop("takenAt"), "$ lacks 'takenAt'")
        self.expect(lambda one: one["findings"][0].pop("evidence"), "$.findings[0] lacks 'evidence'")

    def test_a_word_outside_an_enumeration(self):
        self.expect(lambda one: one.update(verdict="fine"), "$.verdict is \"fine\"")
        self.expect(lambda one: one["chain"][0].update(layer="klass"), "$.chain[0].layer is \"klass\"")
        self.expect(lambda one: one["unknowns"][0].update(reason="rbac"), "$.unknowns[0].reason is \"rbac\"")

    def test_a_value_of_another_type(self):
        self.expect(lambda one: one["stats"].update(bytes="12"), "$.stats.bytes is \"12\"")
        self.expect(lambda one: one["findings"][0].update(rank=True), "$.findings[0].rank is true")
        self.expect(lambda one: one["stats"].update(requests=1.5), "$.stats.requests is 1.5")

    def test_a_time_that_is_not_utc(self):
        self.expect(lambda one: one.update(takenAt="2026-11-23T10:46:12+01:00"), "$.takenAt")
        self.expect(lambda one: one.update(takenAt="2026-11-23T10:46:12Z\n"), "$.takenAt")

    def test_a_consequence_without_its_cause_and_a_cause_with_one(self):
        self.expect(lambda one: one["findings"][3].pop("explainedBy"), "lacks 'explainedBy'", shape_only=True)
        self.expect(lambda one: one["findings"][0].update(explainedBy=2), "$.findings[0] must not match", shape_only=True)

    def test_restores_of_a_fix_that_was_not_tried(self):
        self.expect(lambda one: one["findings"][0]["fix"].update(verified=None), "$.findings[0].fix must not match")
        self.expect(lambda one: one["findings"][0]["fix"].pop("patch"), "$.findings[0].fix lacks 'patch'")

    def test_an_error_in_an_item_of_a_list_is_named_by_its_place(self):
        self.expect(lambda one: one["items"][1].update(verdict="fine"), "$.items[1].verdict is \"fine\"", "list.json")

    def test_a_document_of_another_kind(self):
        self.expect(lambda one: one.update(kind="Report"), "$.kind is \"Report\"")

    def test_ranks_that_do_not_count_from_one(self):
        self.expect(lambda one: one["findings"][1].update(rank=7), "$.findings[1].rank is 7")

    def test_a_reference_to_a_rank_that_is_not_there(self):
        self.expect(lambda one: one["findings"][3].update(explainedBy=9), "$.findings[3].explainedBy is 9")
        self.expect(lambda one: one["findings"][3].update(explainedBy=5), "$.findings[3].explainedBy is 5")
        self.expect(lambda one: one["together"].update(fixes=[1, 3]), "$.together.fixes names 3")

    def test_a_verdict_that_the_findings_do_not_bear_out(self):
        self.expect(lambda one: one.update(findings=[], together={"fixes": [1], "verdict": "healthy"}), "without a finding")
        self.expect(lambda one: one.update(verdict="healthy"), "healthy while facts are missing", "unknown.json")
        self.expect(lambda one: one.update(verdict="at-risk"), "at-risk without a warning", "unknown.json")
        self.expect(lambda one: one.update(verdict="unknown"), "the worst item is broken", "list.json")

    def test_the_shape_alone(self):
        document = golden("list.json")
        document["verdict"] = "unknown"
        self.assertEqual(complaints(document, shape_only=True), [])


class Program(unittest.TestCase):
    def run_program(self, arguments, text=""):
        return subprocess.run([sys.executable, str(HERE / "validate.py"), *arguments], input=text.encode(),
                              capture_output=True, check=False)

    def test_files_and_standard_input(self):
        text = (GOLDENS / "broken.json").read_text(encoding="utf-8")
        self.assertEqual(self.run_program([], text).returncode, 0)
        self.assertEqual(self.run_program(["-"], text).returncode, 0)
        self.assertEqual(self.run_program([str(GOLDENS / "list.json")]).returncode, 0)

    def test_exit_codes(self):
        self.assertEqual(self.run_program([], "{}").returncode, 1)
        self.assertEqual(self.run_program([], "not json").returncode, 1)
        self.assertEqual(self.run_program(["/nowhere/at/all.json"]).returncode, 2)

    def test_texts_that_are_no_json(self):
        validator = validate.Validator(True)
        for text in ('{"a": 1, "a": 2}', '{"a": NaN}', '{"a": 1} {}', ""):
            self.assertNotEqual(validate.check(text, validator, True), [], text)

    def test_a_schema_with_a_keyword_that_is_not_known_is_refused(self):
        for schema in ({"minProperties": 1}, {"properties": {"a": {"format": "date"}}}, {"$ref": "#/$defs/none"}):
            with self.assertRaises(validate.SchemaError):
                validate.Validator(schema)

    def test_true_is_not_one(self):
        self.assertTrue(validate.equal(1, 1.0))
        self.assertFalse(validate.equal(1, True))
        self.assertFalse(validate.equal([0], [False]))


if __name__ == "__main__":
    unittest.main()
