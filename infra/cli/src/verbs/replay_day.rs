//! `replay-day`: a day's books, written again from what was observed.

use jiff::civil::Date;

use crate::hub::{Hub, read};
use crate::screen::Page;
use crate::table::Table;
use crate::trouble::{Result, Trouble};
use crate::view::Replayed;
use crate::words::count;

pub(crate) async fn replay(hub: &Hub<'_>, page: &mut Page<'_, '_>, day: Date) -> Result<()> {
    let day = day.to_string();
    let answer = hub.get(&["days", &day, "replay"]).await?;
    let found: Replayed = read(&answer)?;
    let until = found.until.map_or_else(String::new, |until| format!(" until {until:.0}"));
    let vouchers = count(found.vouchers, "voucher", "vouchers");
    page.say(format!("{day}{until}, written again from its opening balances and {vouchers}."))?;
    page.say("")?;
    let mut table = Table::new(&["LINES", "ITEMS", "ORDERS"]);
    table.row([found.lines, found.items, found.orders].map(|number| number.to_string()));
    for line in table.lines() {
        page.say(line)?;
    }
    page.say("")?;
    if found.before_vouchers > 0 {
        let one = "line was booked before vouchers were kept, and stands in the opening.";
        let many = "lines were booked before vouchers were kept, and stand in the opening.";
        page.say(count(found.before_vouchers, one, many))?;
    }
    page.say(format!("books   sha256 {}", found.books))?;
    page.say(format!("replay  sha256 {}", found.replay))?;
    for one in &found.differences {
        page.say("")?;
        page.say(format!("{}: {} {}", one.sku.as_ref().unwrap_or(&one.item), one.what, one.name))?;
        page.say(format!("  the books say   {}", one.books.as_deref().unwrap_or("nothing")))?;
        page.say(format!("  the replay says {}", one.replay.as_deref().unwrap_or("nothing")))?;
    }
    page.say("")?;
    page.document(&answer)?;
    if found.same {
        return page.say("They are the same, byte for byte.");
    }
    let what = format!("they differ in {}", count(found.different, "place", "places"));
    page.flush()?;
    if page.is_json() {
        return Err(Trouble::told());
    }
    Err(Trouble::new(what)
        .next("somebody wrote to the table beside the hub, or the hub is wrong: keep both and ask"))
}
