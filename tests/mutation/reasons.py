# SPDX-License-Identifier: BSL-1.0
"""survivors.json: why a change that no test sees is none that matters. Kept by file, function, line (without its comment)
and change, so that it holds while other lines come and go. Where the reason holds for every change of a line, the change
is "any"."""

import json
import re

ANY = "any"


class Reasons:
    def __init__(self, path):
        with open(path, encoding="utf-8") as stream:
            self.entries = json.load(stream)
        self.by_key = {}
        for entry in self.entries:
            for change in entry["changes"]:
                self.by_key[(entry["file"], entry["function"], entry["line"], change)] = entry["why"]

    @staticmethod
    def key(change):
        place = change.place
        return (place.file, place.function, re.sub(r" *//.*", "", place.source), change.label)

    @classmethod
    def any(cls, change):
        return (*cls.key(change)[:3], ANY)

    def names(self, change):
        """Is there an entry for this very change? Then it survives, as far as is known."""
        return self.key(change) in self.by_key

    def of(self, change):
        return self.by_key.get(self.key(change)) or self.by_key.get(self.any(change))

    def stale(self, every, run, survivors):
        """Entries that name nothing any more; and of those whose changes were run, those that a test sees by now: of a
        whole line, every change of it."""
        there = {k for c in every for k in (self.key(c), self.any(c))}
        alive = {k for c in survivors for k in (self.key(c), self.any(c))}
        ran = {self.key(c) for c in run}
        ran |= {self.any(c) for c in run} - {self.any(c) for c in every if self.key(c) not in ran}
        return ([k for k in self.by_key if k not in there], [k for k in self.by_key if k in ran and k not in alive])
