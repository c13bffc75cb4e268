//! Mail as it really leaves: an SMTP conversation with a server that is there, is not there, or does not want it.

use crate::support::{self, TestApp, email};
use belvedere::{
    accounts::courier,
    server::{Settings, settings::Secret},
};
use http::StatusCode;
use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
};

/// A mail as a server gets it.
#[derive(Debug)]
struct Received {
    from: String,
    to: Vec<String>,
    text: String,
}

/// A mail server that takes everything, or for as long as `full` is set nothing.
struct Sink {
    address: SocketAddr,
    full: Arc<AtomicBool>,
    received: UnboundedReceiver<Received>,
}

impl Sink {
    async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (send, received) = unbounded_channel();
        let full = Arc::new(AtomicBool::new(false));
        let refuses = full.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(converse(stream, refuses.clone(), send.clone()));
            }
        });
        Self { address, full, received }
    }

    async fn next(&mut self) -> Received {
        tokio::time::timeout(Duration::from_secs(20), self.received.recv()).await.expect("a mail comes").unwrap()
    }
}

/// One client's conversation, as RFC 5321 has it.
async fn converse(stream: TcpStream, full: Arc<AtomicBool>, send: UnboundedSender<Received>) {
    let mut stream = BufReader::new(stream);
    stream.write_all(b"220 sink.example ESMTP\r\n").await.unwrap();
    let mut mail = Received { from: String::new(), to: Vec::new(), text: String::new() };
    let mut line = String::new();
    while stream.read_line(&mut line).await.is_ok_and(|length| length > 0) {
        let command = line.trim_end().to_owned();
        line.clear();
        let answer: &[u8] = match command.split([' ', ':']).next().unwrap_or_default().to_uppercase().as_str() {
            "EHLO" => b"250-sink.example\r\n250 8BITMIME\r\n",
            "MAIL" => {
                mail.from = command;
                b"250 OK\r\n"
            }
            "RCPT" if full.load(Ordering::SeqCst) => b"452 4.2.2 the mailbox is full\r\n",
            "RCPT" => {
                mail.to.push(command);
                b"250 OK\r\n"
            }
            "DATA" => {
                stream.write_all(b"354 go on\r\n").await.unwrap();
                while stream.read_line(&mut line).await.is_ok_and(|length| length > 0) && line != ".\r\n" {
                    mail.text.push_str(&line);
                    line.clear();
                }
                line.clear();
                let empty = Received { from: String::new(), to: Vec::new(), text: String::new() };
                send.send(std::mem::replace(&mut mail, empty)).unwrap();
                b"250 OK\r\n"
            }
            "QUIT" => {
                let _ = stream.write_all(b"221 bye\r\n").await;
                return;
            }
            _ => b"250 OK\r\n",
        };
        if stream.write_all(answer).await.is_err() {
            return;
        }
    }
}

async fn app(address: SocketAddr) -> TestApp {
    let mut settings = Settings::default();
    settings.accounts.smtp_url = Some(Secret::new(format!("smtp://{address}")));
    settings.accounts.mail_from = "Belvedere <belvedere@example.com>".into();
    settings.accounts.public_url = "http://belvedere.test".into();
    TestApp::with(settings).await
}

async fn sign_up(app: &TestApp, name: &str) {
    let email = email(name);
    let form = [
        ("name", name),
        ("email", &*email),
        ("organization", name),
        ("password", "correct horse battery"),
        ("time_zone", "Asia/Tokyo"),
    ];
    let answer = app.visitor().post_form("/rpc/accounts/sign_up", &form).await;
    assert!(answer.status.is_success() || answer.status.is_redirection(), "{answer:?}");
}

type Waiting = (String, i16, Option<String>, bool);

async fn outbox(app: &TestApp) -> Vec<Waiting> {
    sqlx::query_as("select status, attempts, error, body = '' from outbox order by created_at")
        .fetch_all(app.db.pool_for_tests())
        .await
        .unwrap()
}

async fn until(app: &TestApp, what: impl Fn(&Waiting) -> bool) -> Waiting {
    support::eventually("the mail", async || outbox(app).await.into_iter().find(&what)).await
}

/// As if the pause after a failed attempt were over.
async fn skip_pause(app: &TestApp) {
    sqlx::query("update outbox set next_attempt_at = now()").execute(app.db.pool_for_tests()).await.unwrap();
}

