//! What workers and the writer tell the control thread.

use std::sync::Arc;
use std::sync::mpsc::Sender;

use rustix::event::EventfdFlags;
use rustix::fd::OwnedFd;
use serde_json::Value;

use crate::control::error::Refusal;
use crate::control::files::Prepared;
use crate::worker::leg::Leg;

/// Wakes a thread that sleeps in poll or epoll.
#[derive(Clone, Debug)]
pub struct Bell(Arc<OwnedFd>);

impl Bell {
    pub fn new() -> std::io::Result<Self> {
        let flags = EventfdFlags::NONBLOCK | EventfdFlags::CLOEXEC;
        Ok(Bell(Arc::new(rustix::event::eventfd(0, flags)?)))
    }

    pub fn ring(&self) {
        let _ = rustix::io::write(&*self.0, &1u64.to_ne_bytes());
    }

    pub fn hush(&self) {
        let _ = rustix::io::read(&*self.0, &mut [0u8; 8]);
    }

    pub fn fd(&self) -> &OwnedFd {
        &self.0
    }
}

/// Rings when it is dropped; as the last field of a struct, after all that stands before it has gone.
#[derive(Debug)]
pub struct RingAtEnd(pub Bell);

impl Drop for RingAtEnd {
    fn drop(&mut self) {
        self.0.ring();
    }
}

#[derive(Debug)]
pub enum FromWorker {
    Reply {
        token: u64,
        outcome: Result<Value, Refusal>,
    },
    Event {
        name: &'static str,
        fields: Value,
    },
    /// An object ended; its id is free.
    Gone {
        kind: &'static str,
        id: String,
    },
    /// A leg on its way to another worker.
    Extracted {
        token: u64,
        leg: Box<Leg>,
    },
    /// Files that a command waits for.
    Prepared {
        token: u64,
        prepared: Prepared,
    },
}

#[derive(Clone, Debug)]
pub struct Outbox {
    sender: Sender<FromWorker>,
    bell: Bell,
}

impl Outbox {
    pub fn new(sender: Sender<FromWorker>, bell: Bell) -> Self {
        Outbox { sender, bell }
    }

    pub fn send(&self, message: FromWorker) {
        if self.sender.send(message).is_ok() {
            self.bell.ring();
        }
    }

    pub fn event(&self, name: &'static str, fields: Value) {
        self.send(FromWorker::Event { name, fields });
    }

    /// Goes before the event that tells it: who has read the event may use the id again.
    pub fn gone(&self, kind: &'static str, id: &str) {
        self.send(FromWorker::Gone { kind, id: id.to_owned() });
    }

    pub fn reply(&self, token: u64, outcome: Result<Value, Refusal>) {
        self.send(FromWorker::Reply { token, outcome });
    }
}
