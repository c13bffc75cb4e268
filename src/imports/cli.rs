//! What `belvedere import` does: upload, check and load, at once and without the queue. Server only.

use super::{
    configure,
    load::{self, Inline},
    model::{
        DateOrder, DecimalMark, Encoding, Import, ImportStatus, OnError, OnExisting, OptionsPatch, Preview, Separator,
        Target,
    },
    store,
    upload::{Expected, Upload},
};
use crate::{accounts::Editor, error::AppError, format, jobs::JobError, server::Database};
use std::{
    collections::BTreeMap,
    fmt::Write as _,
    io::{ErrorKind, IsTerminal, Write},
    path::{Path, PathBuf},
    sync::Mutex,
    time::{Duration, Instant},
};
use tokio::io::{AsyncRead, AsyncReadExt};

/// The arguments of `belvedere import`, apart from the person on whose behalf it runs.
#[derive(Clone, Debug, clap::Args)]
pub struct ImportArgs {
    /// What the rows become: transactions, payments, budgets, materials or categories.
    #[arg(value_name = "KIND")]
    pub target: Target,
    /// The CSV file, or - for standard input.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Which column holds a field: --column amount=Total, or by number: --column amount=#3. Empty leaves it out.
    #[arg(long = "column", value_name = "FIELD=NAME", value_parser = pair)]
    pub columns: Vec<(String, String)>,
    /// A value for a field that the file has no column or an empty cell for: --value type=income.
    #[arg(long = "value", value_name = "FIELD=VALUE", value_parser = pair)]
    pub values: Vec<(String, String)>,
    /// utf-8, utf-16le, utf-16be or windows-1252. Detected unless given, like the next three.
    #[arg(long)]
    pub encoding: Option<Encoding>,
    /// comma, semicolon, tab or pipe.
    #[arg(long)]
    pub separator: Option<Separator>,
    /// point or comma.
    #[arg(long)]
    pub decimal_mark: Option<DecimalMark>,
    /// day_first, month_first or year_first.
    #[arg(long)]
    pub date_order: Option<DateOrder>,
    /// When rows are wrong: nothing (store nothing) or skip_rows.
    #[arg(long, default_value = "nothing")]
    pub on_error: OnError,
    /// When a reference is stored already: update or skip.
    #[arg(long, default_value = "update")]
    pub on_existing: OnExisting,
    /// Show the first rows as they would be stored, and store nothing.
    #[arg(long)]
    pub preview: bool,
    /// Write all row errors to this file, as CSV.
    #[arg(long, value_name = "FILE")]
    pub errors: Option<PathBuf>,
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (field, value) = text.split_once('=').ok_or("write FIELD=VALUE")?;
    Ok((field.trim().to_owned(), value.trim().to_owned()))
}

impl ImportArgs {
    fn patch(&self) -> OptionsPatch {
        OptionsPatch {
            encoding: self.encoding,
            separator: self.separator,
            decimal_mark: self.decimal_mark,
            date_order: self.date_order,
            columns: self.columns.iter().cloned().collect::<BTreeMap<_, _>>(),
            defaults: self.values.iter().cloned().collect(),
            on_error: Some(self.on_error),
            on_existing: Some(self.on_existing),
        }
    }
}

/// Runs the command and prints what happened. Fails when the file could not be stored.
pub async fn run(db: &Database, editor: &Editor, args: &ImportArgs) -> Result<(), AppError> {
    let name = args.file.file_name().map_or("stdin.csv".into(), |n| n.to_string_lossy().into_owned());
    let is_stdin = args.file.as_os_str() == "-";
    let path = if is_stdin { Path::new("/dev/stdin") } else { args.file.as_path() };
    let mut reader = tokio::fs::File::open(path)
        .await
        .map_err(|e| AppError::invalid(format!("{} cannot be read: {e}", args.file.display())))?;
    let uploaded = upload(db, editor, args.target, &name, &mut reader).await?;
    if args.preview {
        let mut tx = db.tenant(editor).await?;
        let preview = configure::preview(&mut tx, uploaded.id, args.patch()).await;
        store::delete(&mut tx, editor, uploaded.id).await?;
        tx.commit().await?;
        return print(&preview_text(&preview?));
    }
    let line = ProgressLine::default();
    let import = load_now(db, editor, uploaded, args.patch(), &|done, total| line.show(done, total)).await?;
    line.end();
    report(db, editor, &import, args).await
}

/// Uploads and loads a file at once, for the command and the demo. `on_progress` gets rows done, and of how many.
pub async fn import(
    db: &Database,
    editor: &Editor,
    target: Target,
    file_name: &str,
    reader: &mut (dyn AsyncRead + Send + Unpin),
    patch: OptionsPatch,
    on_progress: &(dyn Fn(u64, Option<u64>) + Send + Sync),
) -> Result<Import, AppError> {
    let uploaded = upload(db, editor, target, file_name, reader).await?;
    load_now(db, editor, uploaded, patch, on_progress).await
}

async fn upload(
    db: &Database,
    editor: &Editor,
    target: Target,
    file_name: &str,
    reader: &mut (dyn AsyncRead + Send + Unpin),
) -> Result<Import, AppError> {
    let mut upload = Upload::begin(db, editor, target, file_name, u64::MAX).await?;
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let outcome = match reader.read(&mut buffer).await {
            Ok(0) => break,
            Ok(count) => upload.write(&buffer[..count]).await,
            Err(error) => Err(AppError::invalid(format!("The file could not be read to its end: {error}"))),
        };
        if let Err(error) = outcome {
            upload.abort().await;
            return Err(error);
        }
    }
    upload.finish(&Expected::default()).await
}

