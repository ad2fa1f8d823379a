//! What connecting came to, and what the shop's owner should know.

use crate::screen::Page;
use crate::trouble::Result;
use crate::view::{FindingView, Summary};

/// Shows what connecting came to.
pub(crate) fn show(page: &mut Page<'_, '_>, summary: &Summary) -> Result<()> {
    for (number, words) in [
        (summary.variants, "variants that can be bought"),
        (summary.matched, "matched to an item by SKU"),
        (summary.shared, "of these listed in another store too"),
        (summary.without_sku, "without a SKU"),
        (summary.duplicates, "whose SKU another variant of the store has too"),
        (summary.untracked, "whose stock the shop does not count"),
        (summary.orders, "orders read"),
    ] {
        page.say(format!("{number:>8}  {words}"))?;
    }
    Ok(())
}

/// Shows what the shop's owner should know.
pub(crate) fn findings(page: &mut Page<'_, '_>, findings: &[FindingView]) -> Result<()> {
    for finding in findings {
        let weight = if finding.blocks_writing { "blocks writing" } else { "worth knowing" };
        page.say(format!("  ! {} ({weight})", finding.message))?;
        if !finding.advice.is_empty() {
            page.say(format!("    {}", finding.advice))?;
        }
    }
    Ok(())
}
