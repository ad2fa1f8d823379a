//! Medians, spreads and tables.

/// The middle value, the smallest and the largest.
#[must_use]
pub fn spread(values: &[f64]) -> [f64; 3] {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = |index: usize| sorted.get(index).copied().unwrap_or(f64::NAN);
    [at(sorted.len() / 2), at(0), at(sorted.len().saturating_sub(1))]
}

/// A cell: the median, and the smallest and largest in brackets.
#[must_use]
pub fn cell(values: &[f64], digits: usize) -> String {
    let [middle, least, most] = spread(values);
    format!("{middle:.digits$} ({least:.digits$} .. {most:.digits$})")
}

/// A row of a Markdown table.
#[must_use]
pub fn row(cells: &[String]) -> String {
    format!("| {} |", cells.join(" | "))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_middle_is_the_middle() {
        assert_eq!(super::spread(&[5.0, 1.0, 3.0]), [3.0, 1.0, 5.0]);
        assert_eq!(super::cell(&[2.0, 1.0, 9.0], 1), "2.0 (1.0 .. 9.0)");
    }
}
