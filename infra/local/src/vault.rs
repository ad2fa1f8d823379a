//! Secrets on disk: one sealed file for each, opened with the key file of the data folder.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use data_encoding::HEXLOWER;
use domain::{OrgId, PlatformSlug, StoreId};
use platform::Dice;
use ports::{ErrorKind, PortError, Result, Secret, Vault, VaultWrite};
use secrecy::{ExposeSecret as _, SecretString};

use crate::disk;

/// Starts every sealed file; the last sign is the version of the format.
const MARK: &[u8; 4] = b"SLV1";
/// A version is this many random bytes: one that was forgotten never comes back.
const VERSION: usize = 16;
const KEY: usize = 32;

/// Why the vault cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// The folder or the key file cannot be read or made: check their owner and the disk.
    #[error("the vault's files cannot be read or made: check the owner of the data folder and its disk")]
    Files(#[from] io::Error),
    /// There are sealed secrets and no key: put the key file back.
    #[error(
        "the key file `{0}` is missing though there are sealed secrets: put it back from where you keep it"
    )]
    KeyMissing(PathBuf),
    /// The key file is not one: put the right one back.
    #[error("the key file `{0}` does not hold 64 hexadecimal digits: put the right one back")]
    KeyUnreadable(PathBuf),
    /// The key file can be read by others: take their rights away.
    #[error("the key file `{0}` can be read by others: run `chmod 600` on it")]
    KeyOpen(PathBuf),
    /// The key is not the one that the secrets were sealed with: put the right one back.
    #[error(
        "the key file `{0}` does not fit the sealed secrets: put the one back that belongs to this data folder"
    )]
    KeyWrong(PathBuf),
}

/// Secrets on disk.
#[derive(Clone)]
pub struct FileVault {
    inner: Arc<Inner>,
}

struct Inner {
    folder: PathBuf,
    key: LessSafeKey,
    dice: Arc<dyn Dice>,
    /// One replacement at a time, so that comparing and replacing are one step.
    writing: Mutex<()>,
}

impl std::fmt::Debug for FileVault {
    /// Shows where it is, nothing of what it holds.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FileVault").field("folder", &self.inner.folder).finish_non_exhaustive()
    }
}

impl FileVault {
    /// Opens the vault of a data folder: secrets in `vault/`, the key in `key`. Both are made at the first start.
    ///
    /// # Errors
    /// If the key is missing, is not the right one, or can be read by others.
    pub fn open(data: &Path, dice: Arc<dyn Dice>) -> Result<Self, VaultError> {
        let (folder, key_path) = (data.join("vault"), data.join("key"));
        disk::make_folder(&folder)?;
        let check = folder.join("check");
        let sealed_check = disk::read_if_there(&check)?;
        let bytes = match disk::read_if_there(&key_path)? {
            Some(text) => {
                refuse_open(&key_path)?;
                let text = text.trim_ascii();
                let bytes =
                    HEXLOWER.decode(&text.to_ascii_lowercase()).ok().filter(|bytes| bytes.len() == KEY);
                bytes.ok_or_else(|| VaultError::KeyUnreadable(key_path.clone()))?
            }
            None if sealed_check.is_some() => return Err(VaultError::KeyMissing(key_path)),
            None => {
                let mut bytes = vec![0; KEY];
                dice.fill(&mut bytes);
                disk::write_whole(&key_path, format!("{}\n", HEXLOWER.encode(&bytes)).as_bytes())?;
                bytes
            }
        };
        let key =
            UnboundKey::new(&AES_256_GCM, &bytes).map_err(|_| VaultError::KeyUnreadable(key_path.clone()))?;
        let inner = Inner { folder, key: LessSafeKey::new(key), dice, writing: Mutex::new(()) };
        match sealed_check {
            Some(sealed) => {
                inner.unseal(&sealed, "check").ok_or(VaultError::KeyWrong(key_path))?;
            }
            None => {
                let version = inner.new_version();
                let sealed =
                    inner.seal(&version, b"the key fits", "check").ok_or(VaultError::KeyWrong(key_path))?;
                disk::write_whole(&check, &sealed)?;
            }
        }
        Ok(Self { inner: Arc::new(inner) })
    }

