//! Commands of a room that waits for a file wait with it, so that they are done in the order in which they came.

use std::collections::{HashMap, VecDeque};

use serde_json::{Map, Value};

use super::dispatch::Asker;
use super::error::Refusal;
use crate::api::Id;

/// Commands that may wait for one room; more are refused.
const MAX_HELD: usize = 256;

#[derive(Debug)]
pub struct Held {
    pub asker: Asker,
    pub name: String,
    pub fields: Map<String, Value>,
}

/// The rooms that wait.
#[derive(Debug, Default)]
pub struct Holding {
    rooms: HashMap<Id, VecDeque<Held>>,
}

impl Holding {
    pub fn begin(&mut self, room: &Id) {
        self.rooms.entry(room.clone()).or_default();
    }

    pub fn is_empty(&self) -> bool {
        self.rooms.is_empty()
    }

    pub fn holds(&self, room: &Id) -> bool {
        self.rooms.contains_key(room)
    }

    pub fn push(&mut self, room: &Id, held: Held) -> Result<(), Refusal> {
        let queue = self.rooms.entry(room.clone()).or_default();
        if queue.len() >= MAX_HELD {
            let message = "too many commands of this room wait for a file";
            return Err(Refusal::new("limit_reached", message));
        }
        queue.push_back(held);
        Ok(())
    }

    /// The file is here: what waited, in order. Those that have to wait again are given back by `push`.
    pub fn end(&mut self, room: &Id) -> VecDeque<Held> {
        self.rooms.remove(room).unwrap_or_default()
    }
}
