//! What a function was not handed: whoever reaches for it is told so.

use async_trait::async_trait;
use domain::run::Stream;
use domain::{OrgId, PlatformSlug, StoreId};
use platform::{Http, HttpError, HttpErrorKind, Request, Response};
use ports::{
    Blobs, ErrorKind, PortError, Queue, Result, Schedule, Schedules, Secret, Send, Vault, VaultWrite,
};
use secrecy::SecretString;

/// Stands where a function has no port.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Nothing;

fn none<T>(op: &'static str, what: &str) -> Result<T> {
    Err(PortError::new(ErrorKind::Refused, op, format!("this function was not handed {what}")))
}

#[async_trait]
impl Queue for Nothing {
    async fn send(&self, _: Send) -> Result<()> {
        none("send", "this queue")
    }
}

#[async_trait]
impl Vault for Nothing {
    async fn read(&self, _: &OrgId, _: &StoreId) -> Result<Option<Secret>> {
        none("read", "the vault")
    }

    async fn replace_if(
        &self,
        _: &OrgId,
        _: &StoreId,
        _: Option<&str>,
        _: &SecretString,
    ) -> Result<VaultWrite> {
        none("replace_if", "the vault")
    }

    async fn forget(&self, _: &OrgId, _: &StoreId) -> Result<()> {
        none("forget", "the vault")
    }

    async fn app(&self, _: &PlatformSlug) -> Result<Option<Secret>> {
        none("app", "the vault")
    }

    async fn replace_app_if(
        &self,
        _: &PlatformSlug,
        _: Option<&str>,
        _: &SecretString,
    ) -> Result<VaultWrite> {
        none("replace_app_if", "the vault")
    }
}

#[async_trait]
impl Blobs for Nothing {
    async fn put(&self, _: &OrgId, _: &str, _: &[u8]) -> Result<()> {
        none("put", "the bucket")
    }

    async fn remove(&self, _: &OrgId, _: &str) -> Result<()> {
        none("remove", "the bucket")
    }

    async fn get(&self, _: &OrgId, _: &str) -> Result<Option<Vec<u8>>> {
        none("get", "the bucket")
    }
}

#[async_trait]
impl Schedules for Nothing {
    async fn put(&self, _: &Schedule) -> Result<()> {
        none("put", "the schedules")
    }

    async fn remove(&self, _: &OrgId, _: &StoreId, _: Stream) -> Result<()> {
        none("remove", "the schedules")
    }

    async fn of_store(&self, _: &OrgId, _: &StoreId) -> Result<Vec<Schedule>> {
        none("of_store", "the schedules")
    }
}

#[async_trait]
impl Http for Nothing {
    async fn send(&self, _: Request) -> std::result::Result<Response, HttpError> {
        Err(HttpError {
            kind: HttpErrorKind::Forbidden,
            message: "this function was not handed a way to call shops".to_owned(),
            may_have_been_sent: false,
        })
    }
}
