//! By which key a session can go on, and whose it is.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use keypool::{Bond, KeyId};
use secret::TokenDigest;

/// How many handles are remembered for certain; up to twice as many may be. Google gives one after
/// each turn, and keeps it for two hours.
const MOST: usize = 50_000;

/// What must be known of a session to go on with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveSession {
    /// The key in whose project it exists.
    pub bond: Bond,
    /// The id of the client token that began it.
    pub owner: Arc<str>,
}

/// Remembers sessions beyond the life of the process, by the digests of their handles.
pub trait KeepHandles: Send + Sync {
    /// Keeps a session; nobody waits for it.
    fn remember(&self, handle: TokenDigest, session: LiveSession);

    /// Finds a session that this process does not remember.
    fn find(
        &self,
        handle: TokenDigest,
    ) -> Pin<Box<dyn Future<Output = Option<LiveSession>> + Send + '_>>;
}

/// The sessions that can go on.
#[derive(Default)]
pub(crate) struct Handles {
    recent: Mutex<Recent>,
    kept: OnceLock<Box<dyn KeepHandles>>,
}

/// Two generations: when the young one is full it becomes the old one, which is forgotten.
#[derive(Default)]
struct Recent {
    young: HashMap<TokenDigest, LiveSession>,
    old: HashMap<TokenDigest, LiveSession>,
}

impl Handles {
    /// Lets sessions be kept there too. The first one stays.
    pub(crate) fn keep_in(&self, keeper: impl KeepHandles + 'static) {
        let _ = self.kept.set(Box::new(keeper));
    }

    pub(crate) fn remember(&self, handle: &str, bond: Bond, owner: Arc<str>) {
        let (handle, session) = (TokenDigest::of(handle.as_bytes()), LiveSession { bond, owner });
        if let Some(kept) = self.kept.get() {
            kept.remember(handle, session.clone());
        }
        self.recent().put(handle, session);
    }

    /// The session of this handle, if it is this owner's.
    pub(crate) async fn find(&self, handle: &str, owner: &str) -> Option<Bond> {
        let handle = TokenDigest::of(handle.as_bytes());
        let recent = self.recent().get(&handle);
        let found = match (recent, self.kept.get()) {
            (Some(session), _) => Some(session),
            (None, Some(kept)) => kept.find(handle).await,
            (None, None) => None,
        };
        found.filter(|session| &*session.owner == owner).map(|session| session.bond)
    }

    fn recent(&self) -> MutexGuard<'_, Recent> {
        self.recent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Recent {
    fn put(&mut self, handle: TokenDigest, session: LiveSession) {
        if self.young.len() >= MOST {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(handle, session);
    }

    fn get(&self, handle: &TokenDigest) -> Option<LiveSession> {
        self.young.get(handle).or_else(|| self.old.get(handle)).cloned()
    }
}

/// A session belongs to this key, and to the project that an administrator says it is of.
pub(super) fn bond_of(pool: &keypool::Pool, key: &KeyId) -> Bond {
    Bond { key: key.clone(), project: pool.project_of(key) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bond(key: &str) -> Bond {
        Bond { key: key.into(), project: None }
    }

    #[tokio::test]
    async fn a_session_is_found_by_its_owner_alone() {
        let handles = Handles::default();
        handles.remember("h", bond("k"), "one".into());
        assert_eq!(handles.find("h", "one").await, Some(bond("k")));
        assert_eq!(handles.find("h", "two").await, None);
        assert_eq!(handles.find("i", "one").await, None);
    }

    #[tokio::test]
    async fn what_is_old_is_forgotten_unless_somebody_keeps_it() {
        #[derive(Default)]
        struct Kept(Arc<Mutex<HashMap<TokenDigest, LiveSession>>>);
        impl KeepHandles for Kept {
            fn remember(&self, handle: TokenDigest, session: LiveSession) {
                self.0.lock().unwrap().insert(handle, session);
            }
            fn find(
                &self,
                handle: TokenDigest,
            ) -> Pin<Box<dyn Future<Output = Option<LiveSession>> + Send + '_>> {
                let found = self.0.lock().unwrap().get(&handle).cloned();
                Box::pin(std::future::ready(found))
            }
        }
        let handles = Handles::default();
        handles.remember("first", bond("k"), "one".into());
        for number in 0..2 * MOST {
            handles.remember(&number.to_string(), bond("k"), "one".into());
        }
        assert_eq!(handles.find("first", "one").await, None);
        assert!(handles.find("99999", "one").await.is_some());
        handles.keep_in(Kept::default());
        handles.remember("kept", bond("k"), "one".into());
        *handles.recent() = Recent::default();
        assert_eq!(handles.find("kept", "one").await, Some(bond("k")));
        assert_eq!(handles.find("kept", "two").await, None);
    }
}
