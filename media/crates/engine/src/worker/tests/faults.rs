//! A fault in one leg ends that leg, with an event; the others talk on.

use std::time::Duration;

use serde_json::json;

use super::kit::{Bench, id};
use crate::worker::work::Work;

/// Three legs that hear each other; `b` fails in `place`, and `a` and `c` must not notice.
fn only_the_failing_leg_ends(place: &str, mixed: bool) {
    let mut bench = Bench::new();
    bench.room("r");
    let mut a = bench.phone("a", "r", &json!({}));
    let mut b = bench.phone("b", "r", &json!({}));
    let c = bench.phone("c", "r", &json!({}));
    if place == "detect" {
        let request = json!({"leg": "b", "talk": true});
        bench.ask(Work::DetectSet(serde_json::from_value(request).unwrap())).unwrap();
    }
    let heard_by_a = if mixed { json!(["b", "c"]) } else { json!(["c"]) };
    let heard_by_b = if place == "serve" { json!(["a", "c"]) } else { json!(["a"]) };
    bench.hear("r", &json!({"a": heard_by_a, "b": heard_by_b, "c": ["a"]}));
    let tag = Box::new(serde_json::from_value(json!({"tag": format!("panic:{place}")})).unwrap());
    bench.ask(Work::LegUpdate { leg: id("b"), fields: tag }).unwrap();
    for _ in 0..5 {
        a.say(0x20);
        b.say(0x21);
        std::thread::sleep(Duration::from_millis(5));
    }
    let closed = bench.event("leg.closed");
    assert_eq!((&closed["leg"], &closed["reason"]), (&json!("b"), &json!("failed")), "{place}");
    assert_eq!(closed["room"], "r");
    assert!(c.hears(&mut a, 0x33), "{place}: the others do not hear each other any more");
    let list = bench.ask(Work::List).unwrap();
    assert_eq!(list["rooms"][0]["legs"], json!(["a", "c"]));
    // The name is free, the slot too.
    let mut again = bench.phone("b", "r", &json!({}));
    bench.hear("r", &json!({"a": ["b"], "c": ["b"]}));
    assert!(a.hears(&mut again, 0x44) && c.hears(&mut again, 0x44));
    bench.ask(Work::LegClose { leg: id("b") }).unwrap();
    assert_ne!(bench.ask(Work::Stats).unwrap()["panics"], 0);
}

#[test]
fn a_fault_while_a_packet_is_read_ends_that_leg_only() {
    only_the_failing_leg_ends("packet", false);
}

#[test]
fn a_fault_while_a_packet_is_passed_on_ends_the_leg_that_gets_it() {
    only_the_failing_leg_ends("relay", false);
}

#[test]
fn a_fault_while_a_mouth_is_decoded_ends_that_leg_only() {
    only_the_failing_leg_ends("decode", true);
}

#[test]
fn a_fault_while_an_ear_is_served_ends_that_leg_only() {
    only_the_failing_leg_ends("serve", true);
}

#[test]
fn a_fault_in_detection_ends_that_leg_only() {
    only_the_failing_leg_ends("detect", false);
}

#[test]
fn a_fault_in_a_visit_ends_that_leg_only() {
    only_the_failing_leg_ends("visit", false);
}
