# SPDX-License-Identifier: BSL-1.0
"""Which test cases have failed at changes before: those of the same function, of the same file, and of all, are tried
first. Kept in the build folder from run to run; they say in which order test cases run, and nothing about what comes of
it."""

import collections
import json
import os
import threading

SECONDS = 0.5   # that are tried first, in all
EACH = 4        # of the function, of the file, of all


class Killers:
    def __init__(self, path):
        self.path, self.lock = path, threading.Lock()
        self.by = collections.defaultdict(collections.Counter)
        if os.path.exists(path):
            with open(path, encoding="utf-8") as stream:
                for where, names in json.load(stream).items():
                    self.by[where].update(names)

    @staticmethod
    def places(place):
        return (f"{place.file} {place.function}", place.file, "")

    def add(self, place, case):
        with self.lock:
            for where in self.places(place):
                self.by[where][case.name] += 1

    def first(self, place, cases):
        """A few of these cases, the most promising first."""
        there, out, seconds = {c.name: c for c in cases}, [], 0.0
        with self.lock:
            for where in self.places(place):
                some = [n for n, _ in self.by[where].most_common() if n in there and there[n] not in out]
                for case in (there[n] for n in some[:EACH]):
                    if not out or seconds + case.seconds <= SECONDS:
                        out.append(case)
                        seconds += case.seconds
        return out

    def save(self):
        with self.lock, open(self.path + ".new", "w", encoding="utf-8") as stream:
            json.dump(self.by, stream, indent=1)
        os.replace(self.path + ".new", self.path)
