"""Sets of kubeconfig files from a seed, for differential.py."""

import base64
import json
import os
import random
import re

MISTAKE_SHARE = 0.25


class Raw:
    """A scalar or a small collection that is written as it stands."""

    def __init__(self, text):
        self.text = text


class Twice:
    """A key that is written twice; the second value is the one that counts."""

    def __init__(self, first, second):
        self.first, self.second = first, second


# What YAML 1.1 readers differ on; each of them is a string for kubectl, or is not: the oracle says.
ODD_STRINGS = ["2020-01-01", "1:30", "nO", "oN", "!!str on", "!!str 12", "_1", "0x", "=", "12e", "~", "null", "Null", "''",
               "tRUE", "!!binary YQ==", "-a", "a#b", "\"on\"", "'12'", "1.2.3", "0.0.0.0", "1e", "+", "y1", "yess", "08:30"]
WRONG_STRINGS = ["on", "off", "y", "N", "Yes", "NO", "true", "False", "12", "0", "-3", "1.5", ".5", "0x1F", "012", "0b1",
                 "1_000", "1e3", "[a]", "{a: b}", "[]"]
WRONG_BOOLS = ["\"yes\"", "1", "[x]", "maybe", "nO", "'true'"]
TRUTHS = {True: ["true", "True", "TRUE", "yes", "Yes", "on", "ON", "y"], False: ["false", "no", "Off", "n", "FALSE"]}


