//! The vault over Secrets Manager: one secret for each store, and one for each app of ours.
//!
//! Putting a value alone compares nothing, so a replacement takes two steps: the value is put under a label that
//! nobody else has, and then `AWSCURRENT` is moved from the version that was read to the new one. Moving fails if
//! the label is elsewhere by then.

use async_trait::async_trait;
use aws_sdk_secretsmanager::Client;
use domain::{OrgId, PlatformSlug, StoreId};
use ports::{ErrorKind, PortError, Result, Secret, Vault, VaultWrite};
use secrecy::{ExposeSecret as _, SecretString};

use crate::answer::{code, read};
use crate::late::Late;
use crate::sealed::Name;
use crate::table::{Pause, nonce};

const SERVICE: &str = "the vault";
const CURRENT: &str = "AWSCURRENT";
/// The secret that others are sealed with. No merchant's folder is called so: theirs begin with `org_`.
const SEAL: &str = "seal";
/// Begins the label of a version that is about to become current.
const NEXT: &str = "storeloom-next-";
/// Names of versions have this length, so nothing else can be one.
const VERSION: std::ops::RangeInclusive<usize> = 32..=64;

/// Secrets in Secrets Manager, under `<prefix>/<merchant>/<store>` and `<prefix>/app/<platform>`.
#[derive(Clone)]
pub struct SecretVault {
    client: Late<Client>,
    prefix: String,
    reading: bool,
}

impl SecretVault {
    /// What a role must allow for this adapter.
    pub const ACTIONS: &[&str] = &[
        "secretsmanager:CreateSecret",
        "secretsmanager:DeleteSecret",
        "secretsmanager:DescribeSecret",
        "secretsmanager:GetSecretValue",
        "secretsmanager:PutSecretValue",
        "secretsmanager:UpdateSecretVersionStage",
    ];
    /// What a role must allow for this adapter when it only reads.
    pub const READING: &[&str] = &["secretsmanager:GetSecretValue"];

    pub(crate) fn new(client: Late<Client>, prefix: impl Into<String>) -> Self {
        Self { client, prefix: prefix.into(), reading: false }
    }

    /// The same vault for somebody who only reads: writes are refused before they are sent.
    #[must_use]
    pub fn reading(self) -> Self {
        Self { reading: true, ..self }
    }

    fn of_store(&self, org: &OrgId, store: &StoreId) -> String {
        format!("{}/{org}/{store}", self.prefix)
    }

    /// No merchant's folder is called `app`: theirs begin with `org_`.
    fn of_app(&self, platform: &PlatformSlug) -> Result<String> {
        let plain = |sign: char| sign.is_ascii_lowercase() || sign.is_ascii_digit() || sign == '-';
        if platform.as_str().is_empty() || !platform.as_str().chars().all(plain) {
            return Err(refused("app", format!("`{platform}` is no platform's name")));
        }
        Ok(format!("{}/app/{platform}", self.prefix))
    }

    fn may_write(&self, op: &'static str) -> Result<()> {
        if self.reading { Err(refused(op, "this function only reads secrets")) } else { Ok(()) }
    }

    async fn current(&self, op: &'static str, name: &str) -> Result<Option<Secret>> {
        self.version(op, name, None).await
    }

    /// The name that a secret has in the service, if it can have one.
    pub(crate) fn of(&self, name: &Name) -> Result<String> {
        match name {
            Name::Store(org, store) => Ok(self.of_store(org, store)),
            Name::App(platform) => self.of_app(platform),
        }
    }

    /// A secret as it was at a version.
    pub(crate) async fn at(&self, op: &'static str, name: &Name, version: &str) -> Result<Option<Secret>> {
        self.version(op, &self.of(name)?, Some(version)).await
    }

    /// The secret whose key seals what lies in the table; the newest without a version.
    pub(crate) async fn seal_of(&self, op: &'static str, version: Option<&str>) -> Result<Option<Secret>> {
        self.version(op, &format!("{}/{SEAL}", self.prefix), version).await
    }

