//! `belvedere user`: accounts, by right of being at the server's own command line.

use super::{CommandError, database};
use crate::{
    accounts::{
        NewAccount, Role,
        store::{operator, outbox, passwords},
    },
    error::AppError,
    server::{Database, Settings},
};
use clap::Subcommand;
use std::io::{BufRead, IsTerminal, Write};
use tokio_util::sync::CancellationToken;

#[derive(Clone, Debug, Subcommand)]
pub enum UserCommand {
    /// Show everybody, with their organisations.
    List,
    /// Add a person to an organisation; a new organisation is made for an OWNER.
    Create {
        #[arg(long)]
        name: String,
        #[arg(long)]
        email: String,
        #[arg(long)]
        organization: String,
        /// OWNER, ADMIN, MEMBER or VIEWER.
        #[arg(long, default_value = "OWNER", value_parser = role)]
        role: Role,
    },
    /// Set somebody's password, and sign them out everywhere. It is asked for, or read from standard input.
    SetPassword { email: String },
    /// Make somebody platform staff.
    MakeStaff {
        email: String,
        /// Take it back instead.
        #[arg(long)]
        undo: bool,
    },
    /// Show the latest mails: what was sent, and what waits because no mail server is set.
    Outbox {
        #[arg(long, default_value_t = 20)]
        limit: u16,
    },
}

fn role(text: &str) -> Result<Role, String> {
    match text.parse()? {
        Role::Partner => Err("a PARTNER is invited on the page of people".into()),
        role => Ok(role),
    }
}

pub async fn run(settings: Settings, command: UserCommand) -> Result<(), CommandError> {
    // Asked before the database is opened, so that it need not stay open for as long as somebody thinks.
    let password = match &command {
        UserCommand::Create { .. } | UserCommand::SetPassword { .. } => Some(read_password()?),
        _ => None,
    };
    let database = database::open(&settings, &CancellationToken::new()).await?;
    let outcome = perform(&database.db, command, password.unwrap_or_default()).await;
    database.close().await;
    Ok(outcome?)
}

async fn perform(db: &Database, command: UserCommand, password: String) -> Result<(), AppError> {
    match command {
        UserCommand::List => {
            for user in operator::list(db).await? {
                let staff = if user.is_staff { "  [staff]" } else { "" };
                println!("{}  {}{staff}  {}", user.email, user.name, user.organizations);
            }
        }
        UserCommand::Create { name, email, organization, role } => {
            let new = NewAccount::parse(&name, &email, &password, &organization, "")?;
            let (email, organization) = (new.email.clone(), new.organization_name.clone());
            operator::create(db, new, role).await?;
            println!("{email} is now {role} of “{organization}”.");
        }
        UserCommand::SetPassword { email } => {
            passwords::set_by_operator(db, &email, &password).await?;
            println!("The password of {email} is set; they are signed out everywhere.");
        }
        UserCommand::MakeStaff { email, undo } => {
            operator::set_staff(db, &email, !undo).await?;
            println!("{email} is {} platform staff.", if undo { "no longer" } else { "now" });
        }
        UserCommand::Outbox { limit } => {
            let mut tx = db.system("the operator reads the mail that has not left").await?;
            for mail in outbox::list(&mut tx, limit).await? {
                println!(
                    "{}  {}  to {}  {}",
                    mail.created_at.format("%F %T UTC"),
                    mail.status,
                    mail.recipient,
                    mail.subject
                );
                println!("{}\n", mail.body.trim_end());
            }
        }
    }
    Ok(())
}

/// One line of standard input. At a terminal it is asked for, without showing what is typed.
fn read_password() -> Result<String, CommandError> {
    let input = std::io::stdin();
    let ask = input.is_terminal();
    if ask {
        eprint!("Password: ");
        let _ = std::io::stderr().flush();
        echo(false);
    }
    let mut line = String::new();
    let read = input.lock().read_line(&mut line);
    if ask {
        echo(true);
        eprintln!();
    }
    read.map_err(|e| AppError::invalid(format!("The password could not be read: {e}")))?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

/// Switches the terminal's echo, where there is `stty`.
fn echo(on: bool) {
    let _ = std::process::Command::new("stty").arg(if on { "echo" } else { "-echo" }).status();
}
