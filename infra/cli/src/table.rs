//! Text in columns.

use unicode_width::UnicodeWidthStr as _;

use crate::screen::clean;

/// The widest a cell is shown, so that one long title does not push the rest away.
const WIDEST: usize = 60;

/// Which side of its column a cell keeps to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Left,
    Right,
}

/// Rows in columns: words to the left, numbers to the right.
pub(crate) struct Table {
    heads: Vec<(&'static str, Side)>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with these columns; a head that starts with `>` keeps its numbers to the right.
    pub(crate) fn new(heads: &[&'static str]) -> Self {
        let heads = heads
            .iter()
            .map(|head| match head.strip_prefix('>') {
                Some(head) => (head, Side::Right),
                None => (*head, Side::Left),
            })
            .collect();
        Self { heads, rows: Vec::new() }
    }

    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().map(|cell| short(&clean(&cell).replace('\n', " "))).collect());
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        let widths: Vec<usize> = self
            .heads
            .iter()
            .enumerate()
            .map(|(column, (head, _))| {
                let cells = self.rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.width());
                cells.chain([head.width()]).max().unwrap_or(0)
            })
            .collect();
        let heads: Vec<String> = self.heads.iter().map(|(head, _)| (*head).to_owned()).collect();
        std::iter::once(&heads).chain(&self.rows).map(|cells| self.line(cells, &widths)).collect()
    }

    fn line(&self, cells: &[String], widths: &[usize]) -> String {
        let mut line = String::new();
        for ((cell, width), (_, side)) in cells.iter().zip(widths).zip(&self.heads) {
            let space = " ".repeat(width.saturating_sub(cell.width()));
            match side {
                Side::Left => line.extend([cell.as_str(), space.as_str()]),
                Side::Right => line.extend([space.as_str(), cell.as_str()]),
            }
            line.push_str("  ");
        }
        line.trim_end().to_owned()
    }
}

fn short(text: &str) -> String {
    if text.width() <= WIDEST {
        return text.to_owned();
    }
    let mut kept = String::new();
    for sign in text.chars() {
        if kept.width() + 2 > WIDEST {
            break;
        }
        kept.push(sign);
    }
    format!("{}…", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_under_each_other() {
        let mut table = Table::new(&["SKU", ">UNITS", "TITLE"]);
        table.row(["A".into(), "5".into(), "Tea".into()]);
        table.row(["猫-1".into(), "1200".into(), "x".repeat(90)]);
        let lines = table.lines();
        assert_eq!(lines[0], "SKU   UNITS  TITLE");
        assert_eq!(lines[1], "A         5  Tea");
        assert_eq!(lines[2], format!("猫-1   1200  {}…", "x".repeat(59)));
    }

    #[test]
    fn a_title_with_line_breaks_stays_in_its_row() {
        let mut table = Table::new(&["TITLE"]);
        table.row(["a\nb\u{1b}[2J".into()]);
        assert_eq!(table.lines()[1], "a b\u{fffd}[2J");
    }
}
