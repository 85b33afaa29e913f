//! The program that is built: a small workspace, without a dependency from elsewhere, so that it builds without a network.

use std::fs;
use std::io;
use std::path::Path;

/// A crate: its name, the crates that it needs, its source. In the order in which they can be built.
pub(crate) struct Crate {
    pub(crate) name: &'static str,
    needs: &'static [&'static str],
    source: &'static str,
}

/// The program is the last one.
pub(crate) const CRATES: [Crate; 4] = [
    Crate {
        name: "primes",
        needs: &[],
        source: "pub fn primes(below: u32) -> Vec<u32> {\n    let unused = 0;\n    (2..below).filter(|n| (2..*n).take_while(|d| d * d <= *n).all(|d| n % d != 0)).collect()\n}\n",
    },
    Crate {
        name: "words",
        needs: &[],
        source: "pub fn plural(count: usize, word: &str) -> String {\n    format!(\"{count} {word}s\")\n}\n",
    },
    Crate {
        name: "report",
        needs: &["primes", "words"],
        source: "pub fn report(below: u32) -> String {\n    format!(\"{} below {below}\", words::plural(primes::primes(below).len(), \"prime\"))\n}\n",
    },
    Crate {
        name: "hello",
        needs: &["report"],
        source: "fn main() {\n    for exponent in 1..=4 {\n        println!(\"{}\", report::report(10u32.pow(exponent)));\n    }\n}\n",
    },
];

/// Whether the last crate is one that the compiler takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quality {
    Sound,
    Broken,
}

/// Writes all of it to `folder`.
pub(crate) fn write(folder: &Path, quality: Quality) -> io::Result<()> {
    fs::write(folder.join("Cargo.toml"), "[workspace]\nresolver = \"3\"\nmembers = [\"*\"]\nexclude = [\"target\"]\n")?;
    for Crate { name, needs, source } in &CRATES {
        let is_program = *name == "hello";
        let source = if is_program && quality == Quality::Broken { source.replace("10u32", "\"ten\"") } else { (*source).to_owned() };
        let needs = needs.iter().map(|need| format!("{need} = {{ path = \"../{need}\" }}")).collect::<Vec<_>>().join("\n");
        fs::create_dir_all(folder.join(name).join("src"))?;
        let manifest = format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\n{needs}\n");
        fs::write(folder.join(name).join("Cargo.toml"), manifest)?;
        fs::write(folder.join(name).join("src").join(if is_program { "main.rs" } else { "lib.rs" }), source)?;
    }
    Ok(())
}
