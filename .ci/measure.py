#!/usr/bin/env python3
"""Prints figures about `src`: its size, its names, its documentation and its examples.

Given BASE, another checkout, it prints that one's figures beside them. A figure is a place to look,
not a verdict: the script fails only if there is nothing to read. What is compiled only for tests
is not counted.

It does not parse Rust: it knows comments, strings, brackets and attributes, and expects code that
rustfmt has laid out.
"""

import argparse
import bisect
import json
import re
import statistics
import sys
from collections import Counter, defaultdict
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
SYSTEMS = ["faceio", "findface", "findface/lite", "findface/multi", "findface/security",
           "findface/security_2019", "openbiometrics"]


class Attribute(NamedTuple):
    """An attribute of the sample. Several topics of its system may have one of that name."""
    system: str
    name: str
    wire: str
    keys: tuple = ()
    topics: int = 1


SAMPLE = [
    Attribute("findface/security", "camera_group", "camera_group", ("camera_group_in",), topics=2),
    Attribute("findface/security", "matched_lists", "matched_lists", ("matched_lists_in",), 2),
    Attribute("findface/security", "confidence", "confidence", ("confidence_gte",)),
    Attribute("findface/security", "bs_type", "bs_type", ("allowed_bs_types",)),
    Attribute("findface/security", "faces_count", "faces_count", ("faces_gte", "faces_lte")),
    Attribute("findface/multi", "matched_card", "matched_card", ("matched_card_in",)),
    Attribute("findface/lite", "liveness", "liveness", ("liveness_gte", "liveness_lte")),
    Attribute("openbiometrics", "camera_id", "camera_id"),
    Attribute("faceio", "client_ip", "clientIp"),
]

TOKEN = re.compile(r"""
    (?P<comment> //[^\n]* | /\*.*?\*/ )
  | \bb?r(?P<hashes>\#*)".*?"(?P=hashes) | "(?:\\.|[^"\\])*"
  | '(?:\\(?:u\{[^}]*\}|x..|.)|[^'\\\n])'
""", re.DOTALL | re.VERBOSE)
FUNCTION = re.compile(r"^[ \t]*(pub(?:\([^)]*\))? )?(?:(?:const|async|unsafe|extern \S+) )*"
                      r"fn (\$?\w+)", re.MULTILINE)
TYPE = re.compile(r"\b(struct|enum|trait|union|type|macro_rules!) (?!as\b)(\w+)")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("base", nargs="?", type=Path, metavar="BASE",
                        help="another checkout, to compare with")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--verbose", action="store_true",
                        help="also print the places and the names that are counted here")
    arguments = parser.parse_args()

    figures, details = measured(ROOT)
    columns = {"here": figures}
    if arguments.base:
        columns["base"] = measured(arguments.base)[0]
    if arguments.json:
        printed = {column: {name.strip(): of[name] for name in of} for column, of in columns.items()}
        print(json.dumps(printed | ({"details": details} if arguments.verbose else {}), indent=2))
        return
    print(f"{'figure':<40}" + "".join(f"{column:>12}" for column in columns))
    for name in figures:
        print(f"{name:<40}" + "".join(f"{shown(of[name]):>12}" for of in columns.values()))
    if arguments.verbose:
        for title, lines in details.items():
            print("", title, *(f"  {line}" for line in lines), sep="\n")


def shown(figure):
    if isinstance(figure, list):
        return " : ".join(map(str, figure))
    return f"{figure:.3g}" if isinstance(figure, float) else str(figure)


def measured(root):
    """The figures of a checkout, and what some of them count: {title: lines}."""
    sources = read(root)
    dialect = [source for source in sources if source.path.startswith("src/dialect/")]
    code = sum(len(source.code_lines()) for source in sources)
    places, keys, details = attribute_places(dialect)
    names = details["type names with two meanings"] = ambiguous_names(sources)
    functions = [(source, *function) for source in sources for function in source.functions()]
    public = [function for function in functions if function[2]]
    own = sum("```" in docs for _, _, _, docs, _ in public)
    called = sum("```" in docs or source.shows(name) for source, name, _, docs, _ in public)
    comments = [text for source in sources for text in source.comments.values()]
    words = Counter(re.findall(r"\w+", " ".join(source.docs(False) for source in sources).lower()))
    return {
        "code lines": code,
        "code lines of src/dialect": sum(len(source.code_lines()) for source in dialect),
        "places of an attribute, median": statistics.median(places),
        "places of an attribute, maximum": max(places),
        "  of which filter keys, median": statistics.median(keys),
        "type names with two meanings": len(names),
        "doc lines for each public function":
            sum(len(docs.splitlines()) for _, _, _, docs, _ in public) / max(len(public), 1),
        "public functions with an example": own / max(len(public), 1),
        "  or called in an example of their file": called / max(len(public), 1),
        "plain comment lines for each code line":
            sum(text.count("\n") + 1 for text in comments if not is_doc(text)) / max(code, 1),
        '"where" : "if" in docs': [words["where"], words["if"]],
        "files": len(sources),
        "longest file, lines": max(source.text.count("\n") for source in sources),
        "longest function, lines": max(function[-1] for function in functions),
    }, details


