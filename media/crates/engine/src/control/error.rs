//! Refusals of commands: a stable code and a sentence.

use serde_json::{Value, json};

/// A refused command. It changed nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub code: &'static str,
    pub message: String,
}

impl Refusal {
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Refusal { code, message: message.into() }
    }

    pub fn invalid(message: impl Into<String>) -> Self {
        Refusal::new("invalid_argument", message)
    }

    pub fn unknown(kind: &str, id: &str) -> Self {
        Refusal::new("not_found", format!("there is no {kind} with the id {id:?}"))
    }
}

/// The line that answers request `id`.
pub fn reply(id: &Value, outcome: Result<Value, Refusal>) -> String {
    let value = match outcome {
        Ok(value) => json!({"id": id, "ok": value}),
        Err(refusal) => {
            json!({"id": id, "error": {"code": refusal.code, "message": refusal.message}})
        }
    };
    value.to_string()
}
