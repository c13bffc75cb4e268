//! Measurements that are made in node: one JSON document in, one out.

use serde_json::Value;
use std::{
    io::{Read, Write},
    process::{Command, Stdio},
};

/// `None` where node, or what the script needs, is not installed.
pub fn run(script: &str, work: &Value) -> Option<Value> {
    let mut node = Command::new("node")
        .arg(format!("end2end/measure/{script}"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    node.stdin.take()?.write_all(work.to_string().as_bytes()).ok()?;
    let mut said = String::new();
    node.stdout.take()?.read_to_string(&mut said).ok()?;
    node.wait().ok()?.success().then_some(())?;
    serde_json::from_str(&said).ok()
}
