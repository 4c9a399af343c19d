"""Fails on an include that points left.

    cli -> server, bench -> engine -> sweep, results -> strategy -> metrics -> account, indicator -> kline -> base

Each folder of src/ (and server/, bench/) may include what stands to its right; layers that share a step do not know
each other. A public header include/kmill/X.h counts as part of the layer that implements it. Tests may include anything.
Beside the project itself the checker is tried on copies with a planted mistake, so that it is known to find one.
"""
import os
import re
import shutil
import sys
import tempfile
import unittest

SOURCE = os.environ.get("KMILL_SOURCE") or os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

# From left to right; layers of one step do not know each other.
STEPS = [["cli"], ["server", "bench"], ["engine"], ["sweep", "results"], ["strategy"], ["metrics"],
         ["account", "indicator"], ["kline"], ["base"]]
STEP_OF = {layer: number for number, step in enumerate(STEPS) for layer in step}

# The layer behind each public header.
PUBLIC = {"error": "base", "interval": "kline", "series": "kline", "store": "kline", "metrics": "metrics",
          "result": "results", "analysis": "results", "sweep": "engine"}

INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"')


def layer_of_file(path):
    """The layer a source file of the project belongs to, by its path relative to the project; None outside the layers."""
    parts = path.split(os.sep)
    if parts[:2] == ["include", "kmill"]:
        return PUBLIC.get(parts[2].removesuffix(".h"), "?")
    if parts[0] == "src" and len(parts) > 2:
        return parts[1]
    return parts[0] if parts[0] in ("server", "bench") else None


def layer_of_include(name, including_folder):
    """The layer an include "NAME" leads to; "" for a file beside the including one, "?" if it is nobody's."""
    parts = name.split("/")
    if parts[0] == "kmill":
        return PUBLIC.get(parts[1].removesuffix(".h"), "?")
    if len(parts) == 1:
        return "" if os.path.exists(os.path.join(including_folder, name)) else "?"
    return parts[0] if parts[0] in STEP_OF else "?"


def complaints_about(root, path):
    layer = layer_of_file(path)
    if layer is None:
        return
    if layer not in STEP_OF:
        yield f"{path}: belongs to no layer: name it in tests/layering/test_layering.py"
        return
    with open(os.path.join(root, path), encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            match = INCLUDE.match(line)
            if not match:
                continue
            name = match[1]
            target = layer_of_include(name, os.path.dirname(os.path.join(root, path)))
            if target == "?":
                yield f"{path}:{number}: \"{name}\" is no header of a layer"
            elif target not in ("", layer) and STEP_OF[target] <= STEP_OF[layer]:
                yield f"{path}:{number}: {layer} may not include {name}, which belongs to {target}"


def check(root):
    found = []
    for top in ("include", "src", "server", "bench"):
        for folder, _, files in sorted(os.walk(os.path.join(root, top))):
            for name in sorted(files):
                if name.endswith((".c", ".h")):
                    path = os.path.relpath(os.path.join(folder, name), root)
                    found.extend(complaints_about(root, path))
    return found


class Layering(unittest.TestCase):
    maxDiff = None

    def test_no_include_points_left(self):
        self.assertEqual([], check(SOURCE))

    def test_every_layer_has_files_so_that_the_check_looks_at_something(self):
        layers = {layer_of_file(os.path.join("src", name, "x.c")) for name in os.listdir(os.path.join(SOURCE, "src"))
                  if os.path.isdir(os.path.join(SOURCE, "src", name))}
        self.assertTrue(layers >= {"base", "kline", "account"}, layers)
        self.assertTrue(layers <= set(STEP_OF), layers - set(STEP_OF))

    def planted(self, path, line):
        """What the check says of a copy of the project's C files to which one file with one include was added."""
        with tempfile.TemporaryDirectory() as root:
            for top in ("include", "src"):
                shutil.copytree(os.path.join(SOURCE, top), os.path.join(root, top))
            os.makedirs(os.path.dirname(os.path.join(root, path)), exist_ok=True)
            with open(os.path.join(root, path), "w", encoding="utf-8") as file:
                file.write("/* planted */\n" + line + "\n")
            return [found for found in check(root) if path in found]

    def test_an_include_to_the_left_is_found_with_its_line(self):
        for path, line, words in [
                ("src/base/planted.c", '#include "kline/columns.h"', "base may not include kline/columns.h"),
                ("src/account/planted.c", '  # include "indicator/indicator.h"', "account may not include"),
                ("src/indicator/planted.h", '#include "account/ledger.h"', "indicator may not include"),
                ("src/results/planted.c", '#include "kmill/sweep.h"', "belongs to engine"),
                ("src/sweep/planted.c", '#include "kmill/result.h"', "belongs to results"),
                ("src/kline/planted.c", '#include "kmill/metrics.h"', "belongs to metrics"),
                ("include/kmill/series.h", '#include "kmill/sweep.h"', "kline may not include"),
                ("server/planted.c", '#include "cli/cli.h"', "server may not include cli/cli.h"),
                ("src/kline/planted.c", '#include "nowhere/else.h"', "is no header of a layer"),
                ("src/novel/planted.c", '', "belongs to no layer")]:
            with self.subTest(path=path, line=line):
                found = self.planted(path, line)
                self.assertEqual(1, len(found), found)
                self.assertIn(words, found[0])
                self.assertTrue(found[0].startswith(f"{path}:2:" if line else path), found[0])

    def test_an_include_to_the_right_and_of_the_own_layer_is_fine(self):
        for path, line in [("src/engine/planted.c", '#include "sweep/space.h"'), ("src/kline/planted.c", '#include "kline/columns.h"'),
                           ("src/kline/planted.c", '#include "columns.h"'), ("src/cli/planted.c", '#include "kmill/store.h"'),
                           ("src/strategy/planted.c", '#include <stdio.h>')]:
            with self.subTest(path=path, line=line):
                self.assertEqual([], self.planted(path, line))


if __name__ == "__main__":
    sys.exit(unittest.main())
