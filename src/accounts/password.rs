//! Hashing passwords. Server only.

use crate::{error::AppError, server::fault};
use argon2::{
    Argon2, PasswordHash, PasswordHasher, PasswordVerifier,
    password_hash::{SaltString, rand_core::OsRng},
};
use std::sync::OnceLock;
use tokio::sync::Semaphore;

/// Each hash takes 19 MiB and tens of milliseconds of a core; more at once would only be slower, and a
/// flood of sign-ins could take the memory of everything else.
static AT_ONCE: Semaphore = Semaphore::const_new(4);

/// argon2id with the library's recommended parameters (OWASP's first choice), off the async threads.
pub async fn hash(password: String) -> Result<String, AppError> {
    blocking(move || {
        let salt = SaltString::generate(&mut OsRng);
        Argon2::default().hash_password(password.as_bytes(), &salt).map(|hash| hash.to_string())
    })
    .await?
    .map_err(fault::internal)
}

/// Whether `password` belongs to `hash`. `None` (nobody has this address) takes as long and says no.
pub async fn verify(password: String, hash: Option<String>) -> Result<bool, AppError> {
    blocking(move || {
        // Made in either case, so that the first stranger does not wait for it alone.
        let dummy = dummy();
        let known = hash.is_some();
        let Some(stored) = hash.as_deref().or(dummy) else { return false };
        let Ok(parsed) = PasswordHash::new(stored) else { return false };
        Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok() && known
    })
    .await
}

/// A hash that no password has to match: what an unknown address is compared with.
fn dummy() -> Option<&'static str> {
    static DUMMY: OnceLock<Option<String>> = OnceLock::new();
    DUMMY
        .get_or_init(|| {
            let salt = SaltString::generate(&mut OsRng);
            Argon2::default().hash_password(b"nobody", &salt).ok().map(|hash| hash.to_string())
        })
        .as_deref()
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, AppError> {
    let permit = AT_ONCE.acquire().await.map_err(fault::internal)?;
    let work = move || {
        let result = work();
        // Given back here, so that a client that hangs up does not let one more in.
        drop(permit);
        result
    };
    tokio::task::spawn_blocking(work).await.map_err(fault::internal)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_fits() {
        let stored = hash("correct horse battery".into()).await.unwrap();
        assert!(stored.starts_with("$argon2id$"));
        assert!(verify("correct horse battery".into(), Some(stored.clone())).await.unwrap());
        assert!(!verify("correct horse batterY".into(), Some(stored)).await.unwrap());
        assert!(!verify("nobody".into(), None).await.unwrap());
    }
}