class Generator:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.made = []  # (path, bytes) of files that entries refer to

    def chance(self, share):
        return self.random.random() < share

    def pick(self, items):
        return items[self.random.randrange(len(items))]

    def name(self, kind):
        return self.pick([f"{kind}-{self.random.randrange(5)}", f"arn:aws:eks:eu-1:12:{kind}/{self.random.randrange(3)}",
                          f"{kind} with space", f"{kind}@k8s.example"])

    def data(self, what):
        text = f"-----BEGIN {what}-----\n{self.random.randrange(10**9)}\n-----END {what}-----\n"
        return base64.b64encode(text.encode()).decode()

    def path(self, directory, what):
        """A file that is there, named relative to the kubeconfig's directory or absolutely."""
        relative = self.pick([what, f"./{what}", f"../shared/{what}", f"pki/../{what}", f"pki//{what}"])
        place = os.path.normpath(os.path.join(directory, relative))
        self.made.append((place, f"{what} in {place}\n"))
        return relative

    def string(self, *usual):
        return Raw(self.pick(ODD_STRINGS)) if self.chance(0.06) else self.pick(list(usual))

    def cluster(self, directory):
        cluster = {"server": self.string("https://10.0.0.1:6443", "https://k8s.example/prefix?x=1", "http://127.0.0.1:8001")}
        if self.chance(0.3):
            cluster["tls-server-name"] = self.string("kubernetes", "api.internal")
        if self.chance(0.3):
            cluster["insecure-skip-tls-verify"] = self.chance(0.5)
        if self.chance(0.4):
            cluster["certificate-authority"] = self.path(directory, "ca.crt")
        elif self.chance(0.5):
            cluster["certificate-authority-data"] = self.data("CERTIFICATE")
        if self.chance(0.2):
            cluster["proxy-url"] = self.string("socks5://10.1.1.1:1080", "http://proxy:3128")
        if self.chance(0.2):
            cluster["disable-compression"] = self.chance(0.5)
        if self.chance(0.2):
            names = ["client.authentication.k8s.io/exec", "minikube.sigs.k8s.io"]
            cluster["extensions"] = [{"name": name, "extension": {"audience": name, "list": [1, "two", True]}}
                                     for name in names[: 1 + self.random.randrange(2)]]
        if self.chance(0.1):
            cluster["server"] = Twice("https://first.example", "https://second.example")
        return cluster

    def user(self, directory):
        user = {}
        form = self.random.randrange(6)
        if form == 0:
            user["token"] = self.string("abc.def.ghi", "t0ken")
        elif form == 1:
            user["client-certificate"] = self.path(directory, "client.crt")
            user["client-key"] = self.path(directory, "client.key")
        elif form == 2:
            user["client-certificate-data"] = self.data("CERTIFICATE")
            user["client-key-data"] = self.data("PRIVATE KEY")
        elif form == 3:
            user["exec"] = self.plugin()
        elif form == 4:
            user["auth-provider"] = {"name": "oidc", "config": {"id-token": "a.b.c", "idp-issuer-url": "https://idp.example"}}
        else:
            user.update({"username": self.string("admin"), "password": self.string("secret", "pass word")})
        if self.chance(0.2):
            user["tokenFile"] = self.pick(["token", "../tokens/one", "/var/run/token"])
        if self.chance(0.2):
            user.update({"as": "jane", "as-groups": ["dev", self.string("ops")], "as-uid": "7"})
            user["as-user-extra"] = {"scopes": ["a", "b"]}
        return user

    def plugin(self):
        plugin = {"command": self.pick(["aws", "./bin/login", "../bin/login", "/usr/bin/login"]),
                  "apiVersion": self.pick(["client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"])}
        if self.chance(0.7):
            plugin["args"] = ["--cluster", self.string("one"), "-v"]
        if self.chance(0.4):
            plugin["env"] = [{"name": "PROFILE", "value": self.string("prod")}]
        if self.chance(0.4):
            plugin["provideClusterInfo"] = self.chance(0.5)
        if self.chance(0.4):
            plugin["interactiveMode"] = self.pick(["Never", "IfAvailable", "Always"])
        if self.chance(0.3):
            plugin["installHint"] = "get it:\n  brew install it\n"
        return plugin

    def config(self, directory):
        config = {}
        if self.chance(0.7):
            config.update({"apiVersion": "v1", "kind": "Config"})
        if self.chance(0.2):
            config["preferences"] = self.pick([{}, {"colors": True}])
        for kind, plural in (("cluster", "clusters"), ("user", "users"), ("context", "contexts")):
            names = {self.name(kind): None for _ in range(self.random.randrange(4))}
            config[plural] = [{"name": name, kind: self.entry(kind, directory)} for name in names]
            if self.chance(0.1):
                config[plural] = None
        if self.chance(0.7):
            config["current-context"] = self.pick(["", self.name("context"), self.name("context")])
        if self.chance(0.2):
            config["x-unknown"] = {"any": ["thing", {"goes": None}]}
        keys = list(config)
        self.random.shuffle(keys)
        return {key: config[key] for key in keys}

    def entry(self, kind, directory):
        if self.chance(0.05):
            return None
        if kind == "cluster":
            return self.cluster(directory)
        if kind == "user":
            return self.user(directory)
        context = {"cluster": self.name("cluster"), "user": self.name("user")}
        if self.chance(0.6):
            context["namespace"] = self.string("default", "payments", "kube-system")
        return context

    def spoil(self, config):
        """Puts one mistake into a config; kubectl refuses most of them."""
        places = []
        for plural in ("clusters", "users", "contexts"):
            for element in config.get(plural) or []:
                places.append((element, "name"))
                body = element[plural[:-1]]
                places += [(body, key) for key, value in (body or {}).items()]
        places += [(config, key) for key in ("current-context", "kind", "clusters") if key in config]
        if not places:
            return
        holder, key = self.pick(places)
        value = holder[key]
        if isinstance(value, bool):
            holder[key] = Raw(self.pick(WRONG_BOOLS))
        elif key.endswith("-data"):
            holder[key] = self.pick(["a*b=", "YQ=", "YWJj"])
        elif isinstance(value, list) and value and self.chance(0.4):
            holder[key] = value + [value[0]]
        else:
            holder[key] = Raw(self.pick(WRONG_STRINGS))

    def file(self, directory, spoiled):
        config = self.config(directory)
        if spoiled:
            self.spoil(config)
        writer = Writer(self)
        style = self.pick(["block", "block", "block", "flow", "json"])
        if style == "json":
            return writer.json(config)
        text = writer.flow(config) + "\n" if style == "flow" else writer.block(config)
        if self.chance(0.1):
            text = "# comment\n---\n" + text
        # kubectl never looks at what follows the first document; we refuse a stream that is broken there.
        if self.chance(0.1):
            text += "...\n---\ncurrent-context: second-document\n"
        elif spoiled and style == "block" and self.chance(0.3):
            text += self.pick(["\n a: [\n", "\nb: *nowhere\n", "\n- c\n", "\nd: 'open\n", "\n\te: f\n"])
        if self.chance(0.05):
            text = text.replace("\n", "\r\n")
        return text

    def file_set(self):
        """Directories and files; the list for KUBECONFIG, or one file for --kubeconfig."""
        self.made = []
        count = 1 + self.random.randrange(3)
        spoiled = self.random.randrange(count) if self.chance(MISTAKE_SHARE) else -1
        files = {}
        for index in range(count):
            directory = self.pick(["", "a", "b", "deep/er"])
            path = os.path.normpath(os.path.join(directory, f"config{index}"))
            empty = self.chance(0.05)
            files[path] = self.pick(["", "# nothing\n", "null\n", "{}\n"]) if empty else self.file(directory, index == spoiled)
        order = list(files)
        if count == 1 and self.chance(0.5):
            return files, dict(self.made), ["--kubeconfig", order[0]], None
        for extra in ("missing/config", "", order[0]):
            if self.chance(0.3):
                order.insert(self.random.randrange(len(order) + 1), extra)
        return files, dict(self.made), [], ":".join(order)


