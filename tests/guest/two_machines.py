#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Runs the guest on QEMU's own GIC and under the example hypervisor, and compares what it printed.

two_machines.py --program FOLDER --hypervisor FOLDER [--gic 2|3|both] [--smp N|all] [--seed S] [--seeds N] [--rounds N]
                [--steps N] [--theme N] [--threads single|multi] [--keep FOLDER]

Each seed runs with each version and each number of CPUs that were asked for. Ends with one line, PASS or FAIL.
"""
import argparse
import difflib
import os
import re
import struct
import subprocess
import sys
import tempfile
import time

PROGRAM_AT = 0x40200000
PARAMETERS_AT = PROGRAM_AT - 0x1000
HYPERVISOR_AT = 0x40A00000  # behind the guest's 8 MiB and 2 more
GUEST_BYTES = 8 << 20


class Failed(Exception):
    """A run that is no comparison: its text says why."""


def words_to_file(path, *words):
    with open(path, "wb") as file:
        file.write(struct.pack(f"<{len(words)}Q", *words))


def load(path, address):
    return ["-device", f"loader,file={path.replace(',', ',,')},addr={address:#x},force-raw=on"]


def qemu(options, run, machine, folder):
    """The command of one machine."""
    program = f"{options.program}/two-machines-gic{run.gic}.bin"
    parameters = f"{folder}/parameters"
    words_to_file(parameters, 0x7473657567, run.seed, run.smp, options.rounds, options.steps, options.theme)
    virtualization = ",virtualization=on" if machine == "hypervisor" else ""
    command = ["setpriv", "--pdeathsig", "KILL", "qemu-system-aarch64",
               "-machine", f"virt,gic-version={run.gic}{virtualization}", "-cpu", "cortex-a57", "-smp", str(run.smp),
               "-m", "64M", "-accel", f"tcg,thread={options.threads}", "-display", "none", "-nodefaults", "-no-reboot",
               "-serial", f"file:{folder}/{machine}.console"]
    command += load(program, PROGRAM_AT) + load(parameters, PARAMETERS_AT)
    entry = PROGRAM_AT
    if machine == "hypervisor":
        words_to_file(f"{folder}/boot", 0x63696776, GUEST_BYTES, run.smp, PROGRAM_AT, 0, 0, 0)
        command += load(f"{options.hypervisor}/hv-gic{run.gic}-qemu-virt-exact.bin", HYPERVISOR_AT)
        command += load(f"{folder}/boot", HYPERVISOR_AT - 0x1000)
        entry = HYPERVISOR_AT
    return command + ["-device", f"loader,addr={entry:#x},cpu-num=0"]


def transcript(machine, folder):
    """What the guest printed, line by line, without what is the hypervisor's."""
    with open(f"{folder}/{machine}.console", "rb") as file:
        text = file.read().decode("latin-1").replace("\r", "")
    lines = [line for line in text.split("\n") if line and not line.startswith("vgic-demo: GICv")]
    if machine == "hypervisor":
        ends = [n for n, line in enumerate(lines) if line.startswith("guest: done")]
        if ends:
            report = lines[ends[0] + 1:]
            lines = lines[:ends[0] + 1]
            if not report or not re.fullmatch(r"vgic-demo: PASS .* unexpected=0", report[-1]):
                raise Failed("the hypervisor's last line is not PASS: " + (report[-1] if report else "(none)"))
    return lines


class Run:
    def __init__(self, gic, smp, seed):
        self.gic, self.smp, self.seed = gic, smp, seed

    def again(self, options):
        """What repeats it."""
        more = f" --theme {options.theme}" if options.theme else ""
        return (f"scripts/prove guest --gic {self.gic} --smp {self.smp} --seed {self.seed} --seeds 1"
                f" --rounds {options.rounds} --steps {options.steps}{more} --threads {options.threads}")


