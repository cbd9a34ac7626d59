# SPDX-License-Identifier: BSL-1.0
"""Changes the library in one place at a time and looks whether a test fails. See `prove` beside this file."""

import argparse
import collections
import concurrent.futures
import glob
import os
import random
import sys
import threading
import time

import killers
import outcomes
import points
import programs
import reasons
import report
import rewrite
import single

# Test cases that take longer play random histories, or sweep over all offsets: what histories do to the rest of the
# library says little more of it.
LONG = 0.5  # seconds
HISTORIES = ("vgic/delivery/", "vgic/bank", "vgic/words", "vgic/gic.hpp", "vgic/state")


def arguments():
    parser = argparse.ArgumentParser(prog="prove mutation")
    parser.add_argument("--quick", action="store_true", help="a sample of 50")
    parser.add_argument("--sample", type=int, metavar="N", help="N changes of all files and kinds")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--file", action="append", default=[], metavar="F", help="changes of files whose path has F in it")
    parser.add_argument("--only", choices=("run", "compiler"), help="changes that are made at run time; those that are not")
    parser.add_argument("--list", action="store_true", help="print the changes; run nothing")
    parser.add_argument("--show", type=int, metavar="M", help="print change M as it is in the file, and run it")
    parser.add_argument("--markdown", action="store_true", help="print the reasons in survivors.json as a table; run nothing")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--repository", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--build", required=True, help=argparse.SUPPRESS)
    return parser.parse_args()


class Progress:
    def __init__(self):
        self.began, self.last, self.step = time.monotonic(), 0.0, ""
        self.lock = threading.Lock()

    def __call__(self, text):
        with self.lock:
            now = time.monotonic() - self.began
            if sys.stderr.isatty():
                print(f"\r\033[Kmutation: {text} (after {now:.0f} s)", end="", file=sys.stderr, flush=True)
            elif text.split(":")[0] != self.step or now - self.last >= 30:
                print(f"mutation: {text} (after {now:.0f} s)", file=sys.stderr, flush=True)
                self.last, self.step = now, text.split(":")[0]

    def ends(self):
        if sys.stderr.isatty():
            print("\r\033[K", end="", file=sys.stderr)


