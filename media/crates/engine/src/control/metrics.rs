//! The workers' figures in the Prometheus text format.

use std::fmt::Write;

use serde_json::Value;

/// Name, kind, help, and the pointer into a worker's figures.
const METRICS: &[(&str, &str, &str, &str)] = &[
    ("legs", "gauge", "Legs alive.", "/legs"),
    ("rooms", "gauge", "Rooms alive.", "/rooms"),
    ("ticking_rooms", "gauge", "Rooms that mix or detect.", "/ticking_rooms"),
    ("records", "gauge", "Recordings on their way.", "/records"),
    ("packets_received_total", "counter", "Datagrams received.", "/received"),
    ("packets_relayed_total", "counter", "Packets passed through undecoded.", "/relayed"),
    ("frames_mixed_total", "counter", "Frames of 20 ms mixed.", "/mixed_frames"),
    ("phases_skipped_total", "counter", "Steps of 2 ms left out.", "/skipped_phases"),
    ("panics_total", "counter", "Faults caught inside the engine.", "/panics"),
    ("cpu_milliseconds_total", "counter", "CPU time of the worker.", "/cpu_ms"),
    ("longest_pass_milliseconds", "gauge", "Longest turn of the loop.", "/longest_pass_ms"),
    ("dropped_foreign", "gauge", "Packets of strangers to live legs.", "/dropped/foreign"),
    ("dropped_malformed", "gauge", "Unreadable packets to live legs.", "/dropped/malformed"),
    ("dropped_flood", "gauge", "Packets over the rate cap.", "/dropped/flood"),
    (
        "dropped_unauthenticated",
        "gauge",
        "Packets with a wrong tag to live legs.",
        "/dropped/unauthenticated",
    ),
];

pub fn text(workers: &[Value]) -> String {
    let mut text = String::new();
    for (name, kind, help, pointer) in METRICS {
        let _ = writeln!(text, "# HELP centrala_media_{name} {help}");
        let _ = writeln!(text, "# TYPE centrala_media_{name} {kind}");
        for figures in workers {
            if let Some(value) = figures.pointer(pointer) {
                let worker = &figures["worker"];
                let _ = writeln!(text, "centrala_media_{name}{{worker=\"{worker}\"}} {value}");
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_worker_has_a_line_for_every_figure() {
        let figures = serde_json::json!({"worker": 1, "legs": 7, "dropped": {"flood": 3}});
        let text = text(&[figures]);
        assert!(text.contains("# TYPE centrala_media_legs gauge\n"));
        assert!(text.contains("centrala_media_legs{worker=\"1\"} 7\n"));
        assert!(text.contains("centrala_media_dropped_flood{worker=\"1\"} 3\n"));
    }
}
