//! Noting what came of a write, for whoever asks why a number is what it is.

use domain::OnHand;
use ports::{Answer, Finish, WriteNote};

use super::Lane;
use crate::access::Shop;

impl Lane {
    /// Notes what came of a write that is over. Nothing is decided by it: where it cannot be kept, the work goes on.
    pub(super) async fn note_write(&self, shop: &Shop, finish: &Finish, compare: OnHand, value: OnHand) {
        let Some(trials) = self.journal.trials() else { return };
        let shown = finish.seen.map(|seen| seen.level);
        let answer = if !finish.explained.is_zero() {
            Answer::Taken
        } else if shown.is_some_and(|shown| shown != compare) {
            Answer::OtherNumber
        } else {
            Answer::NotTaken
        };
        let note = WriteNote {
            org: finish.org.clone(),
            store: shop.store.id.clone(),
            link: finish.link.clone(),
            write: finish.write.clone(),
            compare,
            value,
            answer,
            shown,
            at: self.clock.now(),
        };
        if let Err(error) = trials.note_write(&note).await {
            tracing::warn!(store = %note.store, link = %note.link, %error, "what came of a write was not noted");
        }
    }
}
