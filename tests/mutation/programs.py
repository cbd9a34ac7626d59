# SPDX-License-Identifier: BSL-1.0
"""The quick tests as programs on changed headers: builds them, learns what each test case reaches, runs some of them."""

import concurrent.futures
import dataclasses
import glob
import hashlib
import os
import subprocess

# Each folder of tests is one program. Replay and sweep take long where they are not optimised.
CORE = ("properties", "unit", "registers", "delivery", "disasters", "conformance", "sweep", "replay")
WARNINGS = ("-w", "-Wno-c++11-narrowing")  # a constant that is asked for at run time narrows
# What the tests with sanitizers see too: an index that is too large by one reads a neighbour without being noticed; the
# lowest bit of nothing is anything.
CHECKS = ("-fsanitize=array-bounds,builtin,shift", "-fsanitize-trap=all")


@dataclasses.dataclass
class Case:
    program: str
    name: str
    seconds: float
    reached: frozenset


class Failed(Exception):
    pass


def digest(files):
    """Of their text: names of folders do not matter."""
    out = hashlib.sha256()
    for file in sorted(files):
        with open(file, "rb") as stream:
            out.update(stream.read())
    return out.hexdigest()


def run(command, **options):
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", **options)
    if done.returncode != 0:
        raise Failed(f"{' '.join(command)}:\n{(done.stdout + done.stderr)[-3000:]}")
    return done.stdout


class Tests:
    def __init__(self, repository, folder, jobs):
        self.repository, self.folder, self.jobs = repository, folder, jobs
        self.here = os.path.join(repository, "tests", "mutation")
        os.makedirs(folder, exist_ok=True)
        self.plain = ["clang++", "-std=c++20", *WARNINGS, "-I" + os.path.join(repository, "tests"), "-I" + repository,
                      f'-DVGIC_BENCH_TRACES="{folder}"']
        self.base = [*self.plain, "-include", os.path.join(self.here, "switch.hpp")]

    def precompiled(self, level):
        return os.path.join(self.folder, f"precompiled{level}.pch")

    def test(self, level):
        """How the source of a test is compiled."""
        return [*self.plain, *CHECKS, level, "-include-pch", self.precompiled(level)]

    def prepare(self):
        """What does not depend on the headers: Catch2's main, the traces."""
        tests = os.path.join(self.repository, "tests")
        self.common = [os.path.join(self.folder, f) for f in ("main.o", "switch.o")]
        work = []
        if not os.path.exists(self.common[0]):
            work.append([*self.base, "-O1", "-c", os.path.join(tests, "catch_main.cpp"), "-o", self.common[0]])
        work.append([*self.base, "-O1", "-c", os.path.join(self.here, "switch.cpp"), "-o", self.common[1]])
        for level in ("-O0", "-O1"):
            work.append([*self.plain, *CHECKS, level, "-x", "c++-header", os.path.join(self.here, "precompiled.hpp"), "-o",
                         self.precompiled(level)])
        for trace in glob.glob(os.path.join(self.repository, "bench", "data", "*.xz")):
            work.append(["sh", "-c", 'xz --decompress --stdout "$1" >"$2"', "sh", trace,
                         os.path.join(self.folder, os.path.basename(trace)[:-3])])
        with concurrent.futures.ThreadPoolExecutor(self.jobs) as pool:
            list(pool.map(run, work))

    def sources(self, suite):
        return sorted(glob.glob(os.path.join(self.repository, "tests", suite, "*.cpp")))

    def link(self, objects, program):
        run(["clang++", *objects, *self.common, "-o", program])

    def build(self, include, optimise, say):
        """All programs on these headers; their paths by suite. What was built from the same text before is kept."""
        objects = os.path.join(self.folder, "objects")
        os.makedirs(objects, exist_ok=True)
        headers = digest(glob.glob(os.path.join(include, "**", "*.hpp"), recursive=True) +
                         glob.glob(os.path.join(self.repository, "tests", "**", "*.hpp"), recursive=True))
        work, parts = [], {}
        for suite in CORE:
            for source in self.sources(suite):
                flags = [*self.test(optimise[suite]), "-I" + include]
                key = hashlib.sha256(f"{headers} {digest([source])} {flags}".encode()).hexdigest()[:16]
                out = os.path.join(objects, f"{suite}-{os.path.basename(source)}-{key}.o")
                parts.setdefault(suite, []).append(out)
                if not os.path.exists(out):
                    work.append((os.path.getsize(source), [*flags, "-c", source, "-o", out]))
        for old in set(glob.glob(os.path.join(objects, "*.o"))) - {o for some in parts.values() for o in some}:
            os.remove(old)
        work.sort(reverse=True)  # the longest first
        with concurrent.futures.ThreadPoolExecutor(self.jobs) as pool:
            running = [pool.submit(run, command) for _, command in work]
            for n, _ in enumerate(concurrent.futures.as_completed(running), 1):
                say(f"building the tests on instrumented headers: {n} of {len(work)} files")
            for r in running:
                r.result()
            programs = {suite: os.path.join(self.folder, f"test-{suite}") for suite in parts}
            list(pool.map(lambda suite: self.link(parts[suite], programs[suite]), programs))
        return programs

    def cases(self, programs):
        """One run of everything with no change: it has to pass. What each test case takes and reaches."""
        def learn(program):
            file = program + ".reached"
            run([program], env=dict(os.environ, VGIC_REACHED=file))
            with open(file, encoding="utf-8", errors="replace") as stream:
                lines = stream.read().splitlines()
            out = []
            for name, numbers in zip(lines[::2], lines[1::2]):
                seconds, *reached = numbers.split()
                out.append(Case(program, name, float(seconds), frozenset(map(int, reached))))
            names = [c.name for c in out]
            select(names, file)
            listed = subprocess.run([program, "--list-test-names-only", "--input-file", file], capture_output=True, text=True)
            if sorted(listed.stdout.splitlines()) != sorted(names):
                raise Failed(f"{program} does not find all of its test cases by their names.")
            return out
        with concurrent.futures.ThreadPoolExecutor(self.jobs) as pool:
            return [c for cases in pool.map(learn, programs.values()) for c in cases]


def select(names, file):
    """A file that Catch2 takes test cases from: commas would part them."""
    with open(file, "w", encoding="utf-8") as stream:
        stream.write("".join(name.replace("\\", "\\\\").replace(",", "\\,") + "\n" for name in names))


def passes(program, names, seconds, scratch, change=0):
    """Do these test cases pass with a change on? A crash, and one that does not come to an end, are failures. The
    limits are of processor time and of memory, so that a busy machine changes nothing."""
    return failing(program, names, seconds, scratch, change) is None


def failing(program, names, seconds, scratch, change=0):
    """The first of these test cases that does not pass (as above), or None. "" if that is not known."""
    command = [program, "--abort"]
    last = scratch + ".last" if scratch else os.devnull
    if names is not None:
        select(names, scratch)
        command += ["--input-file", scratch]
        if os.path.exists(last):
            os.remove(last)
    limit = int(2 + 4 * seconds) + 1
    done = subprocess.run(["bash", "-c", f'ulimit -t {limit} -v 4000000 -c 0; exec "$@"', "bash", *command],
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
                          env=dict(os.environ, VGIC_MUTANT=str(change), VGIC_LAST=last))
    if done.returncode == 0:
        return None
    if not os.path.exists(last):
        return ""
    with open(last, encoding="utf-8", errors="replace") as stream:
        return stream.read()