    async fn on_disk<T: Send + 'static>(
        &self,
        op: &'static str,
        work: impl FnOnce(&Inner) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let inner = Arc::clone(&self.inner);
        tokio::task::spawn_blocking(move || work(&inner))
            .await
            .map_err(|error| PortError::new(ErrorKind::Unavailable, op, "the vault stopped").because(error))?
    }
}

impl FileVault {
    async fn replace(&self, name: Name, version: Option<&str>, value: &SecretString) -> Result<VaultWrite> {
        let (version, value) = (version.map(ToOwned::to_owned), value.clone());
        self.on_disk("replace_if", move |inner| inner.replace_if(&name, version.as_deref(), &value)).await
    }
}

impl Inner {
    fn path(&self, name: &Name) -> PathBuf {
        self.folder.join(&name.folder).join(&name.file)
    }

    fn new_version(&self) -> [u8; VERSION] {
        let mut version = [0; VERSION];
        self.dice.fill(&mut version);
        version
    }

    /// Mark, version, nonce, then the sealed bytes. What it is about and its version are authenticated along.
    fn seal(&self, version: &[u8; VERSION], plain: &[u8], about: &str) -> Option<Vec<u8>> {
        let mut nonce = [0; NONCE_LEN];
        self.dice.fill(&mut nonce);
        let mut sealed = plain.to_vec();
        let along = along(about, version);
        let key = &self.key;
        key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(along), &mut sealed)
            .ok()?;
        Some([MARK.as_slice(), version, &nonce, &sealed].concat())
    }

    fn unseal(&self, file: &[u8], about: &str) -> Option<(Vec<u8>, [u8; VERSION])> {
        let rest = file.strip_prefix(MARK)?;
        let (version, rest) = rest.split_first_chunk::<VERSION>()?;
        let (nonce, sealed) = rest.split_first_chunk::<NONCE_LEN>()?;
        let mut plain = sealed.to_vec();
        let along = along(about, version);
        let length = self
            .key
            .open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::from(along), &mut plain)
            .ok()?
            .len();
        plain.truncate(length);
        Some((plain, *version))
    }

    fn read(&self, name: &Name) -> Result<Option<Secret>> {
        let Some(file) = disk::read_if_there(&self.path(name)).map_err(|error| files("read", error))? else {
            return Ok(None);
        };
        let corrupt = || {
            let message = format!(
                "the credentials of {} cannot be opened: put back the key file that belongs to this data \
                 folder, or give them again",
                name.file
            );
            PortError::new(ErrorKind::Corrupt, "read", message)
        };
        let (plain, version) = self.unseal(&file, &name.about()).ok_or_else(corrupt)?;
        let value = String::from_utf8(plain).map_err(|_| corrupt())?;
        Ok(Some(Secret { value: value.into(), version: HEXLOWER.encode(&version) }))
    }

    fn replace_if(&self, name: &Name, expected: Option<&str>, value: &SecretString) -> Result<VaultWrite> {
        let _one = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let current = self.read(name)?.map(|secret| secret.version);
        if current.as_deref() != expected {
            return Ok(VaultWrite::Raced);
        }
        let version = self.new_version();
        let sealed =
            self.seal(&version, value.expose_secret().as_bytes(), &name.about()).ok_or_else(|| {
                PortError::new(ErrorKind::Refused, "replace_if", "the secret could not be sealed")
            })?;
        let path = self.path(name);
        disk::make_folder(&self.folder.join(&name.folder))
            .and_then(|()| disk::write_whole(&path, &sealed))
            .map_err(|error| files("replace_if", error))?;
        Ok(VaultWrite::Done(HEXLOWER.encode(&version)))
    }

    fn forget(&self, name: &Name) -> Result<()> {
        let _one = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        match fs::remove_file(self.path(name)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(files("forget", error)),
            Ok(()) => {
                disk::sync_folder(&self.folder.join(&name.folder)).map_err(|error| files("forget", error))
            }
        }
    }
}

