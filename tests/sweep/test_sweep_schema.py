"""configs/sweep.schema.json: well formed, and each map's properties are those its $comment names.

The comments themselves are compared with the parser's tables in test_schema_keys.c."""
import json
import os
import re
import sys
import unittest

SOURCE = os.environ.get("KMILL_SOURCE") or os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
with open(os.path.join(SOURCE, "configs", "sweep.schema.json"), encoding="utf-8") as file:
    SCHEMA = json.load(file)
MARK = re.compile(r"keys of ([^:]+): (.*)")


def nodes(node):
    """Every map of the schema."""
    if isinstance(node, dict):
        yield node
        node = list(node.values())
    if isinstance(node, list):
        for child in node:
            yield from nodes(child)


class Schema(unittest.TestCase):
    def test_it_is_of_draft_2020_12(self):
        self.assertEqual("https://json-schema.org/draft/2020-12/schema", SCHEMA["$schema"])

    def test_properties_are_those_of_the_comment(self):
        marked = [node for node in nodes(SCHEMA) if "$comment" in node]
        self.assertEqual(6, len(marked))
        for node in marked:
            name, keys = MARK.fullmatch(node["$comment"]).groups()
            with self.subTest(map=name):
                self.assertEqual(keys.split(), list(node["properties"]))
                self.assertIs(False, node["additionalProperties"])

    def test_required_and_dependent_keys_exist(self):
        for node in nodes(SCHEMA):
            if "additionalProperties" in node and "properties" in node:
                known = set(node["properties"])
                self.assertLessEqual(set(node.get("required", [])), known)
                for key, others in node.get("dependentRequired", {}).items():
                    self.assertLessEqual({key, *others}, known)

    def test_references_lead_somewhere(self):
        references = [node["$ref"] for node in nodes(SCHEMA) if "$ref" in node]
        self.assertTrue(references)
        for reference in references:
            target = SCHEMA
            for step in reference.removeprefix("#/").split("/"):
                target = target[step]

    def test_patterns_compile(self):
        patterns = [node["pattern"] for node in nodes(SCHEMA) if isinstance(node.get("pattern"), str)]
        self.assertGreater(len(patterns), 3)
        for pattern in patterns:
            re.compile(pattern)


if __name__ == "__main__":
    sys.exit(unittest.main())
