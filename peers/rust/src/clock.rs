//! The time limit of a test.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use crate::errors::{Failure, Status};

pub struct Clock {
    limit: Duration,
    deadline: Instant,
}

impl Clock {
    pub fn new(limit: Duration) -> Self {
        Self { limit, deadline: Instant::now() + limit }
    }

    /// Wait for a future, at most until the time limit. At the limit, return a failure that names the stage.
    pub async fn within<T>(&self, stage: &str, work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
        let overdue = || {
            let line = format!("expected a result within {} s, found none: still {stage}", self.limit.as_secs_f64());
            Failure::new(Status::Time, line)
        };
        timeout_at(self.deadline, work).await.unwrap_or_else(|_| Err(overdue()))
    }
}
