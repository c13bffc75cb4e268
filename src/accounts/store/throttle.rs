//! Limits on guessing, in PostgreSQL, so that several instances count together. Server only.
//!
//! Each key has a token bucket (as a single instant: when it will be full again). An attempt is counted before it is
//! judged, so that a thousand at the same moment do not all get in before the first is counted.

use crate::{
    accounts::{auth::Client, member::Admin},
    error::AppError,
    server::{Database, SystemTx},
};
use sha2::{Digest, Sha256};

/// A bucket: `burst` attempts at once, then one each `every_seconds`.
#[derive(Clone, Debug)]
pub struct Limit {
    key: Vec<u8>,
    burst: u32,
    every_seconds: u32,
}

impl Limit {
    fn new(kind: &str, who: &str, burst: u32, every_seconds: u32) -> Self {
        Self { key: Sha256::digest(format!("{kind}\0{who}")).to_vec(), burst, every_seconds }
    }

    /// For guesses at one account's password. From one address few; from everywhere more, so that
    /// a single guesser cannot lock the owner out.
    pub fn sign_in(email: &str, client: &Client) -> Vec<Self> {
        let network = client.network();
        vec![
            Self::new("account at address", &format!("{email}\0{network}"), 10, 60),
            Self::new("account", email, 50, 12),
            Self::new("address", &network, 60, 10),
        ]
    }

    /// For what sends mail to an address that anybody can type.
    pub fn mail(email: &str, client: &Client) -> Vec<Self> {
        vec![Self::new("mail to", email, 4, 600), Self::new("mail from", &client.network(), 20, 60)]
    }

    /// For invitations, which send mail with words of somebody's choosing to any address.
    pub fn invitations(admin: &Admin) -> Vec<Self> {
        vec![Self::new("invitations", &admin.organization().id.to_string(), 100, 60)]
    }

    /// For pages behind public links: more than a wall of screens asks for, too few to try tokens at random.
    pub fn public_pages(client: &Client) -> Vec<Self> {
        vec![Self::new("public pages", &client.network(), 240, 1)]
    }

    /// For guesses at a public link's password.
    pub fn link_password(link: &str, client: &Client) -> Vec<Self> {
        vec![
            Self::new("link at address", &format!("{link}\0{}", client.network()), 10, 60),
            Self::new("link", link, 100, 12),
        ]
    }

    /// For new accounts, and for tokens tried at random.
    pub fn sign_up(client: &Client) -> Vec<Self> {
        vec![Self::new("sign-up", &client.network(), 20, 60)]
    }
}

/// The same order everywhere: two attempts cannot wait for each other.
fn in_order(limits: &[Limit]) -> Vec<&Limit> {
    let mut sorted: Vec<&Limit> = limits.iter().collect();
    sorted.sort_by(|a, b| a.key.cmp(&b.key));
    sorted
}

/// Counts one attempt against every limit, or refuses with the time to wait and counts none.
pub async fn take(db: &Database, limits: &[Limit]) -> Result<(), AppError> {
    let mut tx = db.system("attempts are counted before anybody is authenticated").await?;
    for limit in in_order(limits) {
        let every = f64::from(limit.every_seconds);
        let room = every * f64::from(limit.burst.saturating_sub(1));
        let taken = sqlx::query(
            "insert into throttles as t (key, full_at) values ($1, now() + make_interval(secs => $2))
             on conflict (key) do update set full_at = greatest(t.full_at, now()) + make_interval(secs => $2)
             where t.full_at <= now() + make_interval(secs => $3)",
        )
        .bind(&limit.key)
        .bind(every)
        .bind(room)
        .execute(tx.conn())
        .await?
        .rows_affected();
        if taken == 0 {
            let wait: f64 = sqlx::query_scalar(
                "select extract(epoch from full_at - now())::float8 - $2 from throttles where key = $1",
            )
            .bind(&limit.key)
            .bind(room)
            .fetch_one(tx.conn())
            .await?;
            return Err(AppError::RateLimited { retry_after: wait.ceil().clamp(1.0, 86_400.0) as u32 });
        }
    }
    tx.commit().await
}

/// Takes back what an attempt that proved right was counted as: whoever knows the password is not guessing.
pub async fn give_back(tx: &mut SystemTx, limits: &[Limit]) -> Result<(), AppError> {
    for limit in in_order(limits) {
        sqlx::query("update throttles set full_at = full_at - make_interval(secs => $2) where key = $1")
            .bind(&limit.key)
            .bind(f64::from(limit.every_seconds))
            .execute(tx.conn())
            .await?;
    }
    Ok(())
}
