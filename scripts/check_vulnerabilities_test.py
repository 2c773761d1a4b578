#!/usr/bin/env python3
"""check_vulnerabilities.py against an export of two advisories, and without one."""

import contextlib
import io
import json
import os
import tempfile
import unittest
import zipfile

import check_vulnerabilities


class CheckVulnerabilities(unittest.TestCase):
    def setUp(self):
        self.folder = self.enterContext(tempfile.TemporaryDirectory())
        self.bom = self.file("bom.json", json.dumps({"components": [
            {"group": "org.example", "name": "parser", "version": "1.2"},
            {"group": "org.example", "name": "writer", "version": "2.0"}]}))

    def file(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def export(self, *advisories):
        path = os.path.join(self.folder, "all.zip")
        with zipfile.ZipFile(path, "w") as archive:
            for advisory in advisories:
                archive.writestr(f"{advisory['id']}.json", json.dumps(advisory))
        return path

    def run_on(self, *more):
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = check_vulnerabilities.main([self.bom, *more])
        return code, out.getvalue(), err.getvalue()

    @staticmethod
    def advisory(name, **more):
        return {"id": "GHSA-1", "aliases": ["CVE-1"], "modified": "2026-11-01T00:00:00Z",
                "affected": [{"package": {"ecosystem": "Maven", "name": name}, **more}]}

    def test_version_that_is_listed_is_known(self):
        code, out, _ = self.run_on(self.export(self.advisory("org.example:parser", versions=["1.1", "1.2"])))
        self.assertEqual(code, 1)
        self.assertIn("KNOWN   org.example:parser 1.2: GHSA-1 (CVE-1)", out)

    def test_other_versions_and_other_artifacts_are_not(self):
        code, out, _ = self.run_on(self.export(
            self.advisory("org.example:parser", versions=["1.1"]) | {"id": "GHSA-2"},
            self.advisory("org.example:reader", versions=["1.2"])))
        self.assertEqual(code, 0)
        self.assertIn("0 known of 2 components, 0 to be looked at; newest advisory 2026-11-01", out)

    def test_advisory_without_versions_is_to_be_looked_at(self):
        code, out, _ = self.run_on(self.export(self.advisory("org.example:writer", ranges=[])))
        self.assertEqual(code, 0)
        self.assertIn("LOOK AT org.example:writer 2.0", out)

    def test_withdrawn_advisory_is_left_out(self):
        code, _, _ = self.run_on(self.export(
            self.advisory("org.example:parser", versions=["1.2"]) | {"withdrawn": "2026-11-02T00:00:00Z"}))
        self.assertEqual(code, 0)

    def test_without_the_export_it_says_that_it_was_not_run(self):
        for given in ([], [os.path.join(self.folder, "absent.zip")], [self.file("no.zip", "no zip")]):
            code, out, err = self.run_on(*given)
            self.assertEqual(code, 3)
            self.assertIn("were NOT looked for", err)
            self.assertEqual(out, "")


if __name__ == "__main__":
    unittest.main()