def execute(options, run, folder):
    """Both machines: at once, or, where each emulated CPU has a thread that spins, one after the other. Returns the two
    transcripts, and which machine did not end in time."""
    machines = ["qemu", "hypervisor"]
    late = []
    for group in [machines] if options.threads == "single" else [[machine] for machine in machines]:
        started = []
        for machine in group:
            with open(f"{folder}/{machine}.log", "wb") as log:
                command = qemu(options, run, machine, folder)
                started.append(subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log))
        until = time.monotonic() + options.timeout
        for machine, process in zip(group, started):
            try:
                status = process.wait(max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                late.append(machine)
                continue
            if status != 0:
                with open(f"{folder}/{machine}.log", encoding="utf-8", errors="replace") as log:
                    raise Failed(f"QEMU failed ({machine}): {log.read()}")
    return [transcript(machine, folder) for machine in machines], late


def judge(options, run, transcripts, late):
    """What is wrong, in words; nothing if all is well."""
    own, ours = transcripts
    wrong = []
    if own != ours:
        at = next((n for n, pair in enumerate(zip(own, ours)) if pair[0] != pair[1]), min(len(own), len(ours)))
        begin = max([n for n in range(min(at + 1, len(own))) if own[n].startswith("round ")], default=0)
        first = max(begin, at - options.context)
        wrong.append(f"the transcripts differ from line {at + 1} on, in {own[begin] if own else '(nothing)'}:")
        wrong += [f"  {line}" for line in difflib.unified_diff(
            own[first:at + 6], ours[first:at + 6], "QEMU's own GIC", "under the hypervisor", n=options.context,
            lineterm="")]
    for name, lines in (("QEMU's own GIC", own), ("under the hypervisor", ours)):
        faults = [n for n, line in enumerate(lines) if "FAULT" in line]
        if faults:
            wrong.append(f"the guest found a fault ({name}), the first of {len(faults)}:")
            wrong += [f"  {line}" for line in lines[max(0, faults[0] - 3):faults[0] + 1]]
        if not lines or not lines[-1].startswith("guest: done"):
            wrong.append(f"the guest did not come to its end ({name}); last: {lines[-1] if lines else '(nothing)'}")
    for machine in late:
        wrong.append(f"it took more than {options.timeout} s ({machine}).")
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True)
    parser.add_argument("--hypervisor", required=True)
    parser.add_argument("--gic", choices=["2", "3", "both"], default="both")
    parser.add_argument("--smp", default="1,2,4,8", help="numbers of CPUs, 1 to 8, with commas")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=22)
    parser.add_argument("--steps", type=int, default=150)
    parser.add_argument("--theme", type=int, default=0)
    parser.add_argument("--threads", choices=["single", "multi"], default="single")
    parser.add_argument("--timeout", type=int, default=300)
    parser.add_argument("--context", type=int, default=12)
    parser.add_argument("--keep", help="folder for the transcripts")
    options = parser.parse_args()
    gics = [2, 3] if options.gic == "both" else [int(options.gic)]
    cpus = [int(n) for n in options.smp.split(",")]
    if any(not 1 <= n <= 8 for n in cpus):
        parser.error("--smp: 1 to 8 CPUs")

    began = time.monotonic()
    runs = [Run(gic, smp, options.seed + n) for n in range(options.seeds) for gic in gics for smp in cpus]
    failed, lines, steps = 0, 0, 0
    terminal = sys.stderr.isatty()
    for number, run in enumerate(runs):
        what = f"GICv{run.gic}, {run.smp} CPUs, seed {run.seed}"
        if terminal:
            print(f"\r\033[Kguest: {number + 1} of {len(runs)}: {what}", end="", file=sys.stderr, flush=True)
        elif number % 20 == 0:
            print(f"guest: {number + 1} of {len(runs)}: {what}", file=sys.stderr, flush=True)
        with tempfile.TemporaryDirectory() as temporary:
            folder = temporary
            if options.keep:
                folder = f"{options.keep}/gic{run.gic}-smp{run.smp}-seed{run.seed}"
                os.makedirs(folder, exist_ok=True)
            try:
                transcripts, late = execute(options, run, folder)
                wrong = judge(options, run, transcripts, late)
                lines += min(len(t) for t in transcripts)
                steps += sum(1 for line in transcripts[1] if re.match(r"  \d+: ", line))
            except Failed as failure:
                wrong = [str(failure)]
        if wrong:
            failed += 1
            if terminal:
                print("\r\033[K", end="", file=sys.stderr, flush=True)
            print(f"guest: {what}:")
            print("\n".join(wrong))
            print(f"Again: {run.again(options)}\n", flush=True)
    if terminal:
        print("\r\033[K", end="", file=sys.stderr, flush=True)
    versions = " and ".join(f"GICv{gic}" for gic in gics)
    print(f"guest: {'FAIL' if failed else 'PASS'}: {len(runs)} runs on both machines, {versions}, {options.smp} CPUs, "
          f"{steps} steps, {lines} lines compared, {failed} runs differ or are wrong, "
          f"seeds {options.seed} to {options.seed + options.seeds - 1}, {time.monotonic() - began:.0f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
