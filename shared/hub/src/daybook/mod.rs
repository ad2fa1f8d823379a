//! The day book: a day's balances as it opened, and its vouchers, from which its books are written again.
//!
//! Each step of the books is written together with its voucher, and the hub books through it. So the balances with
//! which a day opened ([`opening`]) and the vouchers of the day give its lines and its closing balances once more
//! ([`sheet`]), and [`replay`] compares them with the books, byte for byte. Nothing of it says who bought: erasing a
//! buyer changes no byte.

pub mod opening;
pub mod replay;
pub mod sheet;

use domain::voucher::Voucher;
use domain::{Day, OrgId};
use ports::{Ask, Ledger};

use crate::{HubError, Result};

pub use opening::Openings;
pub use replay::{Daybook, Report};
pub use sheet::{Balances, Difference, Sheet};

/// Vouchers that are read at a time.
const PAGE: u32 = 500;

/// All vouchers of a day.
async fn vouchers(ledger: &dyn Ledger, org: &OrgId, day: Day) -> Result<Vec<Voucher>> {
    let mut all = Vec::new();
    let mut ask = Some(Ask::first(PAGE));
    while let Some(at) = ask {
        let page = ledger.vouchers(org, day, &at).await?;
        all.extend(page.items);
        ask = page.next.map(|next| Ask::after(PAGE, Some(next)));
    }
    Ok(all)
}

fn document<T: serde::Serialize>(record: &T) -> Result<Vec<u8>> {
    serde_json::to_vec(record)
        .map_err(|error| HubError::Conflict(format!("a record of the day book cannot be written: {error}")))
}

fn read<T: serde::de::DeserializeOwned>(key: &str, bytes: &[u8]) -> Result<T> {
    serde_json::from_slice(bytes)
        .map_err(|error| HubError::Conflict(format!("`{key}` of the day book cannot be read: {error}")))
}
