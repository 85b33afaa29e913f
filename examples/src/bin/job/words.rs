//! Numbers as people read them.

use std::fmt::Display;

/// `1204` as `1,204`.
pub(crate) fn number(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.char_indices() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1` as `1 file`, `1204` as `1,204 files`.
pub(crate) fn files(count: u64) -> String {
    format!("{} {}", number(count), if count == 1 { "file" } else { "files" })
}

/// A size with three digits that matter: `999 B`, `1.20 kB`, `212 MB`.
pub(crate) fn bytes(bytes: u64) -> String {
    let (mut whole, mut rest) = (bytes, 0);
    let mut units = ["B", "kB", "MB", "GB", "TB", "PB", "EB"].iter();
    let mut unit = units.next();
    while whole >= 1000 {
        (whole, rest) = (whole / 1000, whole % 1000);
        unit = units.next();
    }
    let unit: &dyn Display = unit.map_or(&"", |unit| unit);
    match whole {
        _ if bytes < 1000 => format!("{whole} {unit}"),
        0..10 => format!("{whole}.{:02} {unit}", rest / 10),
        10..100 => format!("{whole}.{} {unit}", rest / 100),
        _ => format!("{whole} {unit}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_by_threes() {
        let texts = [0, 12, 999, 1000, 1_204, 1_234_567].map(number);
        assert_eq!(texts, ["0", "12", "999", "1,000", "1,204", "1,234,567"]);
    }

    #[test]
    fn one_file_is_no_files() {
        assert_eq!([0, 1, 2].map(files), ["0 files", "1 file", "2 files"]);
    }

    #[test]
    fn sizes_have_three_digits_that_matter() {
        let texts = [0, 999, 1000, 1_204, 12_345, 212_999_999, u64::MAX].map(bytes);
        assert_eq!(texts, ["0 B", "999 B", "1.00 kB", "1.20 kB", "12.3 kB", "212 MB", "18.4 EB"]);
    }
}
