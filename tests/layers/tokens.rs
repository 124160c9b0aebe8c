//! A simple lexer of Rust. It is enough to find paths and to leave out code that is only for tests.

#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub(crate) text: String,
    pub(crate) line: usize,
}

pub(crate) fn is_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_alphabetic() || first == '_')
}

/// Returns the names, `::` and single characters of `source`, without comments, literals and
/// lifetimes.
pub(crate) fn tokens(source: &str) -> Vec<Token> {
    let (mut rest, mut line, mut tokens) = (source, 1, Vec::new());
    while !rest.is_empty() {
        let (length, is_token) = next_token(rest);
        let (text, after) = rest.split_at(length);
        if is_token {
            tokens.push(Token { text: text.into(), line });
        }
        line += text.matches('\n').count();
        rest = after;
    }
    tokens
}

/// Returns the length in bytes of the item that `rest` begins with, and whether it is a token.
fn next_token(rest: &str) -> (usize, bool) {
    let mut chars = rest.chars();
    let (first, second, third) = (chars.next().unwrap(), chars.next(), chars.next());
    if rest.starts_with("//") {
        return (rest.find('\n').unwrap_or(rest.len()), false);
    }
    if rest.starts_with("/*") {
        return (block_comment(rest), false);
    }
    let name = rest.find(|sign: char| !sign.is_alphanumeric() && sign != '_').unwrap_or(rest.len());
    let (word, after) = rest.split_at(name);
    if matches!(word, "r" | "br" | "cr") && after.trim_start_matches('#').starts_with('"') {
        let hashes = after.len() - after.trim_start_matches('#').len();
        let close = format!("\"{}", "#".repeat(hashes));
        let inside = name + hashes + 1;
        return (inside + rest[inside..].find(&close).unwrap() + close.len(), false);
    }
    match (first, second, third) {
        ('"', ..) => (quoted(rest, '"'), false),
        // A character has a quote after it, and a lifetime has none.
        ('\'', Some('\\'), _) | ('\'', _, Some('\'')) => (quoted(rest, '\''), false),
        ('\'', ..) => (1 + next_token(&rest[1..]).0, false),
        (':', Some(':'), _) => (2, true),
        _ if name > 0 => (name, is_name(word)),
        _ => (first.len_utf8(), !first.is_whitespace()),
    }
}

fn block_comment(rest: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    loop {
        match &rest.as_bytes()[at..] {
            [b'/', b'*', ..] => (depth, at) = (depth + 1, at + 2),
            [b'*', b'/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
}

/// Returns the length of a literal, including its two quotes.
fn quoted(rest: &str, quote: char) -> usize {
    let mut signs = rest.char_indices().skip(1);
    while let Some((at, sign)) = signs.next() {
        match sign {
            '\\' => drop(signs.next()),
            _ if sign == quote => return at + 1,
            _ => {}
        }
    }
    panic!("a literal is not closed");
}

/// Returns the tokens of code that is not only for tests, and the names of test modules in other
/// files.
pub(crate) fn without_tests(tokens: Vec<Token>) -> (Vec<Token>, Vec<String>) {
    let (mut kept, mut modules, mut at) = (Vec::new(), Vec::new(), 0);
    while at < tokens.len() {
        let text = |at: usize| tokens.get(at).map_or("", |token: &Token| token.text.as_str());
        let begins = |words: &[&str]| (0..words.len()).all(|word| text(at + word) == words[word]);
        if !begins(&["#", "[", "cfg", "(", "test", ")"])
            && !begins(&["#", "[", "cfg", "(", "all", "(", "test", ","])
        {
            kept.push(tokens[at].clone());
            at += 1;
            continue;
        }
        while text(at) == "#" {
            at = group_end(&tokens, at + 1);
        }
        // The item ends with its block, or with a semicolon outside of any parentheses and
        // brackets.
        while !matches!(text(at), "{" | ";") {
            if text(at) == "mod" && text(at + 2) == ";" {
                modules.push(text(at + 1).to_owned());
            }
            at = if matches!(text(at), "(" | "[") { group_end(&tokens, at) } else { at + 1 };
        }
        at = if text(at) == "{" { group_end(&tokens, at) } else { at + 1 };
    }
    (kept, modules)
}

/// Returns the position just after the bracket that closes the one at `open`.
pub(crate) fn group_end(tokens: &[Token], open: usize) -> usize {
    let mut depth = 0;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        match token.text.as_str() {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at + 1;
        }
    }
    panic!("line {}: a bracket is not closed", tokens[open].line);
}
