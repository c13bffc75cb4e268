//! Imports as the queue knows them. Server only.

use super::{
    load,
    store::{JOB_KIND, undo},
};
use crate::{
    error::AppError,
    ids::ImportId,
    jobs::{JobContext, JobError, JobHandler},
};
use async_trait::async_trait;
use serde::Deserialize;
use serde_json::Value;

/// Loads a file, or takes its rows back.
#[derive(Debug)]
pub struct ImportJob;

#[derive(Deserialize)]
struct Payload {
    import_id: ImportId,
    #[serde(default)]
    undo: bool,
}

fn read(job: &JobContext) -> serde_json::Result<Payload> {
    Payload::deserialize(&job.payload)
}

#[async_trait]
impl JobHandler for ImportJob {
    fn kind(&self) -> &'static str {
        JOB_KIND
    }

    async fn run(&self, job: &JobContext) -> Result<Value, JobError> {
        let payload = read(job).map_err(|error| JobError::Fatal(error.to_string()))?;
        if payload.undo { undo::run(job, payload.import_id).await } else { load::run(job, payload.import_id).await }
    }

    async fn cancelled(&self, job: &JobContext) -> Result<(), AppError> {
        match read(job) {
            Ok(Payload { import_id, undo: false }) => load::cancelled(job, import_id).await,
            // An undo that was stopped goes on when somebody asks for it again.
            Ok(_) | Err(_) => Ok(()),
        }
    }
}
