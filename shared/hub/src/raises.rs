//! Raises that are held stay asked about.

use domain::exception::{Exception, ExceptionKind};
use domain::store::{Raises, Store};
use ports::{Directory, Journal};

use crate::Result;
use crate::alerts::{Alert, Alerts};

/// What a person does about raises that are held.
pub(crate) const ADVICE: &str = "Lowering goes on. Find out what raised them with `storeloom drift` and `storeloom \
                                 why SKU`. Resolve this to let them go; leave it open to have them held. `storeloom \
                                 rules` changes when raises stop.";

/// Asks about a store's held raises where nobody is asked: as long as the store holds them, somebody is.
pub(crate) async fn stay_asked(
    directory: &dyn Directory,
    journal: &dyn Journal,
    alerts: &Alerts,
    store: &Store,
) -> Result<()> {
    if !store.holds_raises() {
        return Ok(());
    }
    let kind = ExceptionKind::RaisesHeld;
    let id = Exception::id_of(&store.org, kind, Some(&store.id), "");
    if journal.exception(&store.org, &id).await?.is_some_and(|asked| asked.resolved_at.is_none()) {
        return Ok(());
    }
    // Whoever resolves lets them go first: only what is still held now is asked about.
    let Some(store) = directory.store(&store.org, &store.id).await? else { return Ok(()) };
    let Some(Raises::Held { since }) = store.raises else { return Ok(()) };
    alerts
        .open(Alert {
            org: &store.org,
            store: Some(&store.id),
            kind,
            subject: "",
            message: format!(
                "raises of {} are held since {since:.0}: too many of its numbers would have been raised within a \
                 while",
                store.name
            ),
            advice: ADVICE,
            facts: Vec::new(),
        })
        .await
}
