#!/usr/bin/env python3
"""Looks for known vulnerabilities of the components in a bill of materials.

check_vulnerabilities.py <bom.json> [<all.zip>]

The second argument, or the variable OSV_MAVEN, names the export of the OSV database for Maven, which is at
https://osv-vulnerabilities.storage.googleapis.com/Maven/all.zip. Nothing is asked of the network. Exits with 0 when
nothing is known, 1 when something is, and 3 when it could not be found out, which it says.
"""

import datetime
import json
import os
import sys
import zipfile

FOUND = 1
NOT_RUN = 3


def components(bom):
    """Version by group:artifact."""
    with open(bom, encoding="utf-8") as file:
        listed = json.load(file)["components"]
    return {f"{one['group']}:{one['name']}": one["version"] for one in listed if one.get("group")}


def advisories(export):
    """All that the export holds; one that was withdrawn is left out."""
    with zipfile.ZipFile(export) as archive:
        for name in archive.namelist():
            if name.endswith(".json"):
                advisory = json.loads(archive.read(name))
                if "withdrawn" not in advisory:
                    yield advisory


def verdict(affected, version):
    """Whether a version is affected: True, False, or None where the advisory names no versions."""
    if version in affected.get("versions", []):
        return True
    return False if affected.get("versions") else None


def look(versions, export):
    """What is known, and what cannot be told, each as lines for people; and the day of the newest advisory."""
    known, untold, newest = [], [], ""
    for advisory in advisories(export):
        newest = max(newest, advisory.get("modified", ""))
        for affected in advisory.get("affected", []):
            name = affected.get("package", {}).get("name", "")
            if affected.get("package", {}).get("ecosystem") != "Maven" or name not in versions:
                continue
            answer = verdict(affected, versions[name])
            aliases = ", ".join(advisory.get("aliases", []))
            line = f"{name} {versions[name]}: {advisory['id']} ({aliases}) {advisory.get('summary', '')}"
            if answer:
                known.append(line)
            elif answer is None:
                untold.append(line)
    return sorted(set(known)), sorted(set(untold)), newest[:10]


def main(arguments):
    if len(arguments) not in (1, 2):
        print(__doc__, file=sys.stderr)
        return 2
    versions = components(arguments[0])
    export = arguments[1] if len(arguments) == 2 else os.environ.get("OSV_MAVEN", "")
    if not export or not os.path.exists(export):
        print("known vulnerabilities were NOT looked for: "
              + (f"{export} is not there" if export else "no export of the OSV database was given")
              + "; name it as the second argument or in OSV_MAVEN", file=sys.stderr)
        return NOT_RUN
    try:
        known, untold, newest = look(versions, export)
    except (zipfile.BadZipFile, json.JSONDecodeError) as failure:
        print(f"known vulnerabilities were NOT looked for: {export} is no export of OSV: {failure}", file=sys.stderr)
        return NOT_RUN
    for line in known:
        print(f"KNOWN   {line}")
    for line in untold:
        print(f"LOOK AT {line}: it does not list versions")
    print(f"{len(known)} known of {len(versions)} components, {len(untold)} to be looked at; newest advisory {newest},"
          f" today {datetime.date.today()}")
    return FOUND if known else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
