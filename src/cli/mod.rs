//! The command line: what an operator can ask of the `belvedere` binary.
//!
//! Every command loads the settings, brings the database up and the schema up to date, does its work and
//! says in one line what went wrong, if anything did.

mod check;
pub mod dashboards;
mod database;
pub mod demo;
mod import;
mod serve;
mod user;
mod worker;

use crate::{
    error::AppError,
    server::{
        Settings, StartError,
        settings::{Environment, SettingsError},
        telemetry,
    },
};
use clap::{Parser, Subcommand};
use std::{path::PathBuf, process::ExitCode};
use tokio_util::sync::CancellationToken;

/// Self-hosted, multi-tenant dashboards in which every number is a metric.
#[derive(Debug, Parser)]
#[command(name = "belvedere", version, propagate_version = true)]
struct Arguments {
    /// The settings file. `Leptos.toml` is read when it exists.
    #[arg(long, global = true, value_name = "FILE")]
    settings: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Answer requests, and do jobs unless `worker.in_process` is off. The default.
    Serve,
    /// Bring the database's schema up to date, and end.
    Migrate,
    /// Do jobs only, beside servers that do none.
    Worker,
    /// Load a CSV file into an organisation.
    Import(Box<import::ImportCommand>),
    /// Dashboards as code: export, import, validate and compare them.
    #[command(subcommand)]
    Dashboards(dashboards::DashboardsCommand),
    /// Fill in an organisation with sample books, and people to sign in as. Safe to repeat.
    Demo,
    /// Compare the monthly sums that metrics read with the transactions, and make them anew if asked to.
    Check(check::CheckCommand),
    /// List, create and repair accounts, and read the outbox.
    #[command(subcommand)]
    User(user::UserCommand),
}

/// A failure of a command, in one line. Settings and usage end with 2, everything else with 1.
#[derive(Debug, thiserror::Error)]
enum CommandError {
    #[error(transparent)]
    Settings(#[from] SettingsError),
    #[error(transparent)]
    Start(#[from] StartError),
    #[error("{}", in_one_line(.0))]
    Refused(#[from] AppError),
}

/// An error of the app, with every field's message.
fn in_one_line(error: &AppError) -> String {
    match error {
        AppError::Invalid { fields, .. } if !fields.is_empty() => {
            let messages: Vec<String> = fields.iter().map(|f| format!("{}: {}", f.field, f.message)).collect();
            messages.join(" ")
        }
        other => other.to_string(),
    }
}

impl CommandError {
    fn exit_code(&self) -> u8 {
        match self {
            Self::Settings(_) => 2,
            Self::Start(_) | Self::Refused(_) => 1,
        }
    }
}

/// Parses the arguments and runs the command.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        // Pages with several resources can wait on each other when there are fewer (leptos #4578).
        .worker_threads(std::thread::available_parallelism().map_or(4, |n| n.get().max(4)))
        .enable_all()
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(cause) => {
            eprintln!("belvedere: the runtime could not be started: {cause}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(run(arguments)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("belvedere: {error}");
            ExitCode::from(error.exit_code())
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), CommandError> {
    let environment: Environment =
        std::env::vars_os().filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?))).collect();
    let required = arguments.settings.is_some();
    let file = arguments.settings.unwrap_or_else(|| "Leptos.toml".into());
    let settings = Settings::load(&file, required, &environment)?;
    telemetry::init(&settings.log)?;
    match arguments.command.unwrap_or(Command::Serve) {
        Command::Serve => serve::run(settings).await,
        Command::Worker => worker::run(settings).await,
        Command::Import(command) => import::run(settings, *command).await,
        Command::Dashboards(command) => dashboards::run(settings, command).await,
        Command::Demo => demo::run(settings).await,
        Command::Check(command) => check::run(settings, command).await,
        Command::User(command) => user::run(settings, command).await,
        Command::Migrate => {
            let database = database::open(&settings, &CancellationToken::new()).await?;
            println!("The schema is up to date.");
            database.close().await;
            Ok(())
        }
    }
}
