//! The control protocol: cutting of lines in any pieces, and the fields of every command.
#![no_main]

use engine::api;
use engine::control::lines::{Line, LineCutter, MAX_LINE};
use libfuzzer_sys::fuzz_target;
use serde::de::DeserializeOwned;
use serde_json::Value;

fn read<T: DeserializeOwned>(value: &Value) {
    let _ = serde_json::from_value::<T>(value.clone());
}

fn lines(bytes: &[u8], piece: usize) -> Vec<Line> {
    let mut cutter = LineCutter::default();
    let mut found = Vec::new();
    for part in bytes.chunks(piece) {
        cutter.feed(part, |line| found.push(line));
    }
    found
}

fn command(text: &str) {
    let Ok(Value::Object(mut request)) = serde_json::from_str::<Value>(text) else { return };
    let name = request.remove("cmd");
    request.remove("id");
    let fields = Value::Object(request);
    match name.as_ref().and_then(Value::as_str).unwrap_or_default() {
        "room.create" => read::<api::RoomCreate>(&fields),
        "room.hear" => read::<api::RoomHear>(&fields),
        "room.close" => read::<api::RoomOnly>(&fields),
        "leg.create" | "leg.update" => read::<api::LegFields>(&fields),
        "leg.move" => read::<api::LegMove>(&fields),
        "leg.close" | "leg.stats" => read::<api::LegOnly>(&fields),
        "stats.every" => read::<api::StatsEvery>(&fields),
        "play.start" => read::<api::PlayStart>(&fields),
        "play.stop" => read::<api::PlayOnly>(&fields),
        "play.seek" => read::<api::PlaySeek>(&fields),
        "play.gain" => read::<api::PlayGain>(&fields),
        "dtmf.send" => read::<api::DtmfSend>(&fields),
        "detect.set" => read::<api::DetectSet>(&fields),
        "record.start" => read::<api::RecordStart>(&fields),
        "record.update" => read::<api::RecordUpdate>(&fields),
        _ => read::<api::RecordOnly>(&fields),
    }
}

fuzz_target!(|bytes: &[u8]| {
    let whole = lines(bytes, bytes.len().max(1));
    let piece = 1 + usize::from(bytes.first().copied().unwrap_or(0)) % 7;
    assert_eq!(whole, lines(bytes, piece), "where a line is cut depends on how it came");
    for line in whole {
        if let Line::Text(text) = line {
            assert!(text.len() <= MAX_LINE);
            command(&text);
        }
    }
});
