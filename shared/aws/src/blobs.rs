//! Blobs in a bucket of S3, under `<merchant>/<key>`.

use async_trait::async_trait;
use aws_sdk_s3::Client;
use aws_sdk_s3::primitives::ByteStream;
use domain::OrgId;
use ports::{Blobs, ErrorKind, PortError, Result};

use crate::answer::{code, read};
use crate::late::Late;

const SERVICE: &str = "the bucket";
/// S3 takes 1024 bytes, with the merchant before the key.
const LONGEST_KEY: usize = 900;

/// Blobs in a bucket of S3.
#[derive(Clone)]
pub struct BucketBlobs {
    client: Late<Client>,
    bucket: String,
    putting: bool,
    reading: bool,
}

impl BucketBlobs {
    /// What a role must allow for this adapter. Whoever may not list a bucket is told "forbidden" of a key that is
    /// not there, so listing is part of it.
    pub const ACTIONS: &[&str] = &["s3:DeleteObject", "s3:GetObject", "s3:ListBucket", "s3:PutObject"];

    /// What a role must allow for this adapter when it only puts.
    pub const PUTTING: &[&str] = &["s3:PutObject"];

    /// What a role must allow for this adapter when it only reads.
    pub const READING: &[&str] = &["s3:GetObject", "s3:ListBucket"];

    pub(crate) fn new(client: Late<Client>, bucket: impl Into<String>) -> Self {
        Self { client, bucket: bucket.into(), putting: false, reading: false }
    }

    /// The same bucket for somebody who only puts: all else is refused before it is sent.
    #[must_use]
    pub fn putting(self) -> Self {
        Self { putting: true, ..self }
    }

    /// The same bucket for somebody who only reads: all else is refused before it is sent.
    #[must_use]
    pub fn reading(self) -> Self {
        Self { reading: true, ..self }
    }

    /// Refuses what somebody who only reads does not do.
    fn may_write(&self, op: &'static str) -> Result<()> {
        if self.reading {
            return Err(PortError::new(ErrorKind::Refused, op, "this function only reads the bucket"));
        }
        Ok(())
    }

    /// Refuses what somebody who only puts does not do.
    fn may(&self, op: &'static str) -> Result<()> {
        if self.putting {
            return Err(PortError::new(ErrorKind::Refused, op, "this function only puts into the bucket"));
        }
        Ok(())
    }
}

#[async_trait]
impl Blobs for BucketBlobs {
    async fn put(&self, org: &OrgId, key: &str, bytes: &[u8]) -> Result<()> {
        self.may_write("put")?;
        let place = place("put", org, key)?;
        self.client
            .put_object()
            .bucket(&self.bucket)
            .key(place)
            .body(ByteStream::from(bytes.to_vec()))
            .send()
            .await
            .map(|_| ())
            .map_err(|error| read("put", SERVICE, &error))
    }

    async fn remove(&self, org: &OrgId, key: &str) -> Result<()> {
        self.may("remove")?;
        self.may_write("remove")?;
        let place = place("remove", org, key)?;
        self.client
            .delete_object()
            .bucket(&self.bucket)
            .key(place)
            .send()
            .await
            .map(|_| ())
            .map_err(|error| read("remove", SERVICE, &error))
    }

    async fn get(&self, org: &OrgId, key: &str) -> Result<Option<Vec<u8>>> {
        self.may("get")?;
        let place = place("get", org, key)?;
        let answer = match self.client.get_object().bucket(&self.bucket).key(place).send().await {
            Ok(answer) => answer,
            Err(error) if code(&error) == "NoSuchKey" => return Ok(None),
            Err(error) => return Err(read("get", SERVICE, &error)),
        };
        let whole = answer.body.collect().await.map_err(|error| {
            PortError::new(ErrorKind::Unavailable, "get", "the answer of the bucket broke off").because(error)
        })?;
        Ok(Some(whole.to_vec()))
    }
}

/// Where a key lies, if it is one: parts of letters, digits, `-`, `_` and `.`, with `/` between.
fn place(op: &'static str, org: &OrgId, key: &str) -> Result<String> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let is_part = |part: &str| !part.is_empty() && !part.starts_with('.') && part.bytes().all(plain);
    if key.len() > LONGEST_KEY || !key.split('/').all(is_part) {
        let message = "a blob's key has parts of letters, digits, `-`, `_` and `.` with `/` between them";
        return Err(PortError::new(ErrorKind::Refused, op, message));
    }
    Ok(format!("{org}/{key}"))
}

impl std::fmt::Debug for BucketBlobs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BucketBlobs").field("bucket", &self.bucket).finish_non_exhaustive()
    }
}
