//! Streams a file into the database, so that the worker of any instance can read it. Server only.

use super::{
    detect::{self, SAMPLE_BYTES, Sample},
    model::{Import, Target},
    store,
};
use crate::{accounts::Editor, error::AppError, ids::ImportId, server::Database};
use sha2::{Digest, Sha256};

/// How much of a file is kept in memory and written at once. Also the size of a load's batch: some thousand rows.
pub const CHUNK_BYTES: usize = 512 * 1024;

/// What the sender says about the file, to tell a whole one from one that was cut.
#[derive(Clone, Debug, Default)]
pub struct Expected {
    pub bytes: Option<u64>,
    /// In hexadecimal digits.
    pub sha256: Option<String>,
}

/// A file on its way in. Unless [`Upload::finish`] gives an import, nothing of it stays.
#[derive(Debug)]
pub struct Upload {
    db: Database,
    editor: Editor,
    id: ImportId,
    target: Target,
    max_bytes: u64,
    buffer: Vec<u8>,
    sample: Vec<u8>,
    seq: i32,
    size: u64,
    hash: Sha256,
}

impl Upload {
    /// Begins an upload of at most `max_bytes`.
    pub async fn begin(
        db: &Database,
        editor: &Editor,
        target: Target,
        file_name: &str,
        max_bytes: u64,
    ) -> Result<Self, AppError> {
        let mut tx = db.tenant(editor).await?;
        // A path or a zero byte has no place in a name.
        let name = file_name.rsplit(['/', '\\']).next().unwrap_or_default().replace('\0', "");
        let id = store::create(&mut tx, editor, target, name.trim()).await?;
        tx.commit().await?;
        Ok(Self {
            db: db.clone(),
            editor: editor.clone(),
            id,
            target,
            max_bytes,
            buffer: Vec::with_capacity(CHUNK_BYTES),
            sample: Vec::new(),
            seq: 0,
            size: 0,
            hash: Sha256::new(),
        })
    }

    /// Takes the next bytes.
    pub async fn write(&mut self, mut bytes: &[u8]) -> Result<(), AppError> {
        self.size += bytes.len() as u64;
        if self.size > self.max_bytes {
            let megabytes = self.max_bytes / 1_000_000;
            return Err(AppError::field(
                "file",
                format!("The file is too large: at most {megabytes} MB can be imported."),
            ));
        }
        self.hash.update(bytes);
        let room = SAMPLE_BYTES - self.sample.len();
        self.sample.extend_from_slice(&bytes[..bytes.len().min(room)]);
        while self.buffer.len() + bytes.len() >= CHUNK_BYTES {
            let (now, later) = bytes.split_at(CHUNK_BYTES - self.buffer.len());
            self.buffer.extend_from_slice(now);
            self.flush().await?;
            bytes = later;
        }
        self.buffer.extend_from_slice(bytes);
        Ok(())
    }

    async fn flush(&mut self) -> Result<(), AppError> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        if self.seq == 0 {
            // Before a gigabyte of film has been stored.
            detect::refuse_by_content(&self.buffer).map_err(|message| AppError::field("file", message))?;
        }
        let mut tx = self.db.tenant(&self.editor).await?;
        store::add_chunk(&mut tx, self.id, self.seq, &self.buffer).await?;
        tx.commit().await?;
        self.seq += 1;
        self.buffer.clear();
        Ok(())
    }

    /// Ends the upload: checks that the file is whole and a table, and proposes how to read it.
    pub async fn finish(mut self, expected: &Expected) -> Result<Import, AppError> {
        match self.complete(expected).await {
            Ok(import) => Ok(import),
            Err(error) => {
                self.abort().await;
                Err(error)
            }
        }
    }

    async fn complete(&mut self, expected: &Expected) -> Result<Import, AppError> {
        let refused = |message: String| AppError::field("file", message);
        let sha256: String = self.hash.finalize_reset().iter().map(|b| format!("{b:02x}")).collect();
        let cut = expected.bytes.is_some_and(|bytes| bytes != self.size)
            || expected.sha256.as_ref().is_some_and(|hash| !hash.eq_ignore_ascii_case(&sha256));
        if cut {
            return Err(refused(
                "The file did not arrive whole: its length or checksum is not the announced one. Send it again.".into(),
            ));
        }
        let sample = Sample { bytes: std::mem::take(&mut self.sample), is_whole: self.size <= SAMPLE_BYTES as u64 };
        let target = self.target;
        let (options, header) = tokio::task::spawn_blocking(move || {
            let options = detect::propose(target, &sample)?;
            let (header, _) = sample.records(options.encoding, options.separator)?;
            Ok::<_, String>((options, header))
        })
        .await
        .map_err(crate::server::fault::internal)?
        .map_err(refused)?;
        self.flush().await?;
        let mut tx = self.db.tenant(&self.editor).await?;
        let size = i64::try_from(self.size).unwrap_or(i64::MAX);
        store::complete_upload(&mut tx, self.id, size, &sha256, &options, &header).await?;
        let import = store::find(&mut tx, self.id).await?;
        tx.commit().await?;
        Ok(import)
    }

    /// Removes what has arrived. A failure here is left to the chore that removes broken uploads.
    pub async fn abort(self) {
        let removed = async {
            let mut tx = self.db.tenant(&self.editor).await?;
            store::delete(&mut tx, &self.editor, self.id).await?;
            tx.commit().await
        };
        if let Err(error) = removed.await {
            tracing::warn!(%error, import = %self.id, "a broken upload stays until the chore removes it");
        }
    }
}
