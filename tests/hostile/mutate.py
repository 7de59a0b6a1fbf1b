"""Damages YAML as `kubectl get -o yaml` and people write it: block style, one member a line."""

import re

LINE = re.compile(r"^(?P<indent> *)(?P<dash>(?:- +)*)(?P<key>\"[^\"]*\"|[\w./~-]+):(?: +(?P<value>\S.*))?$")
NOISE = re.compile(r'^(f:|k:|v:|")')  # managedFields: of little interest to anything

VALUES = [
    "0", "-1", "80", "65536", "4294967376", "9223372036854775807", "-9223372036854775808", "99999999999999999999", "1e400", "-0.5",
    ".nan", "-.inf", "0x1F", "017", "true", "no", "null", "~", '""', '"x"', "' '", "[]", "{}", "[[]]", "[null]", "[{}]", "[[], {a: [1]}, null, x]",
    '{a: {b: [c]}, "": null}', "[a, a, a]", '"\\e[31mred\\a\\e]0;title\\a"', '"\\u202Eevil\\u2066\\x85\\u200b"', '"nul\\0in"', '"line\\nbreak\\r\\ttab"',
    '"*"', '"*."', '"*.*.example"', '"."', '"a..b"', '".example."', '"UPPER.Example"', '"ex\\u00e4mple.test"', '"../../../etc/passwd"', '"a/b/c"',
    '"%s%n{}{0}"', '"$(rm -rf /)`id`"', "\"'; echo 'x\"", '"2026-13-45T99:99:99Z"', '"0000-01-01T00:00:00Z"', '"9999-12-31T23:59:59+23:59"',
    "&x [1, *x]", "*undefined", "!!binary AAAA", "!!int abc", "!<tag:x> y", "<<", "|", "- a", "? b", '"unterminated', "@", "%",
    '"' + "A" * 5000 + '"', "[" * 40 + "]" * 40, "[" * 200 + "]" * 200, '"' + "e\\u0301\\u0301\\u0301\\u0301\\u0301\\u0301" * 20 + '"',
]


class Field:
    def __init__(self, line, end, path, indent, lead, key):
        self.line = line    # the index of its line
        self.end = end      # the first line that is no longer part of it
        self.path = path    # "spec.rules.backendRefs.port", indexes left out
        self.indent = indent
        self.lead = lead    # indent and dashes
        self.key = key


def fields(text):
    """Every member of every mapping, as far as lines show it."""
    lines = text.split("\n")
    found, open_ = [], []
    kind = ""
    for at, line in enumerate(lines):
        if line.startswith("---"):
            open_ = []
            continue
        match = LINE.match(line)
        if not match:
            continue
        lead = match["indent"] + match["dash"]
        column = len(lead)
        while open_ and open_[-1][0] >= column:
            open_.pop()
        key = match["key"]
        if key == "kind" and match["value"]:
            kind = match["value"]
        path = ".".join([one[1] for one in open_] + [key])
        open_.append((column, key))
        if NOISE.match(key) or ".managedFields" in path:
            continue
        found.append(Field(at, extent(lines, at, column), f"{kind}:{path}", column, lead, key))
    return found


def extent(lines, at, column):
    """The end of the block below a key: deeper lines, and the items of its list, which may stand as deep as the key."""
    end = at + 1
    while end < len(lines):
        line = lines[end]
        depth = len(line) - len(line.lstrip(" "))
        if line.strip() and (depth < column or (depth == column and not line.lstrip(" ").startswith("- ")) or line.startswith("---")):
            break
        end += 1
    return end


def replaced(text, field, value):
    lines = text.split("\n")
    lines[field.line:field.end] = [f"{field.lead}{field.key}: {value}"]
    return "\n".join(lines)


def deleted(text, field):
    lines = text.split("\n")
    # The first member of a list's item leaves its dash behind.
    lines[field.line:field.end] = [field.lead.rstrip()] if "-" in field.lead else []
    return "\n".join(lines)


def doubled(text, field, value=None):
    lines = text.split("\n")
    block = [" " * field.indent + lines[field.line][field.indent:]] + lines[field.line + 1:field.end]
    if value is not None:
        block = [f"{' ' * field.indent}{field.key}: {value}"]
    lines[field.end:field.end] = block
    return "\n".join(lines)


def nested(text, field, depth):
    lines = text.split("\n")
    lines[field.line:field.end] = [f"{field.lead}{field.key}: " + "{a: " * depth + "1" + "}" * depth]
    return "\n".join(lines)


def documents(text):
    return [one for one in re.split(r"^---.*\n", text, flags=re.M) if one.strip()]


def one_of_each_path(all_fields, rng):
    """One field a path, chosen at random: the lists of a dump repeat themselves."""
    by_path = {}
    for field in all_fields:
        by_path.setdefault(field.path, []).append(field)
    return [rng.choice(by_path[path]) for path in sorted(by_path)]


def mutants(text, rng, share):
    """(what was done, the damaged text); `share` values for each path."""
    for field in one_of_each_path(fields(text), rng):
        for value in rng.sample(VALUES, min(share, len(VALUES))):
            yield f"{field.path} = {value[:60]}", replaced(text, field, value)
        way = rng.randrange(4)
        if way == 0:
            yield f"{field.path} left out", deleted(text, field)
        elif way == 1:
            yield f"{field.path} doubled", doubled(text, field)
        elif way == 2:
            value = rng.choice(VALUES)
            yield f"{field.path} again, = {value[:60]}", doubled(text, field, value)
        else:
            yield f"{field.path} nested", nested(text, field, rng.choice([20, 90, 5000]))


def scramble(data, rng):
    """Bytes changed, cut out, doubled."""
    data = bytearray(data)
    for _ in range(rng.randrange(1, 12)):
        at = rng.randrange(len(data)) if data else 0
        way = rng.randrange(4)
        if way == 0:
            data[at:at + 1] = bytes([rng.randrange(256)])
        elif way == 1:
            data[at:at + rng.randrange(1, 200)] = b""
        elif way == 2:
            data[at:at] = rng.choice([b"\x00", b"\xff\xfe", b"\xc0\x80", b"\xed\xa0\x80", b"\x1b[2J", b"\xe2\x80\xae", b"\t", b"\r\n", b"- ", b"{", b"]", b"&a ", b"*a",
                                      b"---\n", b"...\n", b"%TAG ! x\n", b"!!", b"\xef\xbb\xbf"])
        else:
            data[at:at] = data[at:at + rng.randrange(1, 400)]
    return bytes(data)


def json_mutants(document, rng, count):
    """(path, document) with a value of a JSON tree replaced or left out."""
    places = []

    def visit(value, path):
        items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for key, inner in items:
            if key != "managedFields":
                places.append(path + [key])
                visit(inner, path + [key])

    visit(document, [])
    values = [None, True, 0, -1, 2**63, 1e300, "", "x", "\x1b[31m\u202e\u0000", [], {}, [[]], [None], {"": {}}, ["a", 1, {}], "list", "present", "absent", "wanted"]
    for _ in range(count):
        path = rng.choice(places)
        copy = [value for value in [clone(document)]][0]
        inner = copy
        for key in path[:-1]:
            inner = inner[key]
        if rng.randrange(8) == 0:
            del inner[path[-1]]
        else:
            inner[path[-1]] = clone(rng.choice(values))
        yield ".".join(map(str, path)), copy


def clone(value):
    if isinstance(value, dict):
        return {key: clone(inner) for key, inner in value.items()}
    return [clone(inner) for inner in value] if isinstance(value, list) else value
