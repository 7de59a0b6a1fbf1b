#!/usr/bin/env python3
"""Validates what `-o json` prints against docs/schema/, with nothing but the standard library.

    validate.py [--schema FILE] [--shape-only] [FILE ...]     "-" or no file: standard input

Exit code: 0 all valid, 1 something is not, 2 wrong usage, a file that cannot be read, or a schema that asks for
something this program does not know. Besides the schema, the promises that a schema cannot express are checked:
ranks count from 1, references by rank lead somewhere, the verdict agrees with the findings, a list has its worst
item's verdict. --shape-only leaves those out.
"""

import argparse
import json
import pathlib
import re
import sys

DEFAULT_SCHEMA = pathlib.Path(__file__).resolve().parents[2] / "docs" / "schema" / "diagnosis.schema.json"
ANNOTATIONS = {"$schema", "$id", "$defs", "$comment", "title", "description", "examples", "default"}
TYPES = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "number": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
    "integer": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool) and value == int(value),
}
WORST_LAST = ["healthy", "at-risk", "unknown", "degraded", "broken"]


class SchemaError(Exception):
    pass


def equal(left, right):
    """Equality of JSON: true is not 1, while 1 is 1.0."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(equal(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(equal, left, right))
    return type(left) in (int, float) and type(right) in (int, float) and left == right or (
        type(left) is type(right) and left == right)


class Validator:
    """JSON Schema 2020-12, as much of it as the project's schemas use. Any other keyword is an error."""

    def __init__(self, schema):
        self.root = schema
        self.check_keywords(schema, "#")

    def validate(self, value):
        return list(self.errors(value, self.root, "$"))

    def check_keywords(self, schema, where):
        if isinstance(schema, bool):
            return
        if not isinstance(schema, dict):
            raise SchemaError(f"{where}: a schema is an object or a boolean")
        for keyword, argument in schema.items():
            if keyword in ANNOTATIONS - {"$defs"}:
                continue
            if keyword not in KEYWORDS and keyword not in ("$defs", "then", "else"):
                raise SchemaError(f"{where}: keyword {keyword!r} is not known to this validator")
            if keyword in ("$defs", "properties", "patternProperties"):
                for name, inner in argument.items():
                    self.check_keywords(inner, f"{where}/{keyword}/{name}")
            elif keyword in ("allOf", "anyOf", "oneOf"):
                for at, inner in enumerate(argument):
                    self.check_keywords(inner, f"{where}/{keyword}/{at}")
            elif keyword in ("items", "additionalProperties", "not", "if", "then", "else"):
                self.check_keywords(argument, f"{where}/{keyword}")
            elif keyword == "$ref":
                self.resolve(argument)

    def resolve(self, reference):
        if not reference.startswith("#"):
            raise SchemaError(f"$ref {reference}: only references into the same file are followed")
        here = self.root
        for step in reference[1:].split("/")[1:]:
            try:
                here = here[step.replace("~1", "/").replace("~0", "~")]
            except (KeyError, TypeError):
                raise SchemaError(f"$ref {reference}: leads nowhere") from None
        return here

    def errors(self, value, schema, path):
        if schema is True:
            return
        if schema is False:
            yield path, "is not allowed"
            return
        for keyword, argument in schema.items():
            if keyword in KEYWORDS:
                yield from KEYWORDS[keyword](self, value, argument, schema, path)

    def holds(self, value, schema):
        return next(self.errors(value, schema, ""), None) is None


def ref(validator, value, argument, _schema, path):
    yield from validator.errors(value, validator.resolve(argument), path)


def type_(_validator, value, argument, _schema, path):
    names = [argument] if isinstance(argument, str) else argument
    if not any(TYPES[name](value) for name in names):
        yield path, f"is {shown(value)}, not of type {' or '.join(names)}"


def enum(_validator, value, argument, _schema, path):
    if not any(equal(value, one) for one in argument):
        yield path, f"is {shown(value)}, not one of {', '.join(map(json.dumps, argument))}"


def const(_validator, value, argument, _schema, path):
    if not equal(value, argument):
        yield path, f"is {shown(value)}, not {json.dumps(argument)}"


def required(_validator, value, argument, _schema, path):
    if isinstance(value, dict):
        for name in argument:
            if name not in value:
                yield path, f"lacks {name!r}"


