//! From a socket to the router: connections, their time limits, and a graceful end.

use super::settings::ServerSettings;
use axum::{Router, extract::ConnectInfo};
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use std::{io, net::SocketAddr, pin::pin, sync::Arc, time::Duration};
use tokio::{
    net::{TcpListener, TcpSocket, TcpStream},
    sync::Semaphore,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt;

/// Connections that may wait to be accepted; the system caps it (`net.core.somaxconn` on Linux).
///
/// Where more arrive at once, the kernel falls back to answering without remembering them, and forgets some: their
/// clients believe to be connected, and wait. The usual 128 are 22 browsers with six connections each.
const BACKLOG: u32 = 4096;

/// A listener that holds a crowd of connections until [`serve`] accepts them.
///
/// # Errors
/// When the address is taken, or not this machine's.
pub fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // As the standard library does: a restart need not wait for old connections to fade.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Answers requests until `shutdown`, then finishes those under way.
///
/// HTTP/1.1 only: a proxy in front speaks the newer versions to browsers, and hyper can hold a slow client to a
/// time limit only once it knows the version, which such a client would never let it know.
pub async fn serve(listener: TcpListener, router: Router, settings: &ServerSettings, shutdown: CancellationToken) {
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_secs(settings.header_timeout.get().into()))
        .max_headers(100)
        .max_buf_size(32 << 10)
        .pipeline_flush(true);
    let connections = Arc::new(Semaphore::new(settings.max_connections.get() as usize));
    let open = TaskTracker::new();
    loop {
        let accepted = tokio::select! {
            biased;
            () = shutdown.cancelled() => break,
            accepted = accept(&listener, &connections) => accepted,
        };
        let (stream, peer, permit) = match accepted {
            Ok(accepted) => accepted,
            Err(cause) => {
                // Out of file descriptors, mostly: give the open connections time to end.
                tracing::warn!(%cause, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let service = router.clone().map_request(move |mut request: http::Request<hyper::body::Incoming>| {
            request.extensions_mut().insert(ConnectInfo(peer));
            request.map(axum::body::Body::new)
        });
        let connection =
            builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(service)).with_upgrades();
        let shutdown = shutdown.clone();
        open.spawn(async move {
            let mut connection = pin!(connection);
            let ended = tokio::select! {
                ended = connection.as_mut() => ended,
                () = shutdown.cancelled() => {
                    connection.as_mut().graceful_shutdown();
                    connection.await
                }
            };
            if let Err(cause) = ended {
                tracing::trace!(%peer, %cause, "connection ended early");
            }
            drop(permit);
        });
    }
    drop(listener);
    let limit = Duration::from_secs(settings.shutdown_timeout.get().into());
    open.close();
    if tokio::time::timeout(limit, open.wait()).await.is_err() {
        tracing::warn!(seconds = limit.as_secs(), "some requests did not end in time");
    }
}

type Accepted = (TcpStream, SocketAddr, tokio::sync::OwnedSemaphorePermit);

async fn accept(listener: &TcpListener, connections: &Arc<Semaphore>) -> io::Result<Accepted> {
    let permit = Arc::clone(connections).acquire_owned().await.map_err(io::Error::other)?;
    let (stream, peer) = listener.accept().await?;
    stream.set_nodelay(true)?;
    Ok((stream, peer, permit))
}