def read(root):
    """The files that are not only compiled for tests."""
    sources = [Source(path.relative_to(root).as_posix(), path.read_text())
               for path in sorted(root.glob("src/**/*.rs"))]
    if not sources:
        raise SystemExit(f"{root} has no Rust files in src")
    tests = {module for source in sources for module in source.test_modules}
    return [source for source in sources
            if not any(source.path == f"{module}.rs" or source.path.startswith(f"{module}/")
                       for module in tests)]


class Source:
    """A file. `code` is its text with blanks for comments and tests, and `bare` also for strings:
    places are the same in all three."""

    def __init__(self, path, text):
        self.path, self.text = path, text
        self.starts = [0] + [at.end() for at in re.finditer("\n", text)]
        self.comments = {}  # those that begin a line, by its number
        for token in TOKEN.finditer(text):
            line = self.line(token.start())
            if token["comment"] and not text[self.starts[line]:token.start()].strip():
                self.comments[line] = token[0]
        self.code = TOKEN.sub(lambda token: blank(token[0]) if token["comment"] else token[0], text)
        self.bare = TOKEN.sub(lambda token: blank(token[0]), text)
        self.close = pairs(self.bare)
        self.attributes = set()  # the numbers of their lines
        for at in re.finditer(r"#!?\[", self.bare):
            end = self.close[at.end() - 1]
            self.attributes.update(range(self.line(at.start()), self.line(end) + 1))
        self.test_modules = set()
        self.remove_tests()

    def line(self, at):
        return bisect.bisect(self.starts, at) - 1

    def remove_tests(self):
        """Blanks what is only compiled for tests, and notes the modules among it."""
        modules = re.sub(r"/(mod|lib)\.rs$|\.rs$", "", self.path)
        for found in re.finditer(r"#\[cfg\((.*?)\)\]|\bmod tests\b", self.bare, re.DOTALL):
            if found[1] and not requires_test(found[1]):
                continue
            start, end = found.start(), self.end_of_item(found.start())
            if module := re.search(r"\bmod (\w+);", self.bare[start:end]):
                self.test_modules.add(f"{modules}/{module[1]}")
            for line in range(self.line(start), self.line(end) + 1):
                self.comments.pop(line, None)
            self.code, self.bare = (text[:start] + blank(text[start:end]) + text[end:]
                                    for text in (self.code, self.bare))

    def end_of_item(self, at):
        """Where an item or a field ends that begins with attributes."""
        while attribute := re.compile(r"\s*#\[").match(self.bare, at):
            at = self.close[attribute.end() - 1] + 1
        ends = ";,}" if re.compile(r"\s*(pub(\(.*?\))? )?\w+:").match(self.bare, at) else ";}"
        while at < len(self.bare) and self.bare[at] not in ends:
            if self.bare[at] == "{":
                return re.compile(r";?").match(self.bare, self.close[at] + 1).end()
            at = self.close.get(at, at) + 1
        return at + 1

    def code_lines(self):
        """{number: text}."""
        return {number: line for number, line in enumerate(self.code.splitlines()) if line.strip()}

    def docs_above(self, line):
        docs = ""
        while (line := line - 1) in self.attributes or line in self.comments:
            if self.comments.get(line, "").startswith("///"):
                docs = self.comments[line] + "\n" + docs
        return docs

    def docs(self, is_example):
        """The lines of the docs that are in code blocks, or those that are not."""
        lines, previous, is_code = [], None, False
        for line, text in sorted(self.comments.items()):
            if is_doc(text):
                is_code = is_code and previous == line - 1
                previous = line
                if text[3:].strip().startswith("```"):
                    is_code = not is_code
                elif is_code == is_example:
                    lines.append(text)
        return "\n".join(lines)

    def shows(self, name):
        """Whether an example calls a function."""
        return re.search(rf"\b{re.escape(name)}(::<.*>)?\(", self.docs(True)) is not None

    def header(self, at):
        """What stands before the innermost brace around a place."""
        around = [start for start, end in self.close.items()
                  if start < at < end and self.bare[start] == "{"]
        return re.split(r"[;{}]", self.bare[:max(around, default=0)])[-1]

    def functions(self):
        """The name of each, whether it is public, its docs and its number of lines."""
        for found in FUNCTION.finditer(self.bare):
            is_public = found[1] == "pub " or (
                not found[1] and bool(re.search(r"\bpub .*\btrait\b", self.header(found.start()))))
            at, line = found.end(), self.line(found.start(2))
            while self.bare[at] not in "{;":
                at = self.close.get(at, at) + 1
            length = self.line(self.close.get(at, at)) - line + 1
            yield found[2], is_public, self.docs_above(line), length

    def declared(self):
        """The types and macros that are declared here, with the line of each."""
        for found in TYPE.finditer(self.bare):
            header = self.header(found.start())
            if found[1] != "type" or not re.search(r"\b(impl|trait)\b", header):
                yield found[2], self.line(found.start(2))
        # A macro of the crate declares what has docs at the top level of its braces.
        for macro in re.finditer(r"^( *)\w+! \{$", self.bare, re.MULTILINE):
            start = macro.end()
            inside = self.bare[start:self.close[start - 1]]
            for name in re.finditer(rf"^{macro[1]}    ([A-Z]\w*)", inside, re.MULTILINE):
                line = self.line(start + name.start(1))
                if self.docs_above(line):
                    yield name[1], line


