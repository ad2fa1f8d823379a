//! What the commands of the stock room take.

use clap::{Args, Subcommand};

/// Units that came in.
#[derive(Debug, Clone, Args)]
pub struct Receive {
    /// The SKU, or the item's id
    pub sku: String,
    /// How many units, such as 12 or 0.5
    #[arg(value_parser = amount)]
    pub units: String,
    /// Where they lie now: a location's name or id; without it, the main one
    #[arg(long, value_name = "LOCATION")]
    pub at: Option<String>,
    #[command(flatten)]
    pub noted: Noted,
}

/// Units that were counted.
#[derive(Debug, Clone, Args)]
pub struct Count {
    /// The SKU, or the item's id
    pub sku: String,
    /// How many units lie there, those set aside for orders among them
    #[arg(value_parser = amount)]
    pub units: String,
    /// Where they were counted: a location's name or id; without it, the main one
    #[arg(long, value_name = "LOCATION")]
    pub at: Option<String>,
    #[command(flatten)]
    pub noted: Noted,
}

/// A correction.
#[derive(Debug, Clone, Args)]
pub struct Adjust {
    /// The SKU, or the item's id
    pub sku: String,
    /// By how many units, such as 2 or -1
    #[arg(allow_hyphen_values = true, value_parser = signed)]
    pub by: String,
    /// Why the books are wrong
    #[arg(long)]
    pub reason: String,
    /// Where: a location's name or id; without it, the main one
    #[arg(long, value_name = "LOCATION")]
    pub at: Option<String>,
    /// Names the movement: sent again under the same key, it is booked once; without it, one is made
    #[arg(long)]
    pub key: Option<String>,
}

/// Units that were carried.
#[derive(Debug, Clone, Args)]
pub struct Transfer {
    /// The SKU, or the item's id
    pub sku: String,
    /// How many units
    #[arg(value_parser = amount)]
    pub units: String,
    /// Where they lay: a location's name or id; without it, the main one
    #[arg(long, value_name = "LOCATION")]
    pub from: Option<String>,
    /// Where they lie now: a location's name or id; without it, the main one
    #[arg(long, value_name = "LOCATION")]
    pub to: Option<String>,
    #[command(flatten)]
    pub noted: Noted,
}

/// What may be said of a movement.
#[derive(Debug, Clone, Args)]
pub struct Noted {
    /// Which delivery, or why
    #[arg(long, default_value = "")]
    pub note: String,
    /// Names the movement: sent again under the same key, it is booked once; without it, one is made
    #[arg(long)]
    pub key: Option<String>,
}

/// What an item is made of.
#[derive(Debug, Clone, Args)]
pub struct Bundle {
    /// The SKU, or the item's id
    pub sku: String,
    /// A part and its units in one bundle, such as CUP-1=2, once for each part; without it, what it is made of is shown
    #[arg(long, value_name = "SKU=UNITS", value_parser = part, conflicts_with = "apart")]
    pub of: Vec<PartOf>,
    /// Make it an ordinary item again
    #[arg(long)]
    pub apart: bool,
}

/// A part of a bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartOf {
    /// Its SKU, or its id.
    pub sku: String,
    /// Units of it in one bundle.
    pub units: String,
}

/// What is done with locations.
#[derive(Debug, Clone, Subcommand)]
pub enum Places {
    /// Add a location
    Add {
        /// What to call it
        name: String,
    },
    /// Give a location another name
    Rename {
        /// Its name or id
        location: String,
        /// Its new name
        name: String,
    },
    /// Have a store sell from a location: what its orders book from now on is taken from there
    Use {
        /// A store's name, its id, or the beginning of its id
        store: String,
        /// The location's name or id
        location: String,
    },
}

fn part(text: &str) -> Result<PartOf, String> {
    let (sku, units) = text.rsplit_once('=').unwrap_or((text, "1"));
    if sku.trim().is_empty() {
        return Err("a SKU and its units, such as CUP-1=2".to_owned());
    }
    Ok(PartOf { sku: sku.trim().to_owned(), units: amount(units)? })
}

fn amount(text: &str) -> Result<String, String> {
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits(whole) && digits(part) && part.len() <= 3 && text.len() <= 14 {
        return Ok(text.to_owned());
    }
    Err("a number such as 12 or 0.5".to_owned())
}

fn signed(text: &str) -> Result<String, String> {
    let bare = text.strip_prefix(['-', '+']).unwrap_or(text);
    amount(bare).map_err(|_| "a number such as 2 or -1".to_owned())?;
    Ok(text.strip_prefix('+').unwrap_or(text).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_units() {
        for good in ["0", "12", "0.5", "12.125"] {
            assert!(amount(good).is_ok(), "{good}");
        }
        for bad in ["", "-1", "1,5", "1.", ".5", "1.2345", "1e3", "123456789012345"] {
            assert!(amount(bad).is_err(), "{bad}");
        }
        assert_eq!([signed("-1").unwrap(), signed("+2").unwrap()], ["-1", "2"]);
        assert!(signed("--1").is_err());
    }

    #[test]
    fn parts_of_a_bundle() {
        let of = |sku: &str, units: &str| Ok(PartOf { sku: sku.into(), units: units.into() });
        assert_eq!(part("CUP-1=2"), of("CUP-1", "2"));
        assert_eq!(part("a=b=0.5"), of("a=b", "0.5"));
        assert_eq!(part("CUP-1"), of("CUP-1", "1"));
        for bad in ["=2", "CUP-1=", "CUP-1=x", "CUP-1=-1"] {
            assert!(part(bad).is_err(), "{bad}");
        }
    }
}
