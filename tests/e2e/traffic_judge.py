"""Compares what was predicted with what became of a request, and tells the differences by kind."""
import json
import os
import shlex

from traffic_world import PORTS

# Headers that clients of this suite, its filters and its backends set; a data plane adds others of its own.
OURS = {"x-env", "x-team", "x-version", "x-flag", "x-set", "x-added", "user-agent", "x-backend-filter", "x-zed", "x-abc"}
SHOWN = 12       # kinds of differences printed with an example; all of them are in the file


def kinds_of(request, live):
    """The lines of the report that a request counts for."""
    where = f"{request['entrance']}, {'https' if request['tls'] else 'http'}"
    corner = request["id"].startswith("c")
    bent = request["bent"] or ["corners" if corner else "as the rule says"]
    return [f"{where}, {how.replace('_', ' ')}" for how in dict.fromkeys(bent)] + (["everything asked of the API server itself"] if live else [])


def action_of(answer):
    if "failed" in answer:
        return "unreachable"
    if "backend" in answer:
        return "forward"
    status = answer["status"]
    if answer["location"]:
        return "redirect"
    return {404: "not-found", 400: "reject", 421: "reject"}.get(status, "respond")


def headers_of(pairs):
    """Several lines of one name are one list (RFC 9110, 5.3)."""
    found = {}
    for name, value in pairs:
        if name.lower() in OURS:
            found.setdefault(name.lower(), []).append(value)
    return {name: ",".join(values) for name, values in sorted(found.items())}


class Judge:
    """`dump`: the folder from which objects are shown; `results`: where differences.txt is written."""

    def __init__(self, dump, results):
        self.dump = dump
        self.file = os.path.join(results, "differences.txt")
        self.kinds = {}      # kind: [(request, answers, prediction, what differs)]
        self.wrong = 0

    def undecided(self, answers):
        """Whether the data plane itself answered otherwise with the next table; which backend of a rule is drawn does not count."""
        return len({(action_of(a), a.get("status") if "backend" not in a else 0, a["route"]) for a in answers if a.get("status") != 503}) > 1

    def __call__(self, request, answers, prediction):
        """None, or (kind, what differs). Where the data plane is undecided, any of its answers may have been predicted."""
        if "traces" not in prediction:
            found = f"no prediction (exit {prediction['exit']})", prediction["error"]
        elif len(prediction["traces"]) != 1:
            found = f"{len(prediction['traces'])} predictions", str([t["outcome"].get("gateway") for t in prediction["traces"]])
        else:
            compared = [compare(request, answer, prediction["traces"][0]["outcome"]) for answer in answers]
            distinct = self.undecided(answers)
            found = None if distinct and None in compared else next((c for c in compared if c), None)
        if found:
            self.wrong += 1
            self.kinds.setdefault((request["entrance"], found[0]), []).append((request, answers, prediction, found[1]))
        return found

    # --- the report

    def report(self):
        ordered = sorted(self.kinds.items(), key=lambda kind: -len(kind[1]))
        with open(self.file, "w", encoding="utf-8") as file:
            for (entrance, kind), cases in ordered:
                file.write(f"=== {entrance}: {kind} ({len(cases)})\n")
                for case in cases[:25]:
                    file.write(self.told(*case))
                file.write(self.objects(cases[0]))
        for (entrance, kind), cases in ordered[:SHOWN]:
            print(f"\n--- {entrance}: {kind} ({len(cases)} requests); for example:\n{self.told(*cases[0])}{self.objects(cases[0])}")
        if len(ordered) > SHOWN:
            print(f"… and {len(ordered) - SHOWN} more kinds, see {self.file}")

    def told(self, request, answers, prediction, differs):
        bent = f"    # {', '.join(request['bent'])}" if request["bent"] else ""
        lines = [f"$ {shlex.join(['kubectl', 'gwdoctor', *prediction['command'][1:]])}{bent}", f"  {differs}"]
        lines += [f"  answered: {said(answer)}" for answer in {said(a): a for a in answers}.values()]
        for trace in prediction.get("traces", []):
            lines.append(f"  predicted: {predicted(trace['outcome'])}")
        return "\n".join(lines) + "\n"

    def objects(self, case):
        """The route that served and the route that was to serve, as YAML."""
        _, answers, prediction, _ = case
        names = {a["route"] for a in answers if a["route"]} | {route_of(t["outcome"]) for t in prediction.get("traces", [])}
        found = ""
        for name in sorted(n for n in names if n):
            kind, _, full = name.partition(" ")
            for obj in self.all_of(kind):
                if f"{obj['metadata'].get('namespace')}/{obj['metadata']['name']}" == full:
                    kept = {k: v for k, v in obj["metadata"].items() if k in ("name", "namespace", "creationTimestamp", "annotations")}
                    found += "  ---\n" + "\n".join("  " + line for line in yaml({"kind": kind, "metadata": kept, "spec": obj["spec"]})) + "\n"
        return found

    def all_of(self, kind):
        with open(os.path.join(self.dump, kind.lower() + ".json"), encoding="utf-8") as file:
            return json.load(file)["items"]


def route_of(outcome):
    route = outcome.get("route")
    return f"{route['kind']} {route.get('namespace')}/{route['name']}" if route else None


def said(answer):
    if "failed" in answer:
        return f"no answer: {answer['failed']}"
    backend = answer.get("backend")
    by = f" by {answer['route']}" if answer["route"] else ""
    if backend:
        return f"{answer['status']}{by} from {backend['name']}, which saw {backend['target']} of {dict(backend['headers']).get('host')}"
    return f"{answer['status']}{by}{' to ' + answer['location'] if answer['location'] else ''}"


