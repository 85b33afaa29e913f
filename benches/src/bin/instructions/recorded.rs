//! The checked-in table.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use htmx_ws_benches::parts::Result;
use htmx_ws_benches::table::Table;

/// More percent above the table than this are a failure.
const MARGIN: u64 = 5;

const HEADER: &str = "\
# The instructions that each part inside takes once, as callgrind counts them in a release build. `cargo xtask test` fails where one takes 5 % more.
#
# After a change that is worth it: `cargo xtask counts --renew`, and say in the commit why. Where they are spent says
# `valgrind --tool=callgrind target/measured/release/instructions 'PART' 500`, and then `callgrind_annotate`.
#
# Counts repeat to well within 1 % on one build. They depend on the compiler, and on the processor only as far as valgrind shows it:
# with AVX2, but without the instructions for SHA-2, so a ticket costs less than this where there are some.
#
";

/// What the table says.
#[derive(Debug, PartialEq)]
pub(crate) struct Recorded {
    /// By what it was built, for what.
    build: String,
    counts: Vec<(String, u64)>,
}

impl Recorded {
    pub(crate) fn read() -> Result<Self> {
        let file = file();
        let text = fs::read_to_string(&file)
            .map_err(|error| format!("{} cannot be read: {error}; `cargo xtask counts --renew` writes it", file.display()))?;
        Self::parse(&text).ok_or_else(|| format!("{} is no table of counts; `cargo xtask counts --renew` writes it", file.display()).into())
    }

    /// Writes the table anew.
    pub(crate) fn write(counts: &[(&str, u64)]) -> Result<()> {
        let counts = counts.iter().map(|(part, count)| ((*part).to_owned(), *count)).collect();
        let recorded = Self { build: build()?, counts };
        fs::write(file(), recorded.to_text())?;
        println!("{}", recorded.to_text().trim_start_matches(HEADER));
        Ok(())
    }

    /// Fails where a part takes more than it may.
    pub(crate) fn check(&self, counts: &[(&str, u64)]) -> Result<()> {
        let build = build()?;
        if build != self.build {
            println!("counted with {build}, the table is of {}: a difference may be the compiler's\n", self.build);
        }
        let (table, failed) = self.compare(counts);
        println!("{table}");
        if failed.is_empty() {
            return Ok(());
        }
        Err(format!(
            "{}: more than {MARGIN} % above benches/instructions.txt; find out why, or renew it with `cargo xtask counts --renew` where that is worth it",
            failed.join(", ")
        )
        .into())
    }

    /// The table to print, and the parts that fail.
    fn compare<'a>(&self, counts: &[(&'a str, u64)]) -> (Table, Vec<&'a str>) {
        let mut table = Table::new(["instructions", "table", "now", "change", ""]);
        let mut failed = Vec::new();
        for (part, now) in counts {
            let Some((_, before)) = self.counts.iter().find(|(other, _)| other == part) else {
                failed.push(*part);
                table.row([(*part).to_owned(), String::new(), now.to_string(), String::new(), "not in the table".to_owned()]);
                continue;
            };
            let change = percent(*before, *now);
            let word = match now * 100 {
                now if now > before * (100 + MARGIN) => {
                    failed.push(*part);
                    "TOO MANY"
                }
                now if now < before * (100 - MARGIN) => "fewer: renew the table",
                _ => "",
            };
            table.row([(*part).to_owned(), before.to_string(), now.to_string(), format!("{change:+.1} %"), word.to_owned()]);
        }
        (table, failed)
    }

    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
        let build = lines.next()?.to_owned();
        let count = |line: &str| {
            let (part, count) = line.rsplit_once(' ')?;
            Some((part.trim_end().to_owned(), count.parse().ok()?))
        };
        Some(Self { build, counts: lines.map(count).collect::<Option<_>>()? })
    }

    fn to_text(&self) -> String {
        let mut text = format!("{HEADER}{}\n", self.build);
        for (part, count) in &self.counts {
            // Writing to a `String` does not fail.
            let _ = writeln!(text, "{part:<44} {count:>9}");
        }
        text
    }
}

#[expect(clippy::cast_precision_loss, reason = "a percentage of some thousands")]
fn percent(before: u64, now: u64) -> f64 {
    (now as f64 / before as f64 - 1.0) * 100.0
}

fn file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("instructions.txt")
}

/// The compiler, and the processor's kind.
fn build() -> Result<String> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg("--version").current_dir(env!("CARGO_MANIFEST_DIR")).output();
    let output = output.map_err(|error| format!("rustc cannot be started: {error}"))?;
    Ok(format!("{}, {}", String::from_utf8(output.stdout)?.trim(), std::env::consts::ARCH))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recorded() -> Recorded {
        let counts = [("render", 1000), ("publish to 100", 20_000)].map(|(part, count)| (part.to_owned(), count));
        Recorded { build: "rustc 1.0, x86_64".to_owned(), counts: counts.to_vec() }
    }

    #[test]
    fn what_is_written_is_read() {
        assert_eq!(Recorded::parse(&recorded().to_text()), Some(recorded()));
        assert_eq!(Recorded::parse("rustc 1.0\nrender many\n"), None);
    }

    #[test]
    fn more_fails_and_less_does_not() {
        let counts = [("render", 1051), ("publish to 100", 1), ("new", 5)];
        let (table, failed) = recorded().compare(&counts);
        assert_eq!(failed, ["render", "new"]);
        let table = table.to_string();
        for (part, change, word) in
            [("render", "+5.1 %", "TOO MANY"), ("publish", "-100.0 %", "fewer: renew the table"), ("new", "", "not in the table")]
        {
            let is_said = |line: &str| line.starts_with(part) && line.contains(change) && line.ends_with(word);
            assert!(table.lines().any(is_said), "{table}");
        }
        assert!(recorded().compare(&[("render", 1050)]).1.is_empty());
    }

    #[test]
    fn the_table_of_this_workspace_is_one() {
        let recorded = Recorded::read().unwrap();
        assert!(recorded.counts.len() > 5 && recorded.build.starts_with("rustc "), "{recorded:?}");
    }
}
