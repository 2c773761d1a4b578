#!/usr/bin/env python3
"""Checks that the bill of materials, argument 1, lists the jars that are shipped, folder 2, all of them and no others."""

import json
import os
import sys

with open(sys.argv[1], encoding="utf-8") as file:
    components = json.load(file)["components"]

listed = {f"{component['name']}-{component['version']}" for component in components}
shipped = {name.removesuffix(".jar") for name in os.listdir(sys.argv[2])}
# A jar for one platform has the platform behind its version.
assert len(listed) >= 50, f"50 components at least expected, got {len(listed)}"
unlisted = [jar for jar in shipped if not any(jar == name or jar.startswith(name + "-") for name in listed)]
assert not unlisted, f"shipped but not listed: {sorted(unlisted)}"
absent = [name for name in listed if not any(jar == name or jar.startswith(name + "-") for jar in shipped)]
assert not absent, f"listed but not shipped: {sorted(absent)}"
without = sorted(f"{component['name']}" for component in components if not component.get("hashes"))
assert not without, f"without a hash: {without}"
print(f"{len(components)} components, all with hashes")