class Session:
    def __init__(self, options):
        self.options, self.say = options, Progress()
        self.include = os.path.join(options.repository, "include")
        self.files = sorted(os.path.relpath(p, self.include)
                            for p in glob.glob(os.path.join(self.include, "vgic", "**", "*.hpp"), recursive=True))
        self.tests = programs.Tests(options.repository, options.build, options.jobs)
        self.pool = concurrent.futures.ThreadPoolExecutor(options.jobs)
        os.makedirs(options.build, exist_ok=True)
        self.killers = killers.Killers(os.path.join(options.build, "killers.json"))
        self.log = open(os.path.join(options.build, "survivors.log"), "w", encoding="utf-8")
        self.by = collections.Counter()

    def scan(self):
        source = os.path.join(self.options.build, "headers.cpp")
        with open(source, "w", encoding="ascii") as stream:
            stream.write("".join(f"#include <{f}>\n" for f in self.files))
        finder = points.Finder(self.include, self.files)
        places = finder.find(points.tree(source, ["-I" + self.include], "vgic"))
        self.texts = finder.texts
        self.outcomes = outcomes.Outcomes(os.path.join(self.options.build, "outcomes.json"), self.options.repository, self.texts)
        self.singles = single.Singles(self.tests, self.include, self.texts)
        return [c for p in places for c in p.changes]

    def choose(self, changes):
        """All, those of some files, or a sample that has its share of each file and kind."""
        chosen = [c for c in changes if not c.place.order and
                  (not self.options.file or any(f in c.place.file for f in self.options.file))]
        if self.options.only:
            chosen = [c for c in chosen if bool(c.place.prefix) == (self.options.only == "run")]
        if self.options.show:
            return [c for c in changes if c.id == self.options.show]
        n = self.options.sample or (50 if self.options.quick else 0)
        if 0 < n < len(chosen):
            chosen.sort(key=lambda c: (c.place.file, c.what, c.id))
            start = random.Random(self.options.seed).random()
            chosen = [chosen[int((k + start) * len(chosen) / n)] for k in range(n)]
        return chosen

    # --- at run time ---

    def prepare(self, changes, optimise, what):
        """Programs in which these changes can be turned on, and their test cases."""
        changes.sort(key=lambda c: ("backend" in c.place.file, c.id))
        places = {id(c.place): c.place for c in changes}.values()
        folder = os.path.join(self.options.build, "instrumented")
        rewrite.instrumented_copy(self.include, folder, self.texts, list(places))
        built = self.tests.build(folder, optimise, lambda text: self.say(f"{what}: {text}"))
        self.say(f"{what}: running the tests without a change")
        self.cases = sorted(self.tests.cases(built), key=lambda c: c.seconds)

    def failing(self, change, cases, scratch):
        """The first of the cases that fails, or None."""
        for program in {c.program: 0 for c in cases}:
            some = [c for c in cases if c.program == program]
            name = programs.failing(program, [c.name for c in some], sum(c.seconds for c in some), scratch, change.id)
            if name is not None:
                return next((c for c in some if c.name == name), some[0])
        return None

    def killed(self, change):
        """By which test case; "" if by none, None if none reaches the place."""
        place = change.place
        cases = [c for c in self.cases if place.id in c.reached]
        if not cases:
            return None
        sweeps = not place.file.startswith(HISTORIES)
        cases = [c for c in cases if c.seconds <= LONG or c.name.startswith("sweep: ") == sweeps]
        scratch = os.path.join(self.options.build, f"cases-{threading.get_ident()}")
        first = self.killers.first(place, cases)
        for group in [first] + groups([c for c in cases if c not in first]):
            if case := self.failing(change, group, scratch):
                self.killers.add(place, case)
                return case.name
        return ""

    def run_changes(self, changes, what):
        """Those that no test saw, and those that no test reached."""
        alive, unreached, done = [], [], 0
        for change, by in self.each(changes, self.killed):
            self.outcomes.put(change, by)
            done += 1
            if by is None:
                unreached.append(change)
            elif by == "":
                alive.append(change)
            if not by:
                print(describe(change, " [not reached]" if by is None else ""), file=self.log, flush=True)
            self.say(f"{what}: {done} of {len(changes)}, {len(alive)} not seen, {len(unreached)} not reached")
            if done % 50 == 0 or done == len(changes):
                self.killers.save()
        self.outcomes.save()
        return alive, unreached

    def each(self, changes, f):
        def work(change):
            return change, f(change)
        for done in concurrent.futures.as_completed([self.pool.submit(work, c) for c in changes]):
            yield done.result()

    # --- in the text ---

    def run_singles(self, changes):
        alive, done = [], 0
        for change, by in self.each(changes, self.singles.killed):
            self.outcomes.put(change, by or "")
            done += 1
            if by is None:
                alive.append(change)
                print(describe(change, " [one by one]"), file=self.log, flush=True)
            self.say(f"one by one: {done} of {len(changes)}, {len(alive)} not seen")
        self.outcomes.save()
        return alive

    def equivalent(self, changes):
        same, done = [], 0
        for change, yes in self.each(changes, self.singles.is_equivalent):
            done += 1
            if yes:
                same.append(change)
            self.say(f"comparing object code: {done} of {len(changes)}, {len(same)} the same")
        return same

    def all(self, changes, known):
        """What survives."""
        earlier = {c.id: by for c in changes for is_known, by in [self.outcomes.get(c)] if is_known}
        self.earlier = len(earlier)
        alive = [c for c in changes if earlier.get(c.id) == ""]
        one_by_one = [c for c in changes if earlier.get(c.id, "") is None]  # not reached
        changes = [c for c in changes if c.id not in earlier]
        at_run_time = [c for c in changes if c.place.prefix]
        one_by_one += [c for c in changes if not c.place.prefix]
        if self.options.only or self.options.file or self.options.show or self.options.quick or self.options.sample:
            alive += [c for c in at_run_time if known.names(c)]
            at_run_time = [c for c in at_run_time if not known.names(c)]
        if self.earlier:
            self.say(f"{self.earlier} were run before, and are not run again")
        self.tests.prepare()
        if at_run_time:
            few = len(at_run_time) <= 100  # then building them costs more than running them
            optimise = dict({suite: "-O0" if few else "-O1" for suite in programs.CORE}, sweep="-O1", replay="-O1")
            self.prepare(at_run_time, optimise, "all tests")  # a place that does not ask is compiled and run sooner
            at_run_time, unreached = self.run_changes(at_run_time, "all tests")
            one_by_one += unreached
        # Where nothing is reached and nothing constant, no program could differ.
        hopeless = [c for c in one_by_one if c.place.prefix and not c.place.constant and c.what in ("condition", "statement", "logic")]
        return alive + at_run_time + hopeless + self.run_singles([c for c in one_by_one if c not in hopeless])