    /// Puts a secret, whether there is one or not: its version.
    pub(crate) async fn put(&self, name: &Name, value: &SecretString) -> Result<String> {
        let name = self.of(name)?;
        let mut pause = Pause::default();
        loop {
            let there = match self.replace(&name, None, value).await? {
                VaultWrite::Done(version) => return Ok(version),
                // The one before, or what a connection that did not come to its end left over.
                VaultWrite::Raced => self.current("replace_if", &name).await?,
            };
            if let Some(there) = there
                && let VaultWrite::Done(version) = self.replace(&name, Some(&there.version), value).await?
            {
                return Ok(version);
            }
            if !pause.again().await {
                let message = "others connect this store at the same time: try again";
                return Err(PortError::new(ErrorKind::Conflict, "replace_if", message));
            }
        }
    }

    async fn version(&self, op: &'static str, name: &str, version: Option<&str>) -> Result<Option<Secret>> {
        let request =
            self.client.get_secret_value().secret_id(name).set_version_id(version.map(str::to_owned));
        let answer = match request.send().await {
            Ok(answer) => answer,
            // Not there, or forgotten a moment ago and not gone yet.
            Err(error) if matches!(code(&error), "ResourceNotFoundException" | "InvalidRequestException") => {
                return Ok(None);
            }
            Err(error) => return Err(read(op, SERVICE, &error)),
        };
        match (answer.secret_string, answer.version_id) {
            (Some(value), Some(version)) => Ok(Some(Secret { value: value.into(), version })),
            _ => Err(PortError::new(
                ErrorKind::Corrupt,
                op,
                "a secret holds no text: somebody else wrote it; connect the store again",
            )),
        }
    }

    async fn replace(&self, name: &str, version: Option<&str>, value: &SecretString) -> Result<VaultWrite> {
        self.may_write("replace_if")?;
        match version {
            None => self.create(name, value).await,
            Some(version) if VERSION.contains(&version.len()) => self.advance(name, version, value).await,
            Some(_) => Ok(VaultWrite::Raced),
        }
    }

    /// The first value of a secret. One that was forgotten a moment ago keeps its name for some seconds.
    async fn create(&self, name: &str, value: &SecretString) -> Result<VaultWrite> {
        const OP: &str = "replace_if";
        let token = nonce();
        let mut pause = Pause::default();
        loop {
            let created = self
                .client
                .create_secret()
                .name(name)
                .client_request_token(&token)
                .secret_string(value.expose_secret())
                .send()
                .await;
            let error = match created {
                Ok(answer) => return Ok(VaultWrite::Done(answer.version_id.unwrap_or(token))),
                Err(error) => error,
            };
            match code(&error) {
                // Perhaps by an attempt of ours whose answer was lost.
                "ResourceExistsException" => {
                    let there = self.current(OP, name).await?.map(|secret| secret.version);
                    let ours = there.as_ref() == Some(&token);
                    return Ok(if ours { VaultWrite::Done(token) } else { VaultWrite::Raced });
                }
                "InvalidRequestException" if pause.again().await => {}
                "InvalidRequestException" => {
                    let message = "the secret of that name is just being deleted: try again in a minute";
                    return Err(PortError::new(ErrorKind::Unavailable, OP, message));
                }
                _ => return Err(read(OP, SERVICE, &error)),
            }
        }
    }

