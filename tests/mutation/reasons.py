# SPDX-License-Identifier: BSL-1.0
"""survivors.json: why a change that no test sees is none that matters. Kept by file, function, line and change, so that
it holds while other lines come and go."""

import json


class Reasons:
    def __init__(self, path):
        with open(path, encoding="utf-8") as stream:
            self.entries = json.load(stream)
        self.by_key = {}
        for entry in self.entries:
            for change in entry["changes"]:
                self.by_key[(entry["file"], entry["function"], entry["line"], change)] = entry["why"]
        self.used = set()

    @staticmethod
    def key(change):
        place = change.place
        return (place.file, place.function, place.source, change.label)

    def of(self, change):
        key = self.key(change)
        if key in self.by_key:
            self.used.add(key)
            return self.by_key[key]
        return None

    def stale(self, changes, survivors):
        """Entries that name nothing any more, and those whose change a test sees by now."""
        there = {self.key(c) for c in changes}
        alive = {self.key(c) for c in survivors}
        return ([k for k in self.by_key if k not in there], [k for k in self.by_key if k in there and k not in alive])
