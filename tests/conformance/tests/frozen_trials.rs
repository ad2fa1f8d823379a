//! What is kept of writes beside the books, as it was written once: it must be read for ever, and is written alike.

use ports::{Rehearsal, RehearsedWrite, Shadow, Shadowing, WriteNote};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

const NOTE: &str = r#"{"org":"org_00000000000000000000000001","store":"sto_00000000000000000000000001",
    "link":"lnk_00000000000000000000000001","write":"wri_00000000000000000000000001","compare":"5","value":"4",
    "answer":"other-number","shown":"3","at":"2026-11-20T12:00:00.123456Z"}"#;
const REHEARSAL: &str = r#"{"digest":"0123456789abcdef0123456789abcdef","org":"org_00000000000000000000000001",
    "store":"sto_00000000000000000000000001","at":"2026-11-20T12:00:00Z","links":9,"lowered":2,"raised":1,"held":1,
    "units_lowered":"7","units_raised":"2","money_lowered":[{"amount":"10.00","currency":"EUR"}],"money_raised":[],
    "unpriced":1,"parts":2}"#;
const REHEARSED: &str = r#"{"link":"lnk_00000000000000000000000001","item":"itm_00000000000000000000000001",
    "variant":"55","sku":"T-1","title":"Tea","shows":"5","target":"7","difference":"2",
    "money":{"amount":"2.00","currency":"EUR"},"held":null}"#;
const SHADOWING: &str = r#"{"since":"2026-11-20T12:00:00Z","until":null}"#;
const SHADOW: &str = r#"{"org":"org_00000000000000000000000001","store":"sto_00000000000000000000000001",
    "link":"lnk_00000000000000000000000001","item":"itm_00000000000000000000000001","sku":"T-1",
    "since":"2026-11-20T12:00:00Z","offset":"-2","days":[{"day":"2026-11-20","lowered":1,"units_lowered":"2",
    "raised":0,"units_raised":"0","units_prevented":"1","writes":[{"from":"5","to":"3","at":"2026-11-20T12:00:02Z",
    "since":"2026-11-20T12:00:01Z","cause":"order 9 open"}],"prevented":[{"order":"ord_00000000000000000000000001",
    "number":"9","units":"1","at":"2026-11-20T12:00:03Z"}]}],"version":4}"#;

/// Reads a text as what it was, and writes it again.
fn alike<T: Serialize + DeserializeOwned>(text: &str) {
    let read: T = serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"));
    let (now, then): (Value, Value) =
        (serde_json::to_value(&read).unwrap(), serde_json::from_str(text).unwrap());
    assert_eq!(now, then);
}

#[test]
fn what_was_written_once_is_read_and_written_alike() {
    alike::<WriteNote>(NOTE);
    alike::<Rehearsal>(REHEARSAL);
    alike::<RehearsedWrite>(REHEARSED);
    alike::<Shadowing>(SHADOWING);
    alike::<Shadow>(SHADOW);
}

#[test]
fn a_store_may_be_in_the_phase_of_a_shadow() {
    let phase: domain::store::Phase = serde_json::from_str("\"shadow\"").unwrap();
    assert_eq!(phase, domain::store::Phase::Shadow);
}