def groups(cases):
    """Test cases that run together: of one program, a tenth of a second in all unless one takes longer alone."""
    out, seconds = {}, {}
    for c in cases:
        n = int(seconds.get(c.program, 0) * 10)
        out.setdefault((n, c.program), []).append(c)
        seconds[c.program] = seconds.get(c.program, 0) + c.seconds
    return [out[k] for k in sorted(out)]


def describe(change, note=""):
    return f"  {change.id}: {change.place.file}:{change.place.line} ({change.place.function}) {change.what}: {change.label}{note}"


def tell_gone(keys):
    for key in keys:
        print(f"  survivors.json: nothing is like this any more: {key}")


def main():
    options = arguments()
    known = reasons.Reasons(os.path.join(options.repository, "tests", "mutation", "survivors.json"))
    if options.markdown:
        print(report.reasons(known.entries))
        return 0
    session = Session(options)
    session.say("looking for places")
    every = session.scan()
    changes = session.choose(every)
    orders = [c for c in every if c.place.order]
    session.say.ends()
    if options.list:
        for c in changes:
            print(describe(c, " [compiler]" if not c.place.prefix else ""))
        for c in orders:
            print(describe(c, " [memory order: prove interleavings]"))
        gone = known.stale(every, [], [])[0]
        tell_gone(gone)
        return 1 if gone else 0
    if options.show:
        for c in changes:
            print(describe(c) + "\n    " + c.place.source + "\n    reason: " + str(known.of(c)))
    if not changes:
        print("mutation: no change to run")
        return 1

    left = session.all(changes, known)
    explained = [c for c in left if known.of(c)]
    other = [c for c in left if not known.of(c)]
    same = session.equivalent(other)
    open_ones = [c for c in other if c not in same]
    session.say.ends()

    for c in sorted(open_ones, key=lambda c: c.id):
        print(describe(c))
    with open(os.path.join(options.build, "table.md"), "w", encoding="ascii") as stream:
        stream.write(report.table(changes, same, explained, open_ones) + "\n")
    gone, seen = known.stale(every, changes, left)
    whole = not (options.only or options.file or options.show or options.quick or options.sample)
    tell_gone(gone)
    for key in seen:
        print(f"  survivors.json: a test sees this by now: {key}")

    counted = len(changes) - len(same)
    killed = len(changes) - len(left)
    other = counted - len(explained)  # an explained one differs in nothing that a guest or a host could see
    score = 100.0 * killed / counted if counted else 100.0
    score_of_other = 100.0 * killed / other if other else 100.0
    # A sample says little more than that the tests are alive: one in five is what chance does not reach.
    good = (score_of_other >= 95.0 if whole else len(open_ones) * 5 <= counted) and not gone
    print(f"mutation: {'PASS' if good else 'FAIL'}: {killed} of {counted} changes seen by a test ({score:.1f} %), "
          f"{len(explained)} survive with a reason (without these {score_of_other:.1f} %), {len(open_ones)} without; "
          f"{len(same)} more leave the object code as it is; {session.earlier} were run before; "
          f"{len(orders)} of memory orders are left to prove interleavings; seed {options.seed}, "
          f"{time.monotonic() - session.say.began:.0f} s")
    return 0 if good else 1


sys.exit(main())
