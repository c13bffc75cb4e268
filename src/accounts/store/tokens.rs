//! Sign-ins of programs: short-lived access tokens (JWT) and rotating refresh tokens. Server only.
//!
//! An access token says who and where, never what they may do: the role is looked up at every request, so
//! a removal or a sign-out everywhere holds at once. Of a refresh token only the hash is kept.
//! Each is exchanged once; one that comes a second time was copied, and ends its family.

use super::{
    events::{self, Event},
    session::ViewerRow,
};
use crate::{
    accounts::{auth::Client, model::Viewer},
    error::AppError,
    ids::{OrganizationId, UserId},
    server::{AppState, Database, SystemTx, fault},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use rand::RngCore;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use tokio::sync::OnceCell;
use uuid::Uuid;

const ISSUER: &str = "belvedere";

/// The key that access tokens are signed with, read once per process.
#[derive(Clone, Debug, Default)]
pub struct SigningKey(Arc<OnceCell<Vec<u8>>>);

impl SigningKey {
    async fn get(&self, db: &Database) -> Result<&[u8], AppError> {
        let key = self.0.get_or_try_init(|| async {
            let mut new = vec![0; 32];
            rand::rng().fill_bytes(&mut new);
            let mut tx = db.system("the signing key is the server's own").await?;
            // Of several instances that start at once, one makes the key and all read it.
            sqlx::query("insert into system_keys (name, secret) values ('access_token', $1) on conflict do nothing")
                .bind(new)
                .execute(tx.conn())
                .await?;
            let key = sqlx::query_scalar("select secret from system_keys where name = 'access_token'")
                .fetch_one(tx.conn())
                .await?;
            tx.commit().await?;
            Ok::<_, AppError>(key)
        });
        key.await.map(Vec::as_slice)
    }
}

/// A new random secret to hand out, and what is kept of it.
pub fn secret() -> (String, Vec<u8>) {
    let mut bytes = [0; 32];
    rand::rng().fill_bytes(&mut bytes);
    let token = URL_SAFE_NO_PAD.encode(bytes);
    let hash = hash(&token);
    (token, hash)
}

/// What is kept of a secret that was handed out. These are random, so a plain hash is enough.
pub fn hash(token: &str) -> Vec<u8> {
    Sha256::digest(token).to_vec()
}

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    sub: UserId,
    org: OrganizationId,
    /// The family of refresh tokens that this one belongs to.
    fam: Uuid,
    iat: i64,
    exp: i64,
}

/// Of a [`seal`]: never mistaken for an access token.
const SEAL_ISSUER: &str = "belvedere seal";

#[derive(Serialize, Deserialize)]
struct Seal {
    iss: String,
    sub: String,
    exp: i64,
}

/// A proof for a browser to bring back that this server has found `what` to be so. Holds for `hours`.
pub async fn seal(state: &AppState, what: &str, hours: i64) -> Result<String, AppError> {
    let exp = chrono::Utc::now().timestamp().saturating_add(hours.saturating_mul(3600));
    let key = EncodingKey::from_secret(state.signing_key.get(&state.db).await?);
    let claims = Seal { iss: SEAL_ISSUER.into(), sub: what.into(), exp };
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &key).map_err(fault::internal)
}

/// Whether `seal` proves `what`, and still does.
pub async fn is_sealed(state: &AppState, seal: &str, what: &str) -> Result<bool, AppError> {
    let key = DecodingKey::from_secret(state.signing_key.get(&state.db).await?);
    let mut validation = Validation::new(Algorithm::HS256);
    validation.set_issuer(&[SEAL_ISSUER]);
    validation.leeway = 0;
    Ok(jsonwebtoken::decode::<Seal>(seal, &key, &validation).is_ok_and(|sealed| sealed.claims.sub == what))
}

/// What a program gets for a password or a refresh token.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TokenPair {
    /// Send as `Authorization: Bearer …`.
    pub access_token: String,
    /// Exchange at `/api/v1/auth/refresh`, once.
    pub refresh_token: String,
    /// Always "Bearer".
    pub token_type: String,
    /// How many seconds the access token is valid.
    pub expires_in: u32,
}

/// Begins a family for somebody who has just proved who they are.
pub async fn start(
    state: &AppState,
    tx: &mut SystemTx,
    user: UserId,
    organization: OrganizationId,
    client: &Client,
) -> Result<TokenPair, AppError> {
    let family = Uuid::now_v7();
    sqlx::query(
        "insert into token_families (id, user_id, organization_id, user_agent, expires_at)
         values ($1, $2, $3, left($4, 300), now() + make_interval(days => $5))",
    )
    .bind(family)
    .bind(user)
    .bind(organization)
    .bind(&client.user_agent)
    .bind(i32::try_from(state.settings.accounts.refresh_token_days).unwrap_or(i32::MAX))
    .execute(tx.conn())
    .await?;
    issue(state, tx, family, user, organization).await
}

