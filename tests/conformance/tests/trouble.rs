//! The suites over a table that has a bad hour: conflicts, throttles, failures and lost answers must change
//! nothing that a caller sees.

use conformance::trouble::{self, Fault};
use conformance::{catalog, directory, journal, lanes, ledger, runs};

const RATE: f64 = 0.08;

/// What every suite must meet; not all of them read many rows at once.
const WANTED: [Fault; 7] = [
    Fault::Conflict,
    Fault::Throttle,
    Fault::Throughput,
    Fault::FailsBefore,
    Fault::FailsAfter,
    Fault::DropsBefore,
    Fault::DropsAfter,
];

macro_rules! in_trouble {
    ($($name:ident, $seed:literal, $suite:path;)+) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            println!("seed {}", $seed);
            let (table, trouble) = trouble::table($seed, RATE, &Fault::ALL).await;
            // A short suite is run until each kind of trouble was met; suites may share a table.
            for _ in 0..40 {
                $suite(&table).await;
                if WANTED.into_iter().all(|fault| trouble.hits(fault) > 0) {
                    return;
                }
            }
            panic!("some kind of trouble never happened: {:?}", Fault::ALL.map(|fault| trouble.hits(fault)));
        }
    )+};
}

in_trouble! {
    the_ledger, 1, ledger::suite;
    the_ledger_again, 2, ledger::suite;
    the_catalogue, 3, catalog::suite;
    the_directory, 4, directory::suite;
    the_journal, 5, journal::suite;
    the_lanes, 6, lanes::suite;
    the_runs, 7, runs::suite;
}

/// What never passes is told, with its kind, in bounded time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_table_that_is_never_well_is_told() {
    use conformance::fixtures::*;
    use ports::{ErrorKind, Ledger};
    for (fault, kind) in [
        (Fault::Conflict, ErrorKind::Conflict),
        (Fault::Throttle, ErrorKind::Throttled),
        (Fault::Throughput, ErrorKind::Throttled),
        (Fault::FailsBefore, ErrorKind::Unavailable),
        (Fault::FailsAfter, ErrorKind::Unavailable),
        (Fault::DropsBefore, ErrorKind::Unavailable),
        (Fault::DropsAfter, ErrorKind::Unavailable),
    ] {
        let (table, _trouble) = trouble::table(1, 1.0, &[fault]).await;
        let id = item_id(&org(), "x");
        let ours = org();
        let error =
            table.adjust(&ours, &entry(&id, "a", 1, 0), &change(&ours, &id, "a", 0)).await.unwrap_err();
        assert_eq!(error.kind, kind, "{fault:?}");
        assert!(error.is_passing());
    }
}