class Writer:
    """Writes a value in one of the styles, with the spellings that YAML leaves open chosen at random."""

    def __init__(self, generator):
        self.generator = generator
        self.anchors = []

    def scalar(self, value):
        if isinstance(value, Raw):
            return value.text
        if value is None:
            return self.generator.pick(["null", "~"])
        if isinstance(value, bool):
            return self.generator.pick(TRUTHS[value])
        if isinstance(value, int):
            return str(value)
        plain = re.fullmatch(r"[A-Za-z][A-Za-z0-9./@-]*", value) and value.lower() not in (
            "y", "n", "yes", "no", "on", "off", "true", "false", "null")
        if plain and self.generator.chance(0.7):
            return value
        if "\n" not in value and self.generator.chance(0.3):
            return "'" + value.replace("'", "''") + "'"
        return json.dumps(value)

    @staticmethod
    def pairs(value):
        for key, inner in value.items():
            if isinstance(inner, Twice):
                yield key, inner.first
                yield key, inner.second
            else:
                yield key, inner

    def flow(self, value):
        if isinstance(value, dict):
            return "{" + ", ".join(f"{self.scalar(k)}: {self.flow(v)}" for k, v in self.pairs(value)) + "}"
        if isinstance(value, list):
            return "[" + ", ".join(self.flow(v) for v in value) + "]"
        return self.scalar(value)

    def json(self, value):
        def plain(item):
            if isinstance(item, Twice):
                return plain(item.second)
            if isinstance(item, Raw):
                return {"on": True, "y": True, "12": 12, "1.5": 1.5, "[a]": ["a"], "{a: b}": {"a": "b"}}.get(item.text, item.text)
            if isinstance(item, dict):
                return {k: plain(v) for k, v in item.items()}
            return [plain(v) for v in item] if isinstance(item, list) else item

        return json.dumps(plain(value), indent=self.generator.pick([None, 2, 4]))

    def block(self, value):
        common = {"server": "https://common.example", "tls-server-name": "common"}
        text = ""
        if self.generator.chance(0.2):
            text = f"x-common: &common {self.flow(common)}\nx-other: &other {{server: https://other.example, proxy-url: http://p:1}}\n"
            self.anchors = ["common", "other"]
        return text + "".join(self.members(value, 0))

    def members(self, value, indent):
        pad = " " * indent
        if self.anchors and "server" in value and self.generator.chance(0.6):
            merged = self.generator.pick(["*common", "*other", "[*common, *other]", "[*other, *common]"])
            yield f"{pad}<<: {merged}\n"
            if self.generator.chance(0.5):
                value = {k: v for k, v in value.items() if k != "server"}
        for key, inner in self.pairs(value):
            yield f"{pad}{self.scalar(key)}:{self.after_key(inner, indent)}"

    def after_key(self, inner, indent):
        comment = "  # note\n" if self.generator.chance(0.05) else "\n"
        if isinstance(inner, (dict, list)) and (not inner or self.generator.chance(0.15)):
            return " " + self.flow(inner) + comment
        if isinstance(inner, dict):
            return comment + "".join(self.members(inner, indent + 2))
        if isinstance(inner, list):
            return comment + "".join(self.elements(inner, indent + self.generator.pick([0, 2])))
        if isinstance(inner, str) and "\n" in inner:
            return " |\n" + "".join(f"{' ' * (indent + 2)}{line}\n" for line in inner.splitlines())
        if isinstance(inner, str) and len(inner) > 60 and self.generator.chance(0.3):
            half = len(inner) // 2
            return f" |\n{' ' * (indent + 2)}{inner[:half]}\n{' ' * (indent + 2)}{inner[half:]}\n"
        return f" {self.scalar(inner)}{comment}"

    def elements(self, value, indent):
        pad = " " * indent
        for inner in value:
            if isinstance(inner, dict) and inner:
                lines = "".join(self.members(inner, indent + 2))
                yield pad + "- " + lines[indent + 2:]
            else:
                yield f"{pad}- {self.flow(inner)}\n"
