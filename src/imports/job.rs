//! Imports as the queue knows them. Server only.

use super::{
    load,
    store::{JOB_KIND, undo},
};
use crate::{
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

#[async_trait]
impl JobHandler for ImportJob {
    fn kind(&self) -> &'static str {
        JOB_KIND
    }

    async fn run(&self, job: &JobContext) -> Result<Value, JobError> {
        let payload: Payload =
            serde_json::from_value(job.payload.clone()).map_err(|error| JobError::Fatal(error.to_string()))?;
        if payload.undo { undo::run(job, payload.import_id).await } else { load::run(job, payload.import_id).await }
    }
}
