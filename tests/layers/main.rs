//! Each part of the crate uses only the parts above it. Rust does not check this within a crate, so
//! this test reads `src` and finds the part to which each path from the crate root leads.

#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

mod tokens;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use tokens::{Token, group_end, is_name, tokens, without_tests};

/// The parts from the top down. A part uses only parts that precede it in this list.
/// `CONTRIBUTING.md` describes each part.
const PARTS: &[&str] = &[
    "base",
    "failure",
    "target",
    "attribute",
    "notification",
    "filter",
    "index",
    "raw",
    "policy",
    "dispatch",
    "signature",
    "webhook",
    "engine",
    "transport",
    "clock",
    "notifier",
    "testing",
    "dialect",
];

/// The last part that a dialect may use. A dialect knows what a host registers, but not how it is
/// sent.
const LAST_FOR_DIALECT: &str = "webhook";

#[test]
fn a_part_uses_only_parts_above_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let names = RootNames::read(&tokens(&read(&root.join("lib.rs"))));
    let (mut faults, mut used) = (Vec::new(), BTreeSet::new());
    for source in sources(&root) {
        let Some(place) = PARTS.iter().position(|part| *part == source.part()) else {
            faults.push(format!(
                "src/{}: `{}` is not in the list of parts",
                source.path,
                source.part()
            ));
            continue;
        };
        used.insert(place);
        for (name, line) in root_paths(&source.tokens, source.depth()) {
            let fault = match names.part_of(&name) {
                Target::Part(part) if part == source.part() => continue,
                Target::Part(part) if may_use(place, &part) => continue,
                Target::Part(part) => format!("`{}` uses `{part}`", source.part()),
                Target::External => continue,
                Target::Unknown => "the path does not lead to a part".into(),
            };
            faults.push(format!("src/{}:{line}: {fault} (crate::{name})", source.path));
        }
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    let unused: Vec<_> = (0..PARTS.len()).filter(|place| !used.contains(place)).collect();
    assert!(unused.is_empty(), "no file in src for {:?}", unused.iter().map(|at| PARTS[*at]));
}

fn may_use(place: usize, used: &str) -> bool {
    let end = match PARTS[place] {
        "dialect" => 1 + PARTS.iter().position(|part| *part == LAST_FOR_DIALECT).unwrap(),
        _ => place,
    };
    PARTS[..end].contains(&used)
}

/// The modules and re-exports of the crate root.
#[derive(Default)]
struct RootNames {
    modules: BTreeSet<String>,
    /// Each re-exported name, and the first segment of its path.
    exports: BTreeMap<String, String>,
}

enum Target {
    Part(String),
    External,
    Unknown,
}

impl RootNames {
    fn read(tokens: &[Token]) -> Self {
        let mut names = Self::default();
        for (at, token) in tokens.iter().enumerate() {
            match token.text.as_str() {
                // Inline modules of the root only re-export items of the parts for users.
                "mod" if tokens[at + 2].text == ";" => {
                    names.modules.insert(tokens[at + 1].text.clone());
                }
                "use" => {
                    let end = at + tokens[at..].iter().position(|token| token.text == ";").unwrap();
                    let path: Vec<_> =
                        tokens[at + 1..end].iter().map(|token| token.text.as_str()).collect();
                    // Each branch of the tree ends with a name.
                    let ends = (0..path.len()).filter(|end| {
                        is_name(path[*end])
                            && matches!(path.get(end + 1).copied(), None | Some("," | "}"))
                    });
                    let first = path.iter().find(|text| is_name(text) && **text != "crate");
                    for end in ends {
                        names.exports.insert(path[end].into(), first.unwrap().to_string());
                    }
                }
                _ => {}
            }
        }
        names
    }

    fn part_of(&self, name: &str) -> Target {
        if self.modules.contains(name) {
            return Target::Part(name.into());
        }
        match self.exports.get(name) {
            Some(first) if self.modules.contains(first) => Target::Part(first.clone()),
            Some(_) => Target::External,
            None => Target::Unknown,
        }
    }
}

struct Source {
    /// The path from `src`, with slashes.
    path: String,
    tokens: Vec<Token>,
}

impl Source {
    fn part(&self) -> &str {
        self.path.split('/').next().unwrap().trim_end_matches(".rs")
    }

    /// Returns the number of modules around the file's items, without the crate root.
    fn depth(&self) -> usize {
        self.path.split('/').count() - usize::from(self.path.ends_with("/mod.rs"))
    }
}