/// Somebody signs up: the link arrives, works once, and is in no table any more.
#[tokio::test(flavor = "multi_thread")]
async fn a_sign_up_is_finished_by_the_link_in_its_mail() {
    let mut sink = Sink::open().await;
    let app = app(sink.address).await;
    let courier = tokio::spawn(courier::run(app.state.clone()));
    sign_up(&app, "Ada").await;
    let mail = sink.next().await;
    assert!(mail.from.contains("<belvedere@example.com>") && mail.to[0].contains("<ada@example.com>"), "{mail:?}");
    assert!(mail.text.contains("Subject: Finish your sign-up"), "{mail:?}");
    // Undo what is done to long lines on the way.
    let text = mail.text.replace("=\r\n", "").replace("=3D", "=");
    let link = text.lines().find(|line| line.contains("/sign-up?token=")).expect("a link").trim();
    let token = link.strip_prefix("http://belvedere.test/sign-up?token=").expect("to where people reach us");
    let sent = until(&app, |mail| mail.0 == "sent").await;
    assert_eq!(sent, ("sent".into(), 1, None, true), "what was sent is not kept");
    let mut ada = app.visitor();
    let confirmed = ada.post_form("/rpc/accounts/confirm_sign_up", &[("token", token)]).await;
    assert!(!ada.cookies.is_empty(), "{confirmed:?}");
    assert_eq!(ada.get_json("/api/v1/organization").await.json()["time_zone"], "Asia/Tokyo");
    let again = app.visitor().post_form("/rpc/accounts/confirm_sign_up", &[("token", token)]).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY, "{again:?}");
    courier.abort();
}

/// The mail server refuses, then is gone, then is well: the mail waits with the reason, and goes out once.
#[tokio::test(flavor = "multi_thread")]
async fn mail_waits_in_the_outbox_until_a_server_takes_it() {
    let mut sink = Sink::open().await;
    let app = app(sink.address).await;
    sink.full.store(true, Ordering::SeqCst);
    let courier_of = |app: &TestApp| tokio::spawn(courier::run(app.state.clone()));
    let courier = courier_of(&app);
    sign_up(&app, "Ada").await;
    let refused = until(&app, |mail| mail.2.is_some()).await;
    assert_eq!((refused.0.as_str(), refused.1, refused.3), ("waiting", 1, false), "{refused:?}");
    assert!(refused.2.unwrap().contains("mailbox is full"));
    courier.abort();

    // Nobody listens.
    let nowhere = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let mut elsewhere = app.clone();
    let mut settings = Settings::clone(&app.state.settings);
    settings.accounts.smtp_url = Some(Secret::new(format!("smtp://{nowhere}")));
    elsewhere.state.settings = Arc::new(settings);
    skip_pause(&app).await;
    let courier = courier_of(&elsewhere);
    let lost = until(&app, |mail| mail.1 == 2 && mail.2.as_ref().is_some_and(|e| !e.contains("full"))).await;
    assert_eq!(lost.0, "waiting", "{lost:?}");
    courier.abort();

    // Two couriers, as two instances have them: still one mail.
    sink.full.store(false, Ordering::SeqCst);
    skip_pause(&app).await;
    let couriers = [courier_of(&app), courier_of(&app)];
    let mail = sink.next().await;
    assert!(mail.to[0].contains("ada@example.com"), "{mail:?}");
    let sent = until(&app, |mail| mail.0 == "sent").await;
    assert_eq!((sent.1, sent.2, sent.3), (3, None, true));
    assert!(sink.received.try_recv().is_err(), "once");
    couriers.iter().for_each(tokio::task::JoinHandle::abort);

    // What nobody ever takes is given up in the end, and stays for the operator to read.
    sink.full.store(true, Ordering::SeqCst);
    sign_up(&app, "Bob").await;
    sqlx::query("update outbox set attempts = 7 where status = 'waiting'")
        .execute(app.db.pool_for_tests())
        .await
        .unwrap();
    let courier = courier_of(&app);
    let failed = until(&app, |mail| mail.0 == "failed").await;
    assert_eq!((failed.1, failed.3), (8, false), "{failed:?}");
    courier.abort();
}