def properties(validator, value, argument, _schema, path):
    if isinstance(value, dict):
        for name, inner in argument.items():
            if name in value:
                yield from validator.errors(value[name], inner, f"{path}.{name}")


def additional_properties(validator, value, argument, schema, path):
    if isinstance(value, dict):
        for name in value:
            if name in schema.get("properties", {}):
                continue
            if argument is False:
                yield path, f"has {name!r}, which the schema does not know"
            else:
                yield from validator.errors(value[name], argument, f"{path}.{name}")


def items(validator, value, argument, _schema, path):
    if isinstance(value, list):
        for at, one in enumerate(value):
            yield from validator.errors(one, argument, f"{path}[{at}]")


def min_items(_validator, value, argument, _schema, path):
    if isinstance(value, list) and len(value) < argument:
        yield path, f"has {len(value)} items, fewer than {argument}"


def max_items(_validator, value, argument, _schema, path):
    if isinstance(value, list) and len(value) > argument:
        yield path, f"has {len(value)} items, more than {argument}"


def unique_items(_validator, value, argument, _schema, path):
    if argument and isinstance(value, list):
        for at, one in enumerate(value):
            if any(equal(one, other) for other in value[:at]):
                yield f"{path}[{at}]", "is there twice"


def min_length(_validator, value, argument, _schema, path):
    if isinstance(value, str) and len(value) < argument:
        yield path, f"is shorter than {argument}"


def max_length(_validator, value, argument, _schema, path):
    if isinstance(value, str) and len(value) > argument:
        yield path, f"is longer than {argument}"


def pattern(_validator, value, argument, _schema, path):
    if isinstance(value, str) and not re.search(re.sub(r"\$$", r"\\Z", argument), value):
        yield path, f"is {shown(value)}, which does not match {argument}"


def minimum(_validator, value, argument, _schema, path):
    if TYPES["number"](value) and value < argument:
        yield path, f"is {value}, less than {argument}"


def maximum(_validator, value, argument, _schema, path):
    if TYPES["number"](value) and value > argument:
        yield path, f"is {value}, more than {argument}"


def not_(validator, value, argument, _schema, path):
    if validator.holds(value, argument):
        yield path, f"must not match {json.dumps(argument)}"


def if_(validator, value, argument, schema, path):
    branch = schema.get("then" if validator.holds(value, argument) else "else", True)
    yield from validator.errors(value, branch, path)


def all_of(validator, value, argument, _schema, path):
    for inner in argument:
        yield from validator.errors(value, inner, path)


def any_of(validator, value, argument, _schema, path):
    branches = [list(validator.errors(value, inner, path)) for inner in argument]
    if all(branches):
        yield from nearest(branches, path)


def one_of(validator, value, argument, _schema, path):
    branches = [list(validator.errors(value, inner, path)) for inner in argument]
    matching = sum(not errors for errors in branches)
    if matching == 0:
        yield from nearest(branches, path)
    elif matching > 1:
        yield path, f"matches {matching} alternatives, not one"


def nearest(branches, path):
    """The complaints of the alternative that was meant: of those whose fixed members fit, the one with the fewest."""
    return min(branches, key=lambda errors: (sum(where.count(".") <= path.count(".") + 1 and ", not \"" in what
                                                 for where, what in errors), len(errors)))


KEYWORDS = {
    "$ref": ref, "type": type_, "enum": enum, "const": const, "required": required, "properties": properties,
    "additionalProperties": additional_properties, "items": items, "minItems": min_items, "maxItems": max_items,
    "uniqueItems": unique_items, "minLength": min_length, "maxLength": max_length, "pattern": pattern,
    "minimum": minimum, "maximum": maximum, "not": not_, "if": if_, "allOf": all_of, "anyOf": any_of, "oneOf": one_of,
}


def shown(value):
    text = json.dumps(value)
    return text if len(text) <= 80 else text[:77] + "..."


def broken_promises(document):
    if document["kind"] in ("DiagnosisList", "TraceList"):
        one = promises_of_one if document["kind"] == "DiagnosisList" else promises_of_trace
        verdicts = [item.get("diagnosis", item)["verdict"] for item in document["items"]]
        worst = max(verdicts, key=WORST_LAST.index, default="healthy")
        if document["verdict"] != worst:
            yield "$.verdict", f"is {document['verdict']}, while the worst item is {worst}"
        for at, item in enumerate(document["items"]):
            yield from one(item, f"$.items[{at}]")
    elif document["kind"] == "Diagnosis":
        yield from promises_of_one(document, "$")
    elif document["kind"] == "Trace":
        yield from promises_of_trace(document, "$")


