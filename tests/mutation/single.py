# SPDX-License-Identifier: BSL-1.0
"""One change at a time, in the text: what the compiler evaluates, what no test reaches when it runs, and whether a
change that no test sees is one at all."""

import glob
import hashlib
import os
import shutil
import subprocess
import threading

import programs
import rewrite

# Whose tests come first; then all others of the quick tests.
FIRST = {"vgic/registers": ("properties/register_map.cpp", "unit/names.cpp"), "vgic/frames": ("registers/",),
         "vgic/trap": ("properties/trap.cpp",), "vgic/words": ("properties/words.cpp",), "vgic/bank": ("properties/bank.cpp",),
         "vgic/affinity": ("properties/affinity.cpp",), "vgic/list_register": ("properties/list_register.cpp",),
         "vgic/config": ("unit/configuration.cpp",), "vgic/types": ("unit/types.cpp",), "vgic/backend": ("unit/",)}
# What these say of a configuration is seen by what must not compile.
REFUSALS = ("vgic/config.hpp", "vgic/affinity_rules.hpp", "vgic/registers/map.hpp", "vgic/version.hpp", "vgic/features.hpp",
            "vgic/list_register.hpp", "vgic/host.hpp", "vgic/atomics.hpp", "vgic/result.hpp")


class Singles:
    def __init__(self, tests, include, texts):
        self.tests, self.include, self.texts = tests, include, texts
        self.everything = os.path.join(tests.here, "everything.cpp")
        self.folder = os.path.join(tests.folder, "single")
        self.lock = threading.Lock()
        self.original = None
        os.makedirs(os.path.join(self.folder, "equivalent"), exist_ok=True)

    def changed(self, change):
        folder = os.path.join(self.folder, str(change.id))
        rewrite.changed_copy(self.include, folder, self.texts[change.place.file], change.place, change)
        return folder

    def compile(self, folder, source, out, *options, command=None):
        command = command or self.tests.base
        done = subprocess.run([*command, *options, "-I" + folder, "-I" + self.include, "-c", source, "-o", out],
                              capture_output=True, text=True, errors="replace")
        return done.returncode == 0

    def sources(self, file):
        """Tests whose subject this file is, and all others."""
        suites = [s for s in programs.CORE if s not in ("sweep", "replay")]
        names = [os.path.relpath(p, os.path.join(self.tests.repository, "tests"))
                 for suite in suites for p in self.tests.sources(suite)]
        starts = tuple(f for start, some in FIRST.items() if file.startswith(start) for f in some)
        first = [n for n in names if n.startswith(starts)]
        return first, sorted((n for n in names if n not in first), key=lambda n: "random" in n) + ["sweep/sweep.cpp"]

    def fails(self, folder, name):
        out = os.path.join(folder, "test")
        source = os.path.join(self.tests.repository, "tests", name)
        command = self.tests.test("-O1" if name.startswith("sweep") else "-O0")
        if not self.compile(folder, source, out + ".o", command=command):
            return True
        self.tests.link([out + ".o"], out)
        return not programs.passes(out, None, 60, None)

    def killed(self, change):
        """By what, or None: the tests of each file are compiled with the change, until one fails."""
        folder = self.changed(change)
        try:
            if not self.compile(folder, self.everything, os.devnull, "-fsyntax-only"):
                return "it does not compile"
            first, rest = self.sources(change.place.file)
            for name in first:
                if self.fails(folder, name):
                    return name
            if not self.is_equivalent(change):
                for name in rest:
                    if self.fails(folder, name):
                        return name
            if change.place.file in REFUSALS:  # what must not compile leaves no code
                return self.refused(folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        return None

    def refused(self, folder):
        here = os.path.join(self.tests.repository, "tests", "compile_fail")
        for source in sorted(glob.glob(os.path.join(here, "*.cpp"))):
            done = subprocess.run([os.path.join(here, "check"), source, "clang++", "-std=c++20", "-fsyntax-only",
                                   "-include", os.path.join(self.tests.here, "switch.hpp"), "-I" + folder,
                                   "-I" + self.include], capture_output=True)
            if done.returncode != 0:
                return "compile_fail/" + os.path.basename(source)
        return None

    def digest(self, folder, *options):
        out = os.path.join(folder or self.folder, "everything.o")
        if not self.compile(folder or self.include, self.everything, out, "-O2", *options):
            return None
        with open(out, "rb") as stream:
            return hashlib.sha256(stream.read()).hexdigest()

    def is_equivalent(self, change):
        """The same object code, to the bit, for all configurations of everything.cpp. Kept from run to run, by the
        text of all headers."""
        with self.lock:
            if self.original is None:
                self.original, self.few = self.digest(None), self.digest(None, "-DVGIC_FEW")
                whole = hashlib.sha256("".join(self.texts[f] for f in sorted(self.texts)).encode("latin-1"))
                with open(self.everything, "rb") as stream:
                    whole.update(stream.read())
                self.headers = whole.hexdigest()
        place = change.place
        name = hashlib.sha256(f"{self.headers} {place.file} {place.begin} {place.end} {change.text}".encode("latin-1")).hexdigest()
        kept = os.path.join(self.folder, "equivalent", name)
        if not os.path.exists(kept):
            folder = self.changed(change) if not os.path.isdir(os.path.join(self.folder, str(change.id))) else None
            where = folder or os.path.join(self.folder, str(change.id))
            same = self.digest(where, "-DVGIC_FEW") == self.few and self.digest(where) == self.original
            if folder:
                shutil.rmtree(folder, ignore_errors=True)
            with open(kept, "w", encoding="ascii") as stream:
                stream.write("yes" if same else "no")
        with open(kept, encoding="ascii") as stream:
            return stream.read() == "yes"
