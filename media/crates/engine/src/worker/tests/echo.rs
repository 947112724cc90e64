//! A leg that hears itself: the echo test of a phone.

use serde_json::json;

use super::kit::Bench;

#[test]
fn a_leg_alone_in_its_room_may_hear_itself() {
    let mut bench = Bench::new();
    bench.room("r");
    let mut a = bench.phone("a", "r", &json!({}));
    bench.hear("r", &json!({"a": ["a"]}));
    assert!(a.hears_itself(0x25));
}