async fn load_now(
    db: &Database,
    editor: &Editor,
    uploaded: Import,
    patch: OptionsPatch,
    on_progress: &(dyn Fn(u64, Option<u64>) + Send + Sync),
) -> Result<Import, AppError> {
    let mut tx = db.tenant(editor).await?;
    let ready = async {
        configure::save(&mut tx, editor, uploaded.id, patch).await?;
        configure::check_ready(&mut tx, uploaded.id).await?;
        store::mark_started(&mut tx, editor, uploaded.id).await
    };
    if let Err(error) = ready.await {
        drop(tx);
        let mut tx = db.tenant(editor).await?;
        store::delete(&mut tx, editor, uploaded.id).await?;
        tx.commit().await?;
        return Err(error);
    }
    tx.commit().await?;
    let runner = Inline { db, editor, on_progress };
    match load::run(&runner, uploaded.id).await {
        // An import that failed says so itself, with what it refused.
        Ok(_) | Err(JobError::Fatal(_)) => {}
        Err(JobError::Retry(error)) => return Err(error),
        Err(JobError::Cancelled | JobError::Lost) => return Err(AppError::conflict("The import was stopped.")),
    }
    let mut tx = db.tenant(editor).await?;
    store::find(&mut tx, uploaded.id).await
}

async fn report(db: &Database, editor: &Editor, import: &Import, args: &ImportArgs) -> Result<(), AppError> {
    let counts = import.counts;
    let rows = |n: i64| format::number(n.into(), 0);
    let mut text = format!(
        "{}: {} read, {} added, {} updated, {} left as they were, {} refused.\n",
        import.file_name,
        format::count(counts.read, "row", "rows"),
        rows(counts.inserted),
        rows(counts.updated),
        rows(counts.skipped),
        rows(counts.bad),
    );
    let mut tx = db.tenant(editor).await?;
    for error in store::errors(&mut tx, import.id, 0, 20).await? {
        // A row with too few values is no column's fault.
        let place = if error.column.is_empty() { String::new() } else { format!(", {}", error.column) };
        let _ = writeln!(text, "  line {}{place}: “{}”: {}", error.line, error.value, error.reason);
    }
    if counts.bad > 20 {
        text.push_str("  … --errors FILE writes them all.\n");
    }
    print(&text)?;
    if let Some(path) = &args.errors {
        let csv = configure::errors_csv(&mut tx, import.id).await?;
        tokio::fs::write(path, csv).await.map_err(|e| AppError::invalid(format!("{}: {e}", path.display())))?;
    }
    match import.status {
        ImportStatus::Finished => Ok(()),
        _ => Err(AppError::invalid(import.error.clone().unwrap_or_else(|| "The import did not finish.".into()))),
    }
}

/// Prints at once. Whoever reads it may have seen enough: `| head`.
fn print(text: &str) -> Result<(), AppError> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(AppError::invalid(format!("Nothing can be printed: {error}")))
        }
        _ => Ok(()),
    }
}

fn preview_text(preview: &Preview) -> String {
    let columns: Vec<&str> = preview.fields.iter().map(|f| f.name.as_str()).collect();
    let mut lines = vec![columns.join(" | ")];
    for row in &preview.rows {
        let cells: Vec<&str> = row.cells.iter().map(|c| c.text.as_str()).collect();
        lines.push(cells.join(" | "));
        let wrong = row.cells.iter().zip(&columns).filter_map(|(c, name)| Some((*name, c.error.as_ref()?)));
        lines.extend(wrong.map(|(name, error)| format!("  line {}, {name}: {error}", row.line)));
        lines.extend(row.error.iter().map(|error| format!("  line {}: {error}", row.line)));
    }
    lines.extend(preview.notes.iter().chain(&preview.problems).map(|text| format!("! {text}")));
    lines.join("\n") + "\n"
}

/// One line on a terminal that is written over, a few times a second; nothing where output is kept.
struct ProgressLine {
    started: Instant,
    last: Mutex<Option<Instant>>,
}

impl Default for ProgressLine {
    fn default() -> Self {
        Self { started: Instant::now(), last: Mutex::new(None) }
    }
}

impl ProgressLine {
    fn show(&self, done: u64, total: Option<u64>) {
        let mut out = std::io::stderr();
        let Ok(mut last) = self.last.lock() else { return };
        if !out.is_terminal() || last.is_some_and(|at| at.elapsed() < Duration::from_millis(200)) {
            return;
        }
        *last = Some(Instant::now());
        let rate = u128::from(done) * 1000 / self.started.elapsed().as_millis().max(1);
        let of = total.map(|t| format!(" of {}", format::number(t.into(), 0))).unwrap_or_default();
        // A terminal that is gone is no reason to stop the load.
        let _ = write!(out, "\r{}{of} rows, {rate} a second   ", format::number(done.into(), 0));
    }

    fn end(&self) {
        if self.last.lock().is_ok_and(|last| last.is_some()) {
            eprintln!();
        }
    }
}
