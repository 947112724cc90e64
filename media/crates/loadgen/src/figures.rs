//! What is counted: delays, CPU time, memory.

use std::time::Duration;

/// Delays in steps of 0.1 ms, up to 100 ms.
pub struct Delays(Vec<u64>);

impl Default for Delays {
    fn default() -> Self {
        Delays(vec![0; 1000])
    }
}

impl Delays {
    pub fn add(&mut self, delay: Duration) {
        let step = (delay.as_micros() / 100) as usize;
        let last = self.0.len() - 1;
        self.0[step.min(last)] += 1;
    }

    /// In ms; the step in which it lies.
    pub fn percentile(&self, share: f64) -> f64 {
        let total: u64 = self.0.iter().sum();
        let mut seen = 0;
        for (step, count) in self.0.iter().enumerate() {
            seen += count;
            if seen as f64 >= total as f64 * share {
                return step as f64 / 10.0;
            }
        }
        0.0
    }
}

/// User and system time of a process, all threads, in seconds.
pub fn cpu_seconds(pid: u32) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // The name of the process may hold spaces; the fields follow its closing bracket.
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or("").split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|t| t.parse::<f64>().ok()).unwrap_or(0.0);
    (ticks(11) + ticks(12)) / rustix::param::clock_ticks_per_second() as f64
}

/// Resident memory.
pub fn memory_kb(pid: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or("");
    line.split_whitespace().nth(1).and_then(|kb| kb.parse().ok()).unwrap_or(0.0)
}

pub fn round(value: f64, digits: i32) -> f64 {
    let scale = 10f64.powi(digits);
    (value * scale).round() / scale
}
