//! Elements as a failure shows them: indented, short, and not too many.

use std::fmt::Write;

use scraper::{ElementRef, Node};

use crate::testing::dom::NodeRef;

/// The lines that a failure shows of a page.
const LINES: usize = 30;
/// The characters after which an element is no longer written in one line.
const WIDTH: usize = 100;
/// The characters that are shown of the value of an attribute: a ticket is longer than all the rest.
const VALUE: usize = 48;

const VOID: [&str; 13] = ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"];

/// The element, indented by two.
pub(super) fn show(node: NodeRef<'_, Node>) -> String {
    let all = lines(node);
    let mut text = all.iter().take(LINES).fold(String::new(), |text, line| text + "    " + line + "\n");
    if all.len() > LINES {
        // Writing to a `String` does not fail.
        let _ = writeln!(text, "    … and {} lines more", all.len() - LINES);
    }
    text
}

/// The element as lines of HTML; text in them as a reader sees it.
pub(super) fn lines(node: NodeRef<'_, Node>) -> Vec<String> {
    let mut lines = Vec::new();
    write(node, 0, &mut lines);
    lines
}

/// The text with white space as a reader sees it.
pub(super) fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What an element says.
pub(super) fn text(element: ElementRef<'_>) -> String {
    words(&element.text().collect::<String>())
}

fn write(node: NodeRef<'_, Node>, depth: usize, lines: &mut Vec<String>) {
    let indent = "  ".repeat(depth);
    match node.value() {
        Node::Text(text) if !text.trim().is_empty() => lines.push(format!("{indent}{}", words(text))),
        Node::Element(element) => {
            let name = element.name();
            if VOID.contains(&name) {
                lines.push(format!("{indent}{}", open(element)));
                return;
            }
            let one = in_line(node);
            let is_empty = !node
                .children()
                .any(|child| child.value().is_element() || child.value().as_text().is_some_and(|text| !text.trim().is_empty()));
            if is_empty
                || one.chars().count() + indent.len() <= WIDTH && (depth > 0 || !node.children().any(|child| child.value().is_element()))
            {
                lines.push(format!("{indent}{one}"));
                return;
            }
            lines.push(format!("{indent}{}", open(element)));
            for child in node.children() {
                write(child, depth + 1, lines);
            }
            lines.push(format!("{indent}</{name}>"));
        }
        Node::Fragment => node.children().for_each(|child| write(child, depth, lines)),
        _ => {}
    }
}

fn in_line(node: NodeRef<'_, Node>) -> String {
    match node.value() {
        Node::Text(text) => {
            let edge = |has: bool| if has { " " } else { "" };
            let words = words(text);
            if words.is_empty() {
                return String::new();
            }
            format!("{}{words}{}", edge(text.starts_with(char::is_whitespace)), edge(text.ends_with(char::is_whitespace)))
        }
        Node::Element(element) => {
            let content: String = node.children().map(in_line).collect();
            let close = if VOID.contains(&element.name()) { String::new() } else { format!("</{}>", element.name()) };
            format!("{}{content}{close}", open(element))
        }
        Node::Fragment => node.children().map(in_line).collect(),
        _ => String::new(),
    }
}

/// The first tag of an element, its id in front.
fn open(element: &scraper::node::Element) -> String {
    let mut tag = format!("<{}", element.name());
    let mut attributes: Vec<_> = element.attrs().collect();
    attributes.sort_by_key(|(name, _)| *name != "id");
    for (name, value) in attributes {
        let short: String = value.chars().take(VALUE).collect();
        let more = if short.len() < value.len() { "…" } else { "" };
        let _ = match value {
            "" => write!(tag, " {name}"),
            _ => write!(tag, " {name}=\"{short}{more}\""),
        };
    }
    tag + ">"
}

/// What has to be changed in `found` to get `expected`, line by line; equal lines that are far from any change are left out.
pub(super) fn difference(found: &[String], expected: &[String]) -> String {
    let mut common = vec![vec![0_usize; expected.len() + 1]; found.len() + 1];
    for (i, one) in found.iter().enumerate().rev() {
        for (j, other) in expected.iter().enumerate().rev() {
            common[i][j] = if one == other { common[i + 1][j + 1] + 1 } else { common[i + 1][j].max(common[i][j + 1]) };
        }
    }
    let (mut i, mut j, mut rows) = (0, 0, Vec::new());
    while i < found.len() || j < expected.len() {
        if i < found.len() && j < expected.len() && found[i] == expected[j] {
            rows.push((' ', &found[i]));
            (i, j) = (i + 1, j + 1);
        } else if j == expected.len() || i < found.len() && common[i + 1][j] >= common[i][j + 1] {
            rows.push(('-', &found[i]));
            i += 1;
        } else {
            rows.push(('+', &expected[j]));
            j += 1;
        }
    }
    let is_near = |at: usize| rows[at.saturating_sub(2)..(at + 3).min(rows.len())].iter().any(|(sign, _)| *sign != ' ');
    let near = rows.iter().enumerate().filter(|(at, _)| is_near(*at));
    near.fold(String::new(), |text, (_, (sign, line))| text + &format!("  {sign} {line}\n"))
}

/// How many letters differ, about: of Levenshtein.
pub(super) fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, b) in other.iter().enumerate() {
            let cost = (diagonal + usize::from(a != *b)).min(row[j] + 1).min(row[j + 1] + 1);
            diagonal = std::mem::replace(&mut row[j + 1], cost);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::dom::Dom;

    #[test]
    fn elements_are_short_and_indented() {
        let long = "x".repeat(60);
        let dom = Dom::document(&format!(
            "<div><p  class=a\n id=one>Some <b>bold</b>\n text</p><ul title={long} id=list><li>1<li hidden>2</ul></div>"
        ));
        let body = dom.root().last_child().map(lines).unwrap_or_default();
        assert_eq!(
            body.join("\n"),
            "<body>\n  <div>\n    <p id=\"one\" class=\"a\">Some <b>bold</b> text</p>\n    \
             <ul id=\"list\" title=\""
                .to_owned()
                + &"x".repeat(48)
                + "…\">\n      <li>1</li>\n      <li hidden>2</li>\n    </ul>\n  </div>\n</body>"
        );
    }

    #[test]
    fn a_difference_is_that_of_lines() {
        let of = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(difference(&of("a b c d e f x g"), &of("a b c d e f y g h")), "    e\n    f\n  - x\n  + y\n    g\n  + h\n");
        assert_eq!(difference(&of("a"), &of("a")), "");
    }
}