def promises_of_trace(trace, path):
    outcome = trace["outcome"]
    shares = [backend["share"] for backend in outcome["backends"]]
    if shares and sum(shares) > 1 + 1e-9:
        yield f"{path}.outcome.backends", f"share more than there is: {shown(shares)}"
    if outcome["action"] == "redirect" and "location" not in outcome:
        yield f"{path}.outcome", "redirects to nowhere"
    if outcome["action"] in ("not-found", "unreachable") and trace["diagnosis"]["verdict"] in ("healthy", "at-risk"):
        yield f"{path}.diagnosis.verdict", f"is {trace['diagnosis']['verdict']}, while the outcome is {outcome['action']}"
    yield from promises_of_one(trace["diagnosis"], f"{path}.diagnosis")


def promises_of_one(diagnosis, path):
    findings = diagnosis["findings"]
    by_rank = {finding["rank"]: finding for finding in findings}
    for at, finding in enumerate(findings):
        where = f"{path}.findings[{at}]"
        if finding["rank"] != at + 1:
            yield f"{where}.rank", f"is {finding['rank']}, while the finding stands at place {at + 1}"
        cause = by_rank.get(finding.get("explainedBy"))
        if "explainedBy" in finding and (cause is None or cause["role"] == "consequence"):
            yield f"{where}.explainedBy", f"is {finding['explainedBy']}, which is no cause or risk of this diagnosis"
    for rank in diagnosis.get("together", {}).get("fixes", []):
        if "patch" not in by_rank.get(rank, {}).get("fix", {}):
            yield f"{path}.together.fixes", f"names {rank}, which is no finding with a patch"
    yield from verdict_promises(diagnosis, findings, path)


def verdict_promises(diagnosis, findings, path):
    verdict = diagnosis["verdict"]
    severities = {finding["severity"] for finding in findings}
    if verdict in ("broken", "degraded") and "error" not in severities:
        yield f"{path}.verdict", f"is {verdict} without a finding of severity error"
    if verdict == "healthy" and diagnosis["unknowns"]:
        yield f"{path}.verdict", "is healthy while facts are missing"
    if verdict == "at-risk" and not severities & {"warning", "error"}:
        yield f"{path}.verdict", "is at-risk without a warning"


def refuse_duplicates(pairs):
    members = dict(pairs)
    if len(members) != len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"member {next(name for name in names if names.count(name) > 1)!r} is there twice")
    return members


def refuse_constant(name):
    raise ValueError(f"{name} is no JSON")


def check(text, validator, shape_only):
    try:
        document = json.loads(text, object_pairs_hook=refuse_duplicates, parse_constant=refuse_constant)
    except ValueError as error:
        return [("$", f"is no JSON: {error}")]
    errors = validator.validate(document)
    if not errors and not shape_only and isinstance(document, dict):
        errors = list(broken_promises(document)) if document.get("kind") in ("Diagnosis", "DiagnosisList", "Trace", "TraceList") else []
    return errors


def main():
    parser = argparse.ArgumentParser(description="Validates the JSON output of kubectl gwdoctor.")
    parser.add_argument("--schema", type=pathlib.Path, default=DEFAULT_SCHEMA)
    parser.add_argument("--shape-only", action="store_true", help="only what the schema says")
    parser.add_argument("files", nargs="*", default=["-"])
    arguments = parser.parse_args()
    try:
        validator = Validator(json.loads(arguments.schema.read_text(encoding="utf-8")))
    except (OSError, ValueError, SchemaError) as error:
        print(f"{arguments.schema}: {error}", file=sys.stderr)
        return 2
    valid = True
    for name in arguments.files or ["-"]:
        try:
            raw = sys.stdin.buffer.read() if name == "-" else pathlib.Path(name).read_bytes()
            text = raw.decode("utf-8")
        except UnicodeDecodeError as error:
            print(f"{name}: $ is not UTF-8: {error}", file=sys.stderr)
            valid = False
            continue
        except OSError as error:
            print(f"{name}: {error.strerror}", file=sys.stderr)
            return 2
        for path, what in check(text, validator, arguments.shape_only):
            print(f"{name}: {path} {what}", file=sys.stderr)
            valid = False
    return 0 if valid else 1


if __name__ == "__main__":
    sys.exit(main())