#[async_trait]
impl Vault for FileVault {
    async fn read(&self, org: &OrgId, store: &StoreId) -> Result<Option<Secret>> {
        let name = Name::of_store(org, store);
        self.on_disk("read", move |inner| inner.read(&name)).await
    }

    async fn replace_if(
        &self,
        org: &OrgId,
        store: &StoreId,
        version: Option<&str>,
        value: &SecretString,
    ) -> Result<VaultWrite> {
        self.replace(Name::of_store(org, store), version, value).await
    }

    async fn forget(&self, org: &OrgId, store: &StoreId) -> Result<()> {
        let name = Name::of_store(org, store);
        self.on_disk("forget", move |inner| inner.forget(&name)).await
    }

    async fn app(&self, platform: &PlatformSlug) -> Result<Option<Secret>> {
        let name = Name::of_app(platform)?;
        self.on_disk("app", move |inner| inner.read(&name)).await
    }

    async fn replace_app_if(
        &self,
        platform: &PlatformSlug,
        version: Option<&str>,
        value: &SecretString,
    ) -> Result<VaultWrite> {
        self.replace(Name::of_app(platform)?, version, value).await
    }
}

/// What a sealed file is about. One that is moved elsewhere does not open there.
struct Name {
    folder: String,
    file: String,
}

impl Name {
    fn of_store(org: &OrgId, store: &StoreId) -> Self {
        Self { folder: org.to_string(), file: store.to_string() }
    }

    /// No merchant's folder is called `apps`: theirs begin with `org_`.
    fn of_app(platform: &PlatformSlug) -> Result<Self> {
        let plain = |sign: char| sign.is_ascii_lowercase() || sign.is_ascii_digit() || sign == '-';
        if platform.as_str().is_empty() || !platform.as_str().chars().all(plain) {
            let message = format!("`{platform}` is no platform's name");
            return Err(PortError::new(ErrorKind::Refused, "app", message));
        }
        Ok(Self { folder: "apps".to_owned(), file: platform.to_string() })
    }

    fn about(&self) -> String {
        format!("{}/{}", self.folder, self.file)
    }
}

fn along(about: &str, version: &[u8; VERSION]) -> Vec<u8> {
    [MARK.as_slice(), version, about.as_bytes()].concat()
}

fn files(op: &'static str, error: io::Error) -> PortError {
    PortError::new(ErrorKind::Unavailable, op, "the vault's files cannot be read or written: check the disk")
        .because(error)
}