def blank(text):
    return re.sub(r"[^\n]", " ", text)


def is_doc(comment):
    return re.match(r"//!|///(?!/)", comment)


def pairs(bare):
    """Where each bracket is closed: {place: place}."""
    close, opened = {}, []
    for bracket in re.finditer(r"[][(){}]", bare):
        if bracket[0] in "([{":
            opened.append(bracket.start())
        else:
            close[opened.pop()] = bracket.start()
    return close


def requires_test(predicate):
    """Whether the predicate of a `cfg` is `test`, or `all` of things with `test`."""
    parts = predicate[4:-1] if predicate.startswith("all(") else predicate
    parts = re.sub(r"\w+\(.*?\)+", "", parts).split(",")
    return any(part.strip() in ("test", "doctest") for part in parts)


def system(path):
    """The system in whose folder a file is, or an empty text."""
    return max((name for name in SYSTEMS if path.startswith(f"src/dialect/{name}/")), key=len,
               default="")


def attribute_places(dialect):
    """How many places each attribute of the sample has, how many of them are filter keys, and which
    they are. A place is a code line, of the system or of what systems share, with its name or key.
    """
    places, keys, details = [], [], {}
    for system_name, name, wire, keys_of, topics in SAMPLE:
        named = re.compile(rf"\b({name}|{name.upper()}|{wire})\b")
        key = re.compile("|".join(f'"{key}"' for key in keys_of) or "$^")
        found = [(f"{source.path}:{number + 1}: {line.strip()}", bool(key.search(line)))
                 for source in dialect
                 if system(source.path) in ("", system_name, system_name.rpartition("/")[0])
                 for number, line in source.code_lines().items()
                 if named.search(line) or key.search(line)]
        if not found:
            print(f"{system_name} has no {name}: correct the sample", file=sys.stderr)
        places.append(len(found) / topics)
        keys.append(sum(is_key for _, is_key in found) / topics)
        title = f"places of {name} in {system_name}: {len(found)}, topics: {topics}"
        details[title] = [line for line, _ in found]
    return places, keys, details


def ambiguous_names(sources):
    """The names of types and macros that mean several things, with their places. Types of several
    systems that have one name, once in each, have one role, and so one meaning."""
    declared = defaultdict(list)
    for source in sources:
        for name, line in source.declared():
            declared[name].append((source.path, line + 1))
    names = []
    for name, found in sorted(declared.items()):
        by_system = Counter(system(path) for path, _ in found)
        shared = by_system.pop("", 0)
        if shared + max(by_system.values(), default=0) > 1:
            names.append(f"{name}: " + ", ".join(f"{path}:{line}" for path, line in found))
    return names


if __name__ == "__main__":
    main()
