# SPDX-License-Identifier: BSL-1.0
"""What came of each change in earlier runs, kept in the build folder: a run of all changes takes longer than most people
have, and goes on where the last one was interrupted.

It holds for the same library and the same runner. What a test saw is seen as long as the folder of tests that did is as
it was, or has more in it: the test is looked for by its name, and its file has to be the same. What no test saw is run
again as soon as anything in the tests is different."""

import glob
import hashlib
import json
import os
import threading

EVERY = 50  # changes between two writes of the file


def digest(files):
    out = hashlib.sha256()
    for file in sorted(files):
        with open(file, "rb") as stream:
            out.update(stream.read())
    return out.hexdigest()


class Outcomes:
    def __init__(self, path, repository, texts):
        self.path, self.lock, self.unsaved = path, threading.Lock(), 0
        tests = os.path.join(repository, "tests")
        runner = digest(glob.glob(os.path.join(tests, "mutation", "p*.py")) + [os.path.join(tests, "mutation", "switch.hpp")])
        library = hashlib.sha256("".join(texts[f] for f in sorted(texts)).encode("latin-1")).hexdigest()
        self.of = library + runner
        self.sources = {p: digest([p]) for p in glob.glob(os.path.join(tests, "*", "*.cpp"))}
        self.shared = digest(glob.glob(os.path.join(tests, "**", "*.hpp"), recursive=True))
        self.all_tests = hashlib.sha256("".join([self.shared, *sorted(self.sources.values())]).encode()).hexdigest()
        self.texts, self.by = {}, {}
        if os.path.exists(path):
            with open(path, encoding="utf-8") as stream:
                kept = json.load(stream)
            if kept["of"] == self.of:
                self.by = kept["by"]

    def source(self, case):
        """The digest of the file in which this test case is: by its name, or by itself."""
        for path, of_file in self.sources.items():
            if path not in self.texts:
                with open(path, encoding="utf-8") as stream:
                    self.texts[path] = stream.read()
            if case.endswith(".cpp") and path.endswith("/" + case) or f'"{case}"' in self.texts[path]:
                return of_file + self.shared
        return self.all_tests

    def get(self, change):
        """(known, by what)."""
        with self.lock:
            kept = self.by.get(str(change.id))
            if kept is None:
                return False, None
            by, tests = kept
            return tests == (self.source(by) if by else self.all_tests), by

    def put(self, change, by):
        with self.lock:
            self.by[str(change.id)] = (by, self.source(by) if by else self.all_tests)
            self.unsaved += 1
            if self.unsaved >= EVERY:
                self.write()

    def save(self):
        with self.lock:
            self.write()

    def write(self):
        with open(self.path + ".new", "w", encoding="utf-8") as stream:
            json.dump({"of": self.of, "by": self.by}, stream)
        os.replace(self.path + ".new", self.path)
        self.unsaved = 0