def predicted(outcome):
    text = f"{outcome['action']} {outcome.get('status', '')} by {route_of(outcome)} {outcome.get('field', '')} {outcome.get('location', '')}"
    if outcome.get("rewritten"):
        text += f" to {[name_of(b) for b in outcome['backends']]} as {outcome['rewritten']['path']} of {outcome['rewritten']['host']}"
    return f"{' '.join(text.split())} ({outcome.get('reason', '')})"


def name_of(backend):
    ref = backend["object"]
    return f"{ref.get('namespace')}/{ref['name']}:{backend.get('port') or PORTS.get(backend.get('portName'), backend.get('portName'))}"


def compare(request, answer, outcome):
    """None, or (kind, in words) of the first thing that differs."""
    action = action_of(answer)
    if outcome["action"] == "forward" and action == "respond":
        return failed_forward(answer, outcome)
    if outcome["action"] != action:
        return f"{outcome['action']} predicted, {action} seen", f"predicted {outcome['action']}: {outcome.get('reason')}"
    if answer.get("route") and route_of(outcome) != answer["route"]:
        return "another route", f"predicted {route_of(outcome)}, served by {answer['route']}"
    if action == "forward":
        return compare_forward(request, answer, outcome)
    if action != "unreachable" and outcome.get("status") != answer["status"]:
        return "another status", f"predicted {outcome.get('status')}, answered {answer['status']}"
    if action == "redirect" and outcome.get("location") != answer["location"]:
        return "another Location", f"predicted {outcome.get('location')}, answered {answer['location']}"
    return None


def failed_forward(answer, outcome):
    """503 where a backend with a share has no ready endpoint; the failure status of one that is invalid."""
    drawn = [b for b in outcome["backends"] if b["share"] > 0]
    if answer["status"] == 503 and any(not b.get("problem") and b.get("readyEndpoints") == 0 for b in drawn):
        return None if route_of(outcome) == answer["route"] else ("another route", f"predicted {route_of(outcome)}, served by {answer['route']}")
    if any(b.get("problem") and b.get("failureStatus") == answer["status"] for b in drawn):
        return None
    backends = [(name_of(b), b.get("share"), b.get("readyEndpoints")) for b in outcome["backends"]]
    return f"forward predicted, {answer['status']} seen", f"predicted backends {backends}"


def compare_forward(request, answer, outcome):
    backend = answer["backend"]
    names = [name_of(b) for b in outcome["backends"] if b["share"] > 0 and not b.get("problem")]
    if backend["name"] not in names:
        return "another backend", f"predicted {names}, answered by {backend['name']}"
    rewritten = outcome.get("rewritten")
    if not rewritten:
        return "no rewritten request", "a forward without what the backend sees"
    # A question mark before nothing is no query: the prediction leaves it out.
    if rewritten["path"] != backend["target"].removesuffix("?"):
        return "another path at the backend", f"predicted {rewritten['path']}, the backend saw {backend['target']}"
    host = dict(backend["headers"]).get("host", "")
    if not same_host(rewritten["host"], host):
        return "another host at the backend", f"predicted {rewritten['host']}, the backend saw {host}"
    foreseen, seen = headers_of([h["name"], h["value"]] for h in rewritten["headers"]), headers_of(backend["headers"])
    if foreseen != seen and not filters_of_backends(seen):
        return "other headers at the backend", f"predicted {foreseen}, the backend saw {seen}"
    return compare_response(answer, outcome)


def filters_of_backends(headers):
    """Which backend is drawn decides about the filters of a backendRef."""
    return "x-backend-filter" in headers


def same_host(foreseen, seen):
    """The Host is forwarded as it was sent; a prediction names it in lower case and without its port."""
    return foreseen == seen or foreseen == seen.lower() or foreseen == seen.lower().rsplit(":", 1)[0].rstrip(".")


def compare_response(answer, outcome):
    """The headers that filters set or add on the way back are there, and those that they remove are not."""
    there = headers_of(answer["headers"])
    changed = headers_of([f["name"], f["value"]] for f in outcome.get("responseHeaders", []))
    for name, value in changed.items():
        if value not in there.get(name, ""):
            return "other headers in the answer", f"predicted {name}: {value}, answered {there}"
    gone = [n for n in outcome.get("responseHeadersRemoved", []) if n.lower() in there and n.lower() not in changed]
    return ("other headers in the answer", f"predicted without {gone}, answered {there}") if gone else None


def yaml(value, depth=0):
    """Lines of YAML for the little that objects of this suite hold."""
    pad = "  " * depth
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            if isinstance(inner, (dict, list)) and inner:
                yield f"{pad}{key}:"
                yield from yaml(inner, depth + (isinstance(inner, dict)))
            else:
                yield f"{pad}{key}: {scalar(inner)}"
    elif isinstance(value, list) and value:
        for inner in value:
            lines = list(yaml(inner, depth + 1)) if isinstance(inner, (dict, list)) else [f"{pad}  {scalar(inner)}"]
            yield f"{pad}- {lines[0].strip()}"
            yield from lines[1:]
    else:
        yield pad + scalar(value)


def scalar(value):
    """Text in quotes unless it is a plain word; everything else as JSON, which is YAML."""
    plain = isinstance(value, str) and value[:1].isalpha() and all(c.isalnum() or c in "/._-" for c in value)
    return value if plain and value.lower() not in ("true", "false", "null", "yes", "no", "on", "off", "y", "n") else json.dumps(value)
