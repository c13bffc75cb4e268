//! Clients that take their time must not take anybody else's.

use crate::support::TestApp;
use belvedere::server::{Settings, bind, serve};
use std::{
    net::SocketAddr,
    num::NonZeroU32,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;

/// A server on a socket, with a header time limit short enough for a test.
async fn server(seconds: u32) -> (SocketAddr, CancellationToken, tokio::task::JoinHandle<()>) {
    let mut settings = Settings::default();
    settings.server.header_timeout = NonZeroU32::new(seconds).unwrap();
    let app = TestApp::with(settings.clone()).await;
    let listener = bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = listener.local_addr().unwrap();
    let stop = CancellationToken::new();
    let token = stop.clone();
    let serving = tokio::spawn(async move { serve(listener, app.router, &settings.server, token).await });
    (address, stop, serving)
}

async fn ask(address: SocketAddr) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

/// 300 clients that send their headers a byte at a time (some the beginning of HTTP/2, some nothing at all) are
/// closed when the limit is over, and everybody else is answered at once all the while.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_that_send_headers_slowly_are_closed_and_disturb_nobody() {
    const LIMIT: u32 = 2;
    let shipped = Settings::default().server.header_timeout.get();
    assert!(shipped < 10, "as shipped, they are closed within ten seconds");
    let (address, stop, serving) = server(LIMIT).await;
    let mut slow = JoinSet::new();
    let started = Instant::now();
    for n in 0..300 {
        slow.spawn(async move {
            let mut stream = TcpStream::connect(address).await.unwrap();
            let connected = Instant::now();
            let text: &[u8] = match n % 3 {
                0 => b"GET / HTTP/1.1\r\nhost: x\r\nx-slow: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                1 => b"PRI * HTTP/2.0\r\n\r\n",
                _ => b"",
            };
            let (mut read, mut write) = stream.split();
            let send = async {
                for byte in text {
                    if write.write_all(&[*byte]).await.is_err() {
                        return;
                    }
                    tokio::time::sleep(Duration::from_millis(250)).await;
                }
                std::future::pending::<()>().await;
            };
            let closed = async {
                let mut rest = Vec::new();
                let _ = read.read_to_end(&mut rest).await;
            };
            tokio::select! { () = send => {}, () = closed => {} }
            connected.elapsed()
        });
    }
    // Meanwhile, everybody else:
    let mut slowest = Duration::ZERO;
    while started.elapsed() < Duration::from_millis(1500) {
        let asked = Instant::now();
        assert!(ask(address).await.starts_with("HTTP/1.1 200"));
        slowest = slowest.max(asked.elapsed());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // Behind the slow ones they would wait until those are closed.
    assert!(slowest < Duration::from_secs(u64::from(LIMIT)), "others waited {slowest:?}");
    let ended = tokio::time::timeout(Duration::from_secs(10), slow.join_all()).await.expect("all are closed");
    let longest = ended.into_iter().max().unwrap();
    assert!(longest < Duration::from_secs(u64::from(LIMIT) + 2), "one was closed after {longest:?} only");
    stop.cancel();
    serving.await.unwrap();
}

/// Told to stop, the server takes no new connections, but finishes the answers under way.
#[tokio::test]
async fn stopping_finishes_what_is_under_way() {
    let (address, stop, serving) = server(5).await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    // Half of a request: the server waits for the body while it is told to stop.
    stream
        .write_all(b"POST /rpc/accounts/sign_in HTTP/1.1\r\nhost: x\r\naccept: application/json\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: 23\r\n\r\nemail=a%40b.c")
        .await
        .unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    stop.cancel();
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(TcpStream::connect(address).await.is_err(), "no new connections");
    stream.write_all(b"&password=").await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 4"), "refused by the app, not cut off: {answer}");
    tokio::time::timeout(Duration::from_secs(2), serving).await.expect("the server ends").unwrap();
}