/// Reads the files of all modules that are not only for tests, except `lib.rs`.
fn sources(root: &Path) -> Vec<Source> {
    let mut files = Vec::new();
    list(root, &mut files);
    files.sort();
    let (mut sources, mut for_tests) = (Vec::new(), BTreeSet::new());
    for file in files.iter().filter(|file| !file.ends_with("lib.rs")) {
        let (tokens, modules) = without_tests(tokens(&read(file)));
        let folder = match file.ends_with("mod.rs") {
            true => file.parent().unwrap().to_owned(),
            false => file.with_extension(""),
        };
        for_tests.extend(modules.iter().map(|module| folder.join(module)));
        let path = file.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
        sources.push(Source { path, tokens });
    }
    let is_test = |source: &Source| {
        let module = root.join(&source.path).with_extension("");
        module.ancestors().any(|module| for_tests.contains(module))
    };
    sources.retain(|source| !is_test(source));
    sources
}

fn list(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            list(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

fn read(file: &Path) -> String {
    fs::read_to_string(file).unwrap()
}

/// Returns the first name of each path from the crate root, and its line. Such a path begins with
/// `crate`, or with enough `super`.
fn root_paths(tokens: &[Token], depth: usize) -> Vec<(String, usize)> {
    let text = |at: usize| tokens.get(at).map_or("", |token| token.text.as_str());
    let (mut paths, mut at) = (Vec::new(), 0);
    // The positions at which the inline modules around a token end.
    let mut inline: Vec<usize> = Vec::new();
    while at < tokens.len() {
        inline.retain(|end| *end > at);
        if text(at) == "mod" && text(at + 2) == "{" {
            inline.push(group_end(tokens, at + 2));
        }
        let mut next = at;
        while text(next) == "super" && text(next + 1) == "::" {
            next += 2;
        }
        let at_root = match text(at) {
            "crate" if text(at + 1) == "::" => {
                next = at + 2;
                true
            }
            "super" => (next - at) / 2 == depth + inline.len(),
            _ => false,
        };
        if at_root {
            paths.extend(first_names(tokens, next));
        }
        at = next.max(at + 1);
    }
    paths
}

/// Returns the first name of each branch of the tree at `at`.
fn first_names(tokens: &[Token], at: usize) -> Vec<(String, usize)> {
    let name = |at: usize| (tokens[at].text.clone(), tokens[at].line);
    if tokens[at].text != "{" {
        return vec![name(at)];
    }
    let (close, mut names, mut at) = (group_end(tokens, at) - 1, Vec::new(), at + 1);
    while at < close {
        names.push(name(at));
        while at < close && tokens[at].text != "," {
            at = if tokens[at].text == "{" { group_end(tokens, at) } else { at + 1 };
        }
        at += 1;
    }
    names
}

#[test]
fn paths_from_the_root_are_found_in_every_form() {
    let source = r##"
        //! [`crate::comment`]
        use crate::{first::{inner, other}, Second as Alias};
        /* crate::comment /* crate::nested */ */
        fn f<'a>(text: &'a str) -> char { crate::third::call("crate::text", '\'', '"'); '{' }
        const RAW: &str = r#"crate::text " "#;
        use super::super::{fourth, fifth::*};
        use super::own;
        mod inline { use super::super::super::sixth; }
        pub(crate) fn g() {}
        pub(in crate::seventh) fn h() {}
        #[cfg(test)]
        #[allow(dead_code)]
        fn helper(bytes: [u8; 3]) { crate::test::call(); }
        #[cfg(test)]
        mod tests;
        #[cfg(all(test, feature = "hyper"))]
        mod more { use crate::test; }
        #[cfg(any(test, feature = "testing"))]
        use crate::eighth;
        $crate::ninth!();
    "##;
    let (kept, modules) = without_tests(tokens(source));
    let found = root_paths(&kept, 2);
    let names: Vec<_> = found.iter().map(|(name, _)| name.as_str()).collect();
    let expected = "first Second third fourth fifth sixth seventh eighth ninth";
    assert_eq!(names.join(" "), expected);
    assert_eq!((found[0].1, found[2].1, found[8].1), (3, 5, 21));
    assert_eq!(modules, ["tests"]);
}

#[test]
fn names_of_the_root_lead_to_their_parts() {
    let names = RootNames::read(&tokens(
        "pub mod filter; mod base; pub use base::{id::Id, Moment as Now}; pub use bytes; \
         pub mod shown { pub use crate::filter::Filter; }",
    ));
    let part = |name| match names.part_of(name) {
        Target::Part(part) => part,
        Target::External => "external".into(),
        Target::Unknown => "unknown".into(),
    };
    let found = ["filter", "base", "Id", "Now", "bytes", "Moment", "shown"].map(part);
    assert_eq!(found, ["filter", "base", "base", "base", "external", "unknown", "unknown"]);
}