    async fn advance(&self, name: &str, version: &str, value: &SecretString) -> Result<VaultWrite> {
        const OP: &str = "replace_if";
        let next = nonce();
        let label = format!("{NEXT}{next}");
        let mut tidied = false;
        loop {
            let put = self
                .client
                .put_secret_value()
                .secret_id(name)
                .client_request_token(&next)
                .secret_string(value.expose_secret())
                .version_stages(&label)
                .send()
                .await;
            match put {
                Ok(_) => break,
                Err(error) => match code(&error) {
                    "ResourceNotFoundException" | "InvalidRequestException" => return Ok(VaultWrite::Raced),
                    // Writers that stopped between their two steps left their labels.
                    "LimitExceededException" if !tidied => {
                        self.tidy(name).await?;
                        tidied = true;
                    }
                    _ => return Err(read(OP, SERVICE, &error)),
                },
            }
        }
        let moved = self.move_current(name, version, &next).await;
        // A label that stays behind costs one of twenty places, until they are tidied.
        if let Err(error) = self.take_label(name, &label, &next).await {
            tracing::debug!(%error, "a label of a secret stays behind");
        }
        Ok(if moved? { VaultWrite::Done(next) } else { VaultWrite::Raced })
    }

    /// Whether the label of the current version was moved from one version to the other.
    async fn move_current(&self, name: &str, from: &str, to: &str) -> Result<bool> {
        let moved = self
            .client
            .update_secret_version_stage()
            .secret_id(name)
            .version_stage(CURRENT)
            .remove_from_version_id(from)
            .move_to_version_id(to)
            .send()
            .await;
        let Err(error) = moved else { return Ok(true) };
        match code(&error) {
            "InvalidParameterException" | "ResourceNotFoundException" | "InvalidRequestException" => {
                // Perhaps an attempt of ours moved it, whose answer was lost.
                let there = self.current("replace_if", name).await?;
                Ok(there.is_some_and(|secret| secret.version == to))
            }
            _ => Err(read("replace_if", SERVICE, &error)),
        }
    }

    async fn take_label(&self, name: &str, label: &str, from: &str) -> Result<()> {
        self.client
            .update_secret_version_stage()
            .secret_id(name)
            .version_stage(label)
            .remove_from_version_id(from)
            .send()
            .await
            .map(|_| ())
            .map_err(|error| read("replace_if", SERVICE, &error))
    }

    /// Takes away the labels of replacements that never came to their second step. One that is under way still
    /// finds its version, by its id.
    async fn tidy(&self, name: &str) -> Result<()> {
        let described = self.client.describe_secret().secret_id(name).send().await;
        let described = described.map_err(|error| read("replace_if", SERVICE, &error))?;
        for (version, labels) in described.version_ids_to_stages.unwrap_or_default() {
            for label in labels.iter().filter(|label| label.starts_with(NEXT)) {
                self.take_label(name, label, &version).await?;
            }
        }
        Ok(())
    }
}

#[async_trait]
impl Vault for SecretVault {
    async fn read(&self, org: &OrgId, store: &StoreId) -> Result<Option<Secret>> {
        self.current("read", &self.of_store(org, store)).await
    }

    async fn replace_if(
        &self,
        org: &OrgId,
        store: &StoreId,
        version: Option<&str>,
        value: &SecretString,
    ) -> Result<VaultWrite> {
        self.replace(&self.of_store(org, store), version, value).await
    }

    async fn forget(&self, org: &OrgId, store: &StoreId) -> Result<()> {
        self.may_write("forget")?;
        let request = self.client.delete_secret().secret_id(self.of_store(org, store));
        match request.force_delete_without_recovery(true).send().await {
            Ok(_) => Ok(()),
            Err(error) if code(&error) == "ResourceNotFoundException" => Ok(()),
            Err(error) => Err(read("forget", SERVICE, &error)),
        }
    }

    async fn app(&self, platform: &PlatformSlug) -> Result<Option<Secret>> {
        self.current("app", &self.of_app(platform)?).await
    }

    async fn replace_app_if(
        &self,
        platform: &PlatformSlug,
        version: Option<&str>,
        value: &SecretString,
    ) -> Result<VaultWrite> {
        self.replace(&self.of_app(platform)?, version, value).await
    }
}

fn refused(op: &'static str, why: impl Into<String>) -> PortError {
    PortError::new(ErrorKind::Refused, op, why)
}

impl std::fmt::Debug for SecretVault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SecretVault").field("prefix", &self.prefix).finish_non_exhaustive()
    }
}
