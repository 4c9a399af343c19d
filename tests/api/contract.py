"""server/openapi.yaml as a judge: is this answer one that the contract knows for this request?

An answer is right when its path, method, status and media type are in the contract, the headers that the contract requires are there,
and the body fits the schema. Objects are closed in the contract, so a field that it does not know is a mistake too. msgpack bodies are
judged by the schema of the same values.
"""
import gzip
import json
import os
import pathlib
import re

import jsonschema
import msgpack
import yaml

SOURCE = pathlib.Path(os.environ.get("KMILL_SOURCE", pathlib.Path(__file__).resolve().parents[2]))
FILE = SOURCE / "server" / "openapi.yaml"
METHODS = ("get", "post", "delete", "put", "patch")
ALWAYS_JSON = "application/json"


class Broken(AssertionError):
    """An answer that the contract does not know."""


class Operation:
    def __init__(self, template, method, item, contract):
        self.template, self.method = template, method.upper()
        self.node = item[method]
        self.name = self.node["operationId"]
        self.parameters = [contract.follow(p) for p in item.get("parameters", []) + self.node.get("parameters", [])]
        self.responses = {status: contract.follow(r) for status, r in self.node["responses"].items()}
        names = [p["name"] for p in self.parameters if p["in"] == "query"]
        self.query = re.compile("|".join(re.sub(r"\\\{\w+\\\}", r"\\w+", re.escape(n)) for n in names) or "(?!)")

    def successes(self):
        return [s for s in self.responses if s[0] in "23"]


class Contract:
    def __init__(self, path=FILE):
        self.text = path.read_text(encoding="utf-8")
        self.document = yaml.safe_load(self.text)
        self.validators = {}
        self.seen = set()  # (operationId, status, media type or None)
        self.operations = [Operation(template, method, item, self) for template, item in self.document["paths"].items()
                           for method in METHODS if method in item]
        # Literal segments win over {...}: the more literal templates are tried first.
        ordered = sorted(self.document["paths"], key=lambda t: t.count("{"))
        self.paths = [(re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(t)) + r"\Z"), t) for t in ordered]

    def follow(self, node):
        while "$ref" in node:
            place, node = node["$ref"], self.document
            for key in place.removeprefix("#/").split("/"):
                node = node[key.replace("~1", "/").replace("~0", "~")]
        return node

    def problems_of(self, schema, value):
        """The first mistakes of value, as text; empty: it fits."""
        key = json.dumps(schema, sort_keys=True)
        if key not in self.validators:
            # With the components inside, "#/components/..." means the same to every release of jsonschema.
            self.validators[key] = jsonschema.Draft202012Validator({**schema, "components": self.document["components"]})
        found = []
        for error in self.validators[key].iter_errors(value):
            error = jsonschema.exceptions.best_match([error])
            found.append(f"{'/'.join(map(str, error.absolute_path)) or '(all)'}: {error.message[:300]}")
            if len(found) == 5:
                break
        return found

    def fits(self, name, value):
        """Problems of a value against a named schema."""
        return self.problems_of({"$ref": f"#/components/schemas/{name}"}, value)

    def operation(self, method, path):
        """The operation of a request, or None."""
        method = "GET" if method == "HEAD" else method
        for pattern, template in self.paths:
            if pattern.match(path):
                return next((o for o in self.operations if o.template == template and o.method == method), None)
        return None

    def check(self, method, target, status, headers, body, decode=True):
        """headers: lower-case names. body: as it came, gzip removed. Broken says what is wrong."""
        path, _, query = target.partition("?")
        where = f"{method} {target[:200]} -> {status}"
        if method == "OPTIONS":
            if status >= 400:
                self._body(where, self.document["components"]["responses"]["General"], status, headers, body)
            return
        operation = self.operation(method, path)
        if operation is None:
            if status < 400 and (path.startswith("/api/") or path in ("/health", "/metrics")):
                raise Broken(f"{where}: the contract has no such route")
            if status >= 400 and method != "HEAD":
                self._body(where, self.document["components"]["responses"]["General"], status, headers, body)
            return
        response = operation.responses.get(str(status)) or (operation.responses["default"] if status >= 400 else None)
        if response is None:
            raise Broken(f"{where}: {operation.name} has no such status")
        if status < 400:
            for part in filter(None, query.split("&")):
                if not operation.query.fullmatch(part.partition("=")[0]):
                    raise Broken(f"{where}: parameter {part} is not in the contract")
        for name, header in response.get("headers", {}).items():
            if self.follow(header).get("required") and name.lower() not in headers:
                raise Broken(f"{where}: no {name}")
        media = None
        if method == "HEAD" or status in (204, 304):
            if body:
                raise Broken(f"{where}: has a body")
        elif decode:
            media = self._body(where, response, status, headers, body)
        else:
            media = headers.get("content-type", "").partition(";")[0].strip()
        self.seen.add((operation.name, str(status), media))

    def _body(self, where, response, status, headers, body):
        media = headers.get("content-type", "").partition(";")[0].strip()
        content = response.get("content", {})
        if media not in content:
            raise Broken(f"{where}: media type {media or '(none)'}, the contract has {', '.join(content) or 'none'}: {body[:200]!r}")
        if media == ALWAYS_JSON:
            try:
                value = json.loads(body, parse_constant=lambda name: (_ for _ in ()).throw(ValueError(f"{name} is no JSON")))
            except ValueError as e:
                raise Broken(f"{where}: {e}: {body[:200]!r}") from e
        elif media == "application/msgpack":
            value = msgpack.unpackb(body, strict_map_key=True)
        else:
            value = body.decode("utf-8")
        found = self.problems_of(content[media]["schema"], value)
        if found:
            raise Broken(f"{where}: " + "; ".join(found))
        if status >= 400 and value.get("detail", "").strip() == "":
            raise Broken(f"{where}: an error without a word")
        return media


def plain(headers, body):
    """The body without its Content-Encoding."""
    return gzip.decompress(body) if headers.get("content-encoding") == "gzip" else body
