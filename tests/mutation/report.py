# SPDX-License-Identifier: BSL-1.0
"""What came of a run, as a table in Markdown: a line a header, and all of them."""

import collections
import dataclasses


@dataclasses.dataclass
class Row:
    changes: int = 0
    seen: int = 0
    same: int = 0
    explained: int = 0
    open: int = 0

    def line(self, name):
        counted = self.changes - self.same
        score = f"{100 * self.seen / counted:.0f} %" if counted else "-"
        return f"| {name} | {self.changes} | {self.seen} | {self.same} | {self.explained} | {self.open} | {score} |"


def table(changes, same, explained, still_open):
    """`same`, `explained` and `still_open` are what no test saw."""
    rows, all_of_them = collections.defaultdict(Row), Row()
    kinds = (("changes", changes), ("same", same), ("explained", explained), ("open", still_open))
    for field, some in kinds:
        for c in some:
            for row in (rows[c.place.file], all_of_them):
                setattr(row, field, getattr(row, field) + 1)
    for row in [*rows.values(), all_of_them]:
        row.seen = row.changes - row.same - row.explained - row.open
    lines = ["| header | changes | a test fails | same object code | reason | open | score |", "|---|---|---|---|---|---|---|"]
    return "\n".join(lines + [rows[f].line(f"`{f}`") for f in sorted(rows)] + [all_of_them.line("all")])


def count(changes, whole):
    said = [str(changes)] if changes else []
    return " and ".join(said + ([f"{whole} whole line{'s' if whole > 1 else ''}"] if whole else []))


def reasons(entries):
    """Of survivors.json: each reason, and how many changes, and how many whole lines, of which headers it is said of."""
    where = collections.defaultdict(lambda: collections.defaultdict(lambda: [0, 0]))
    for e in entries:
        for change in e["changes"]:
            where[e["why"]][e["file"]][change == "any"] += 1
    lines = ["| why a change may survive | changes |", "|---|---|"]
    for why, files in sorted(where.items(), key=lambda item: -sum(map(sum, item[1].values()))):
        lines.append(f"| {why} | {', '.join(f'`{f}` {count(*n)}' for f, n in sorted(files.items()))} |")
    return "\n".join(lines)