/// Refuses a key file that others can read.
fn refuse_open(path: &Path) -> Result<(), VaultError> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        if fs::metadata(path)?.permissions().mode() & 0o077 != 0 {
            return Err(VaultError::KeyOpen(path.to_owned()));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use tempfile::TempDir;

    use super::*;
    use crate::clock::SystemDice;

    fn open(data: &TempDir) -> Result<FileVault, VaultError> {
        FileVault::open(data.path(), Arc::new(SystemDice))
    }

    fn shop(name: &str) -> (OrgId, StoreId) {
        (OrgId::derive(&[name]), StoreId::derive(&[name]))
    }

    async fn value(vault: &FileVault, (org, store): &(OrgId, StoreId)) -> Option<String> {
        vault.read(org, store).await.unwrap().map(|secret| secret.value.expose_secret().to_owned())
    }

    async fn replace(
        vault: &FileVault,
        (org, store): &(OrgId, StoreId),
        version: Option<&str>,
        to: &str,
    ) -> VaultWrite {
        vault.replace_if(org, store, version, &to.into()).await.unwrap()
    }

    #[tokio::test]
    async fn a_secret_is_replaced_only_by_who_saw_the_last_version() {
        let data = TempDir::new().unwrap();
        let (vault, shop) = (open(&data).unwrap(), shop("a"));
        assert_eq!(value(&vault, &shop).await, None);
        assert_eq!(replace(&vault, &shop, Some("0"), "no").await, VaultWrite::Raced);
        let VaultWrite::Done(first) = replace(&vault, &shop, None, "one").await else { panic!() };
        assert_eq!(replace(&vault, &shop, None, "no").await, VaultWrite::Raced);
        let VaultWrite::Done(second) = replace(&vault, &shop, Some(&first), "two").await else { panic!() };
        assert_eq!(replace(&vault, &shop, Some(&first), "no").await, VaultWrite::Raced);
        drop(vault);
        let vault = open(&data).unwrap();
        assert_eq!(value(&vault, &shop).await.as_deref(), Some("two"));
        vault.forget(&shop.0, &shop.1).await.unwrap();
        vault.forget(&shop.0, &shop.1).await.unwrap();
        assert_eq!(value(&vault, &shop).await, None);
        assert_eq!(replace(&vault, &shop, Some(&second), "no").await, VaultWrite::Raced);
    }

    #[tokio::test]
    async fn of_many_who_replace_at_once_one_wins() {
        let data = TempDir::new().unwrap();
        let vault = open(&data).unwrap();
        let mut tasks = Vec::new();
        for number in 0..16 {
            let vault = vault.clone();
            tasks.push(tokio::spawn(
                async move { replace(&vault, &shop("a"), None, &number.to_string()).await },
            ));
        }
        let mut won = 0;
        for task in tasks {
            won += usize::from(matches!(task.await.unwrap(), VaultWrite::Done(_)));
        }
        assert_eq!(won, 1);
    }

    #[tokio::test]
    async fn nothing_on_disk_shows_a_secret_and_a_moved_or_changed_file_does_not_open() {
        let data = TempDir::new().unwrap();
        let (vault, a, b) = (open(&data).unwrap(), shop("a"), shop("b"));
        replace(&vault, &a, None, "a long secret word").await;
        replace(&vault, &b, None, "another secret word").await;
        let (name_a, name_b) = (Name::of_store(&a.0, &a.1), Name::of_store(&b.0, &b.1));
        let (path_a, path_b) = (vault.inner.path(&name_a), vault.inner.path(&name_b));
        let sealed = fs::read(&path_a).unwrap();
        assert!(!sealed.windows(6).any(|window| window == b"secret"));
        assert_eq!(fs::metadata(&path_a).unwrap().permissions().mode() & 0o777, 0o600);
        fs::write(&path_b, &sealed).unwrap();
        assert_eq!(vault.read(&b.0, &b.1).await.unwrap_err().kind, ErrorKind::Corrupt);
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            fs::write(&path_a, &changed).unwrap();
            let error = vault.read(&a.0, &a.1).await.unwrap_err();
            assert_eq!(error.kind, ErrorKind::Corrupt, "byte {at}");
            assert!(!error.to_string().contains("word"));
        }
    }

    #[test]
    fn a_key_that_is_missing_open_or_wrong_is_told_apart() {
        let data = TempDir::new().unwrap();
        open(&data).unwrap();
        let key = data.path().join("key");
        let text = fs::read(&key).unwrap();
        assert_eq!(fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
        fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(open(&data), Err(VaultError::KeyOpen(_))));
        fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
        fs::write(&key, "not a key").unwrap();
        assert!(matches!(open(&data), Err(VaultError::KeyUnreadable(_))));
        fs::write(&key, "ab".repeat(32)).unwrap();
        assert!(matches!(open(&data), Err(VaultError::KeyWrong(_))));
        fs::remove_file(&key).unwrap();
        assert!(matches!(open(&data), Err(VaultError::KeyMissing(_))));
        fs::write(&key, text).unwrap();
        fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
        assert!(open(&data).is_ok());
    }
}
