//! JSON lines on stderr: a static sentence with fields.

use std::io::Write;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value};

/// Severity of a log line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    Info,
    Warning,
    Error,
}

impl Level {
    fn name(self) -> &'static str {
        match self {
            Level::Info => "info",
            Level::Warning => "warning",
            Level::Error => "error",
        }
    }
}

/// Writes one line; a closed stderr is ignored, because a log must not end a call.
pub fn write(level: Level, sentence: &'static str, fields: &[(&'static str, Value)]) {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let mut line = Map::new();
    line.insert("ts".into(), Value::from(since_epoch.as_millis() as u64));
    line.insert("level".into(), Value::from(level.name()));
    line.insert("process".into(), Value::from("media"));
    line.insert("msg".into(), Value::from(sentence));
    for (name, value) in fields {
        line.insert((*name).into(), value.clone());
    }
    let mut text = Value::Object(line).to_string();
    text.push('\n');
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}

pub fn info(sentence: &'static str, fields: &[(&'static str, Value)]) {
    write(Level::Info, sentence, fields);
}

pub fn warning(sentence: &'static str, fields: &[(&'static str, Value)]) {
    write(Level::Warning, sentence, fields);
}

pub fn error(sentence: &'static str, fields: &[(&'static str, Value)]) {
    write(Level::Error, sentence, fields);
}
