//! Opening and settling exceptions: what a person should look at.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::exception::{Exception, ExceptionKind};
use domain::{ExceptionId, OrgId, StoreId};
use platform::Clock;
use ports::Journal;

use crate::{Outside, Result};

/// Opening and settling exceptions.
#[derive(Clone)]
pub struct Alerts {
    journal: Arc<dyn Journal>,
    clock: Arc<dyn Clock>,
}

/// What an exception is about and what to say.
#[derive(Debug, Clone)]
pub struct Alert<'a> {
    /// The merchant.
    pub org: &'a OrgId,
    /// The store, if it is about one.
    pub store: Option<&'a StoreId>,
    /// What kind it is.
    pub kind: ExceptionKind,
    /// What it is about: with the kind and the store it makes the exception's id.
    pub subject: &'a str,
    /// What is wrong.
    pub message: String,
    /// What to do next.
    pub advice: &'a str,
    /// Facts that help to decide.
    pub facts: Vec<(&'static str, String)>,
}

impl Alerts {
    /// Takes what it needs.
    #[must_use]
    pub fn new(outside: &Outside) -> Self {
        Self { journal: Arc::clone(&outside.journal), clock: Arc::clone(&outside.clock) }
    }

    /// Opens an exception, or freshens the one that is open.
    ///
    /// # Errors
    /// What the journal says.
    pub async fn open(&self, alert: Alert<'_>) -> Result<()> {
        let exception = Exception {
            id: Exception::id_of(alert.org, alert.kind, alert.store, alert.subject),
            org: alert.org.clone(),
            store: alert.store.cloned(),
            kind: alert.kind,
            subject: alert.subject.to_owned(),
            message: alert.message,
            advice: alert.advice.to_owned(),
            facts: alert
                .facts
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect::<BTreeMap<_, _>>(),
            opened_at: self.clock.now(),
            resolved_at: None,
        };
        if self.journal.open_exception(&exception).await? {
            tracing::warn!(
                exception = %exception.id,
                kind = ?exception.kind,
                store = exception.store.as_ref().map(tracing::field::display),
                "a person should look: {}", exception.message
            );
        }
        Ok(())
    }

    /// Settles an exception if it is open.
    ///
    /// # Errors
    /// What the journal says.
    pub async fn settle(
        &self,
        org: &OrgId,
        kind: ExceptionKind,
        store: Option<&StoreId>,
        subject: &str,
    ) -> Result<()> {
        let id = Exception::id_of(org, kind, store, subject);
        self.journal.resolve_exception(org, &id, self.clock.now()).await?;
        Ok(())
    }

    /// Settles those exceptions of one kind that are open.
    ///
    /// # Errors
    /// What the journal says.
    pub async fn settle_all(
        &self,
        org: &OrgId,
        kind: ExceptionKind,
        store: Option<&StoreId>,
        subjects: &[&str],
    ) -> Result<()> {
        let ids: Vec<ExceptionId> =
            subjects.iter().map(|subject| Exception::id_of(org, kind, store, subject)).collect();
        self.journal.resolve_exceptions(org, &ids, self.clock.now()).await?;
        Ok(())
    }
}
