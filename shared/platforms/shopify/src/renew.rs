//! Renewing tokens before they run out.

use async_trait::async_trait;
use jiff::Timestamp;
use platform::{Ctx, ErrorKind, PlatformError, Renew, Result};
use secrecy::SecretString;

use crate::Shopify;
use crate::app::App;
use crate::credentials::{Credentials, Grant};
use crate::token;

const OP: &str = "renew";

#[async_trait]
impl Renew for Shopify {
    fn due(&self, credentials: &SecretString) -> Option<Timestamp> {
        Credentials::read(credentials).ok()?.renew_at()
    }

    async fn renew(&self, ctx: &Ctx<'_>) -> Result<SecretString> {
        renewed(ctx, Credentials::read(&ctx.session.credentials)?).await?.write()
    }
}

/// The same credentials with a new token.
pub(crate) async fn renewed(ctx: &Ctx<'_>, credentials: Credentials) -> Result<Credentials> {
    let found = credentials.found;
    let grant = match credentials.grant {
        pasted @ Grant::Pasted { .. } => pasted,
        Grant::Client { client_id, client_secret, .. } => {
            let given = token::for_client(ctx, OP, &client_id, &client_secret).await?;
            let token = Some(given.client(ctx.clock.now()));
            Grant::Client { client_id, client_secret, token }
        }
        Grant::Code { refresh_token: Some(refresh_token), .. } => {
            let app = App::needed(ctx.session.app.as_ref(), OP)?;
            let given = token::refresh(ctx, OP, &app, &refresh_token).await?;
            match given.code(ctx.clock.now()) {
                // An answer without a new refresh token leaves the one before in use.
                Grant::Code { token, refresh_token: None, refresh_expires_at } => {
                    Grant::Code { token, refresh_token: Some(refresh_token), refresh_expires_at }
                }
                grant => grant,
            }
        }
        Grant::Code { refresh_token: None, .. } => {
            let message = "the token cannot be renewed; connect the store again";
            return Err(PlatformError::new(ErrorKind::Unauthorized, OP, message));
        }
    };
    Ok(Credentials { grant, found })
}
