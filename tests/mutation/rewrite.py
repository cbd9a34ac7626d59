# SPDX-License-Identifier: BSL-1.0
"""Makes copies of the headers: one in which every place asks which change is on, and one for each single change."""

import os
import shutil


def instrumented(text, places):
    """The file's text with all its places wrapped."""
    opens, closes, replaced = [], [], []
    for p in places:
        if not p.prefix:
            continue
        opens.append((p.begin, p.depth, -p.end, p.prefix.format(id=p.id)))
        closes.append((p.end, p.depth, p.begin, p.suffix))
        replaced += p.edits
        for begin, end, depth in p.operands:
            opens.append((begin, depth, -end, f"vgm::flip({p.id}, static_cast<bool>("))
            closes.append((end, depth, begin, "))"))
    # At one offset: what ends there, the inner ones first; then what begins there, the outer ones first.
    events = [(at, 0, (-begin, tuple(-d for d in depth)), 0, what) for at, depth, begin, what in closes]
    events += [(at, 1, (end, depth), 0, what) for at, depth, end, what in opens]
    events += [(at, 2, (0, (0, 0)), length, what) for at, length, what in replaced]
    out, done = [], 0
    for at, _, _, length, what in sorted(events):
        out += [text[done:at], what]
        done = at + length
    return "".join(out) + text[done:]


def changed(text, place, change):
    """The file's text with one change."""
    return text[: place.begin] + change.text + text[place.end:]


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as stream:
        stream.write(text.encode("latin-1"))


def instrumented_copy(include, folder, texts, places):
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(include, folder)
    for file, text in texts.items():
        here = [p for p in places if p.file == file]
        if any(p.prefix for p in here):
            write(os.path.join(folder, file), instrumented(text, here))


def changed_copy(include, folder, text, place, change):
    """A folder that has the changed file alone, at its path: to be searched before the others. Headers include one
    another by <...>, so this reaches all of them."""
    shutil.rmtree(folder, ignore_errors=True)
    write(os.path.join(folder, place.file), changed(text, place, change))
