#!/usr/bin/env python3
"""Counts the instructions of one operation in each scene of the bench `instructions`.

It builds the bench, runs each scene under valgrind's callgrind with two counts of operations, and
divides the difference of the instructions by the difference of the counts. Hash maps have another
seed in each run, so each result is the median of several runs. The spread is the distance between
the lowest and the highest run, relative to the median. If BASE is given, another checkout that has
the bench, it also prints the ratio of this checkout to that one, and fails if a ratio is above the
limit.

It needs valgrind, and only the standard library of Python.
"""

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("base", nargs="?", type=Path, metavar="BASE",
                        help="another checkout to compare with")
    parser.add_argument("--runs", type=int, default=3,
                        help="the number of runs, whose median counts (default 3)")
    parser.add_argument("--limit", type=float, default=1.03,
                        help="the highest ratio to BASE that is allowed (default 1.03)")
    parser.add_argument("--scene", action="append", metavar="NAME",
                        help="run only this scene; may be repeated")
    arguments = parser.parse_args()
    if not shutil.which("valgrind"):
        raise SystemExit("valgrind is not installed, and instructions cannot be counted without it")

    program = build(ROOT)
    scenes = listed(program)
    base = arguments.base and build(arguments.base)
    base_scenes = listed(base) if base else {}
    unknown = set(arguments.scene or ()) - set(scenes)
    if unknown:
        raise SystemExit(f"unknown scenes: {', '.join(sorted(unknown))}; "
                         f"the scenes are {', '.join(scenes)}")

    header = f"{'scene':<20}{'instructions':>14}{'spread':>9}"
    print(header + (f"{'base':>14}{'spread':>9}{'ratio':>8}" if base else ""))
    above = []
    for scene, counts in scenes.items():
        if arguments.scene and scene not in arguments.scene:
            continue
        after, spread = measured(program, scene, counts, arguments.runs)
        line = f"{scene:<20}{after:>14.1f}{spread:>9.3%}"
        if scene in base_scenes:
            before, spread = measured(base, scene, base_scenes[scene], arguments.runs)
            line += f"{before:>14.1f}{spread:>9.3%}{after / before:>8.3f}"
            if after / before > arguments.limit:
                above.append(scene)
        print(line, flush=True)
    if above:
        raise SystemExit(f"the ratio is above {arguments.limit}: {', '.join(above)}")


def build(checkout):
    """Builds the bench of a checkout and returns the path of its program."""
    command = ["cargo", "bench", "--quiet", "--locked", "--no-run", "--bench", "instructions",
               "--message-format=json"]
    # Cargo builds the checkout in which it runs.
    output = subprocess.run(command, cwd=checkout, stdout=subprocess.PIPE, text=True)
    if output.returncode:
        raise SystemExit(f"the bench of {checkout} cannot be built")
    for line in output.stdout.splitlines():
        message = json.loads(line)
        if message.get("target", {}).get("name") == "instructions" and message.get("executable"):
            return message["executable"]
    raise SystemExit(f"{checkout} has no bench named instructions")


def listed(program):
    """Returns the scenes with their counts of operations: {name: (low, high)}."""
    output = subprocess.run([program, "--scenes"], stdout=subprocess.PIPE, text=True, check=True)
    lines = (line.split() for line in output.stdout.splitlines())
    return {name: (int(low), int(high)) for name, low, high in lines}


def measured(program, scene, counts, runs):
    """Returns the median of the instructions of one operation, and the spread of the runs."""
    low, high = counts
    figures = []
    for _ in range(runs):
        more = instructions(program, scene, high) - instructions(program, scene, low)
        figures.append(more / (high - low))
    median = statistics.median(figures)
    return median, (max(figures) - min(figures)) / median


def instructions(program, scene, count):
    """Returns the instructions of a whole run."""
    with tempfile.TemporaryDirectory() as directory:
        out = Path(directory, "callgrind.out")
        command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", program, scene,
                   str(count)]
        # Other environment variables could make runs differ.
        ran = subprocess.run(command, env={"PATH": os.environ["PATH"]}, text=True,
                             stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        if ran.returncode:
            raise SystemExit(f"{scene} failed under valgrind:\n{ran.stderr}")
        return int(re.search(r"^totals: (\d+)", out.read_text(), re.MULTILINE).group(1))


if __name__ == "__main__":
    main()
