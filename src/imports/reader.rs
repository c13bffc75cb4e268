//! The file of an import as batches of rows, chunk by chunk. Server only.

use super::{
    convert::{Converted, Plan},
    decode::Decoder,
    load::Runner,
    model::{Import, ImportOptions, RowError},
    parser::{Parser, Position, Record},
    store,
};
use crate::{ids::ImportId, jobs::JobError, server::fault};

/// More rows than this are stored in several statements, whatever the chunk holds.
const BATCH_ROWS: usize = 5_000;

/// A run of rows, and the position after it.
#[derive(Default)]
pub struct Batch {
    pub rows: Vec<Converted>,
    pub errors: Vec<RowError>,
    pub read: i64,
    pub bad: i64,
    /// `None`: nothing ends in it.
    pub after: Option<Position>,
}

/// What a chunk of the file ends.
pub struct Chunk {
    pub batches: Vec<Batch>,
    /// How much of the file has been read with it.
    pub bytes_done: i64,
    pub is_last: bool,
}

/// Text, records, rows.
pub struct Reader {
    import: ImportId,
    file_size: i64,
    bytes_done: i64,
    /// The number of the next chunk.
    seq: i32,
    decoder: Decoder,
    parser: Parser,
    plan: Plan,
    /// How much decoded text is still before the position at which it begins.
    skip: u64,
    header_seen: bool,
}

impl Reader {
    /// Gives the rows from `position` on.
    pub fn new(import: &Import, options: &ImportOptions, plan: &Plan, position: Position) -> Self {
        Self {
            import: import.id,
            file_size: import.file_size,
            bytes_done: 0,
            seq: 0,
            decoder: Decoder::new(options.encoding),
            parser: Parser::new(options.separator.byte(), position),
            plan: plan.clone(),
            skip: position.offset,
            header_seen: position.offset > 0,
        }
    }

    /// The next chunk, worked out on a thread of its own.
    ///
    /// # Errors
    /// `Fatal` when the file is not here whole, or is not text.
    pub async fn next(mut self, runner: &dyn Runner) -> Result<(Self, Chunk), JobError> {
        let mut tx = runner.tenant().await?;
        let bytes = store::chunk(&mut tx, self.import, self.seq).await?;
        drop(tx);
        self.seq += 1;
        self.bytes_done += bytes.as_ref().map_or(0, |bytes| i64::try_from(bytes.len()).unwrap_or(0));
        let (is_last, bytes_done) = (bytes.is_none(), self.bytes_done);
        if is_last && bytes_done != self.file_size {
            return Err(JobError::Fatal("The file of this import is no longer here. Upload it again.".into()));
        }
        let read = move || {
            let batches = self.read(bytes.as_deref());
            (self, batches)
        };
        let (reader, batches) = tokio::task::spawn_blocking(read).await.map_err(fault::internal)?;
        let batches = batches.map_err(JobError::Fatal)?;
        Ok((reader, Chunk { batches, bytes_done, is_last }))
    }

    /// `None` as chunk ends the file.
    fn read(&mut self, chunk: Option<&[u8]>) -> Result<Vec<Batch>, String> {
        let mut text =
            self.decoder.decode(chunk.unwrap_or_default(), chunk.is_none()).map_err(|error| error.to_string())?;
        if self.skip > 0 {
            let cut = usize::try_from(self.skip).unwrap_or(usize::MAX).min(text.len());
            self.skip -= cut as u64;
            text.drain(..cut);
        }
        let mut batches = vec![Batch::default()];
        let (plan, header_seen) = (&self.plan, &mut self.header_seen);
        let mut sink = |record: Record, after: Position| {
            if batches.last().is_some_and(|b| b.rows.len() >= BATCH_ROWS) {
                batches.push(Batch::default());
            }
            let Some(batch) = batches.last_mut() else { return };
            if !*header_seen && (record.is_blank() || record.is_separator_hint()) {
                return;
            }
            batch.after = Some(after);
            if !*header_seen {
                *header_seen = true;
                return;
            }
            match plan.convert(&record) {
                None => {}
                Some(Ok(row)) => {
                    batch.read += 1;
                    batch.rows.push(row);
                }
                Some(Err(errors)) => {
                    batch.read += 1;
                    batch.bad += 1;
                    batch.errors.extend(errors);
                }
            }
        };
        self.parser.push(&text, &mut sink);
        if chunk.is_none() {
            self.parser.finish(&mut sink);
        }
        Ok(batches)
    }
}