async fn issue(
    state: &AppState,
    tx: &mut SystemTx,
    family: Uuid,
    user: UserId,
    organization: OrganizationId,
) -> Result<TokenPair, AppError> {
    let (refresh_token, refresh_hash) = secret();
    sqlx::query("insert into refresh_tokens (token_hash, family_id) values ($1, $2)")
        .bind(refresh_hash)
        .bind(family)
        .execute(tx.conn())
        .await?;
    let expires_in = state.settings.accounts.access_token_minutes.saturating_mul(60);
    let now = chrono::Utc::now().timestamp();
    let claims = Claims {
        iss: ISSUER.into(),
        sub: user,
        org: organization,
        fam: family,
        iat: now,
        exp: now.saturating_add(expires_in.into()),
    };
    let key = EncodingKey::from_secret(state.signing_key.get(&state.db).await?);
    let access_token = jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &key).map_err(fault::internal)?;
    Ok(TokenPair { access_token, refresh_token, token_type: "Bearer".into(), expires_in })
}

/// Exchanges a refresh token. A used one ends the whole family: it is in two hands.
pub async fn refresh(state: &AppState, token: &str, client: &Client) -> Result<TokenPair, AppError> {
    let mut tx = state.db.system("a refresh token says whose it is").await?;
    // The lock makes two exchanges of one token follow each other, so that the second is seen as one.
    let row: Option<(Uuid, UserId, OrganizationId, bool)> = sqlx::query_as(
        "select f.id, f.user_id, f.organization_id, t.used_at is not null
         from refresh_tokens t join token_families f on f.id = t.family_id
         where t.token_hash = $1 and f.expires_at > now() for update of t",
    )
    .bind(hash(token))
    .fetch_optional(tx.conn())
    .await?;
    let Some((family, user, organization, used)) = row else { return Err(AppError::Unauthenticated) };
    if used {
        end(&mut tx, family).await?;
        events::record(&mut tx, Event::TokenReused, Some(user), client).await?;
        tx.commit().await?;
        return Err(AppError::Unauthenticated);
    }
    sqlx::query("update refresh_tokens set used_at = now() where token_hash = $1")
        .bind(hash(token))
        .execute(tx.conn())
        .await?;
    let pair = issue(state, &mut tx, family, user, organization).await?;
    tx.commit().await?;
    Ok(pair)
}

/// Ends the family of a refresh token. A token that is unknown needs no ending.
pub async fn revoke(db: &Database, token: &str) -> Result<(), AppError> {
    let mut tx = db.system("a refresh token says whose it is").await?;
    let family: Option<Uuid> = sqlx::query_scalar("select family_id from refresh_tokens where token_hash = $1")
        .bind(hash(token))
        .fetch_optional(tx.conn())
        .await?;
    if let Some(family) = family {
        end(&mut tx, family).await?;
    }
    tx.commit().await
}

async fn end(tx: &mut SystemTx, family: Uuid) -> Result<(), AppError> {
    sqlx::query("delete from token_families where id = $1").bind(family).execute(tx.conn()).await?;
    Ok(())
}

/// Who an access token belongs to, with the role as it is now.
pub(in crate::accounts) async fn find(state: &AppState, token: &str) -> Result<Viewer, AppError> {
    let key = DecodingKey::from_secret(state.signing_key.get(&state.db).await?);
    let mut validation = Validation::new(Algorithm::HS256);
    validation.set_issuer(&[ISSUER]);
    validation.leeway = 0;
    let claims =
        jsonwebtoken::decode::<Claims>(token, &key, &validation).map_err(|_| AppError::Unauthenticated)?.claims;
    let mut tx = state.db.system("nobody is authenticated before their token is checked").await?;
    let row: Option<ViewerRow> = sqlx::query_as(
        "select u.id as user_id, u.name, u.email, u.is_staff, m.role, o.id as organization_id,
                o.name as organization_name, o.base_currency, o.time_zone, o.tier, false as stale
         from token_families f
         join users u on u.id = f.user_id
         join memberships m on m.user_id = f.user_id and m.organization_id = f.organization_id
         join organizations o on o.id = f.organization_id
         where f.id = $1 and f.user_id = $2 and f.organization_id = $3 and f.expires_at > now()",
    )
    .bind(claims.fam)
    .bind(claims.sub)
    .bind(claims.org)
    .fetch_optional(tx.conn())
    .await?;
    row.ok_or(AppError::Unauthenticated)?.into_viewer()
}
