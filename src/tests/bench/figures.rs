//! Numbers out of measurements.

use std::time::{Duration, Instant};

/// The median and the 99th percentile, in milliseconds.
pub fn percentiles(latencies: &mut [Duration]) -> (f64, f64) {
    latencies.sort_unstable();
    let at = |share: f64| latencies[((latencies.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
    (at(0.5), at(0.99))
}

/// How long each of `times` runs took, after one that fills the caches.
pub async fn repeat(times: usize, mut run: impl AsyncFnMut()) -> Vec<Duration> {
    run().await;
    let mut latencies = Vec::with_capacity(times);
    for _ in 0..times {
        let at = Instant::now();
        run().await;
        latencies.push(at.elapsed());
    }
    latencies
}
