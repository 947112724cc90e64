//! The engine's control connection, one request at a time.

use std::io::{BufRead, BufReader, Error, Result, Write};
use std::os::unix::net::UnixStream;

use serde_json::{Value, json};

pub struct Control {
    stream: UnixStream,
    reader: BufReader<UnixStream>,
    next: u64,
}

impl Control {
    pub fn open(path: &str) -> Result<Self> {
        let stream = UnixStream::connect(path)?;
        let reader = BufReader::new(stream.try_clone()?);
        Ok(Control { stream, reader, next: 1 })
    }

    /// The reply; events are passed over.
    pub fn ask(&mut self, cmd: &str, mut fields: Value) -> Result<Value> {
        fields["id"] = json!(self.next);
        fields["cmd"] = json!(cmd);
        self.next += 1;
        self.stream.write_all(format!("{fields}\n").as_bytes())?;
        loop {
            let mut line = String::new();
            self.reader.read_line(&mut line)?;
            let reply: Value = serde_json::from_str(&line)?;
            if reply.get("event").is_some() {
                continue;
            }
            if let Some(error) = reply.get("error") {
                return Err(Error::other(format!("{cmd}: {error}")));
            }
            return Ok(reply["ok"].clone());
        }
    }
}
