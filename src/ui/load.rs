//! What a page loads: resources whose machinery is compiled once, not once for each type of value.
//!
//! Leptos makes a resource of its own for every type, which is a tenth of the browser's part. Here there is one, of
//! values whose type is forgotten, and a thin shell that remembers it.

use crate::wire;
use leptos::prelude::{self as prelude, AsyncDerivedFuture, codee};
use serde::{Serialize, de::DeserializeOwned};
use std::{
    any::Any,
    convert::Infallible,
    fmt,
    future::{Future, IntoFuture},
    marker::PhantomData,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

/// As leptos's `Resource`: a value that is loaded again when what it is loaded from changes, and travels with the page.
pub struct Resource<T> {
    inner: prelude::Resource<Held, HeldCodec>,
    of: PhantomData<fn() -> T>,
}

impl<T> Clone for Resource<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Resource<T> {}

impl<T: Loadable> Resource<T> {
    /// A value that the page does not wait for when it is rendered as a stream.
    pub fn new<S: Source, F>(
        source: impl Fn() -> S + Send + Sync + 'static,
        fetch: impl Fn(S) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = T> + Send + 'static,
    {
        Self::with_options(source, fetch, false)
    }

    /// A value that decides about the answer's head: its status, its title or where it leads.
    pub fn new_blocking<S: Source, F>(
        source: impl Fn() -> S + Send + Sync + 'static,
        fetch: impl Fn(S) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = T> + Send + 'static,
    {
        Self::with_options(source, fetch, true)
    }

    fn with_options<S: Source, F>(
        source: impl Fn() -> S + Send + Sync + 'static,
        fetch: impl Fn(S) -> F + Send + Sync + 'static,
        blocking: bool,
    ) -> Self
    where
        F: Future<Output = T> + Send + 'static,
    {
        let source = Box::new(move || Key(Arc::new(source())));
        let fetch = Box::new(move |key: Key| -> Loading {
            // The key was made two lines above, so it is an `S`.
            let source = key.0.any().downcast_ref::<S>().cloned();
            let value = source.map(&fetch);
            Box::pin(async move {
                match value {
                    Some(value) => Held::Loaded(Arc::new(value.await)),
                    None => std::future::pending().await,
                }
            })
        });
        Self { inner: erased(source, fetch, blocking), of: PhantomData }
    }
}

impl<T: Loadable> Resource<T> {
    /// The value as it is now; `None` while it is loaded for the first time.
    pub fn get(&self) -> Option<T> {
        use leptos::prelude::With;
        self.inner.with(|held| held.as_ref().and_then(Held::read))
    }
}

type Loading = Pin<Box<dyn Future<Output = Held> + Send>>;

/// The one place that makes a leptos resource.
fn erased(
    source: Box<dyn Fn() -> Key + Send + Sync>,
    fetch: Box<dyn Fn(Key) -> Loading + Send + Sync>,
    blocking: bool,
) -> prelude::Resource<Held, HeldCodec> {
    prelude::Resource::new_with_options(source, fetch, blocking)
}

impl<T: Loadable> IntoFuture for Resource<T> {
    type Output = T;
    type IntoFuture = Loaded<T>;

    fn into_future(self) -> Loaded<T> {
        Loaded { inner: self.inner.into_future(), of: PhantomData }
    }
}

/// A resource's value, once it is there.
pub struct Loaded<T> {
    inner: AsyncDerivedFuture<Held>,
    of: PhantomData<fn() -> T>,
}

impl<T: Loadable> Future for Loaded<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        match Pin::new(&mut self.inner).poll(context) {
            Poll::Ready(held) => match held.read() {
                Some(value) => Poll::Ready(value),
                // What the server sent cannot be read: another version's. The page stays as the server drew it.
                None => Poll::Pending,
            },
            Poll::Pending => Poll::Pending,
        }
    }
}

/// What a resource may hold.
pub trait Loadable: Clone + Serialize + DeserializeOwned + Send + Sync + 'static {}
impl<T: Clone + Serialize + DeserializeOwned + Send + Sync + 'static> Loadable for T {}

/// What a resource may be loaded from.
pub trait Source: Clone + PartialEq + Send + Sync + 'static {}
impl<S: Clone + PartialEq + Send + Sync + 'static> Source for S {}

/// A source whose type is forgotten.
#[derive(Clone)]
struct Key(Arc<dyn AnySource>);

trait AnySource: Send + Sync {
    fn any(&self) -> &dyn Any;
    fn equals(&self, other: &dyn Any) -> bool;
}

impl<S: Source> AnySource for S {
    fn any(&self) -> &dyn Any {
        self
    }
    fn equals(&self, other: &dyn Any) -> bool {
        other.downcast_ref::<S>() == Some(self)
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.0.equals(other.0.any())
    }
}

/// A value whose type is forgotten: as the server sent it with the page, or as it was loaded here.
#[derive(Clone)]
enum Held {
    Sent(Arc<str>),
    Loaded(Arc<dyn AnyValue>),
}

impl Held {
    fn read<T: Loadable>(&self) -> Option<T> {
        match self {
            Self::Sent(json) => wire::read(json).ok(),
            Self::Loaded(value) => value.any().downcast_ref::<T>().cloned(),
        }
    }
}

trait AnyValue: Send + Sync {
    fn any(&self) -> &dyn Any;
    /// Only the server sends values.
    #[cfg(feature = "ssr")]
    fn write(&self) -> Result<String, serde_json::Error>;
}

impl<T: Loadable> AnyValue for T {
    fn any(&self) -> &dyn Any {
        self
    }
    #[cfg(feature = "ssr")]
    fn write(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(self)
    }
}

struct HeldCodec;

#[cfg(feature = "ssr")]
impl codee::Encoder<Held> for HeldCodec {
    type Error = serde_json::Error;
    type Encoded = String;

    fn encode(held: &Held) -> Result<String, Self::Error> {
        match held {
            Held::Sent(json) => Ok(json.as_ref().to_owned()),
            Held::Loaded(value) => value.write(),
        }
    }
}

#[cfg(not(feature = "ssr"))]
impl codee::Encoder<Held> for HeldCodec {
    type Error = Infallible;
    type Encoded = String;

    fn encode(_: &Held) -> Result<String, Self::Error> {
        Ok(String::new())
    }
}

impl codee::Decoder<Held> for HeldCodec {
    type Error = Infallible;
    type Encoded = str;

    fn decode(json: &str) -> Result<Held, Self::Error> {
        Ok(Held::Sent(json.into()))
    }
}

impl<T> fmt::Debug for Resource<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Resource")
    }
}
