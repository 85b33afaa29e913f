//! What a browser sends, and how fast it may.

use std::time::Duration;

use tokio::time::Instant;

/// How many messages a connection may send.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rate {
    pub(crate) per_second: u32,
    pub(crate) burst: u32,
}

/// A token bucket: full at the start, one token back each `1 / per_second`. The rate is passed in, as all buckets have the same.
#[derive(Debug)]
pub(crate) struct Bucket {
    tokens: f64,
    refilled: Instant,
}

impl Bucket {
    pub(crate) fn new(rate: Rate, now: Instant) -> Self {
        Self { tokens: f64::from(rate.burst), refilled: now }
    }

    /// Takes a token; false when there is none.
    pub(crate) fn take(&mut self, rate: Rate, now: Instant) -> bool {
        let passed: Duration = now.saturating_duration_since(self.refilled);
        self.refilled = now;
        let refill = passed.as_secs_f64() * f64::from(rate.per_second);
        self.tokens = (self.tokens + refill).min(f64::from(rate.burst));
        let is_allowed = self.tokens >= 1.0;
        if is_allowed {
            self.tokens -= 1.0;
        }
        is_allowed
    }
}

/// What our script says of its page, and no handler gets: the URL with which it would connect now. None where the message is another one.
pub(crate) fn control(text: &[u8]) -> Option<String> {
    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Control {
        #[serde(rename = "htmx-ws")]
        url: String,
    }
    text.starts_with(br#"{"htmx-ws":""#).then(|| serde_json::from_slice(text).ok()).flatten().map(|Control { url }| url)
}

/// What a message was, where it was not one that someone handles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unanswerable {
    NotJson,
    Binary,
    Unhandled,
}

impl Unanswerable {
    pub(crate) fn classify(text: &[u8]) -> Self {
        match serde_json::from_slice::<serde::de::IgnoredAny>(text) {
            Ok(_) => Self::Unhandled,
            Err(_) => Self::NotJson,
        }
    }

    /// The answer: JSON, which neither generation of htmx swaps into the page, under the one key that is the kit's own.
    pub(crate) fn answer(self) -> &'static str {
        match self {
            Self::NotJson => r#"{"htmx-ws":{"error":"not-json","message":"the message is not JSON; it was not handled"}}"#,
            Self::Binary => r#"{"htmx-ws":{"error":"binary","message":"binary messages are not read; send text"}}"#,
            Self::Unhandled => r#"{"htmx-ws":{"error":"unhandled","message":"nobody handles messages from the browser here"}}"#,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_allows_the_burst_and_then_the_rate() {
        let start = Instant::now();
        let rate = Rate { per_second: 2, burst: 3 };
        let mut bucket = Bucket::new(rate, start);
        let allowed = |bucket: &mut Bucket, millis| bucket.take(rate, start + Duration::from_millis(millis));
        assert!(allowed(&mut bucket, 0) && allowed(&mut bucket, 0) && allowed(&mut bucket, 0));
        assert!(!allowed(&mut bucket, 400));
        assert!(allowed(&mut bucket, 900));
        assert!(!allowed(&mut bucket, 901));
        assert!((0..3).all(|_| allowed(&mut bucket, 60_000)) && !allowed(&mut bucket, 60_000));
    }

    #[test]
    fn an_answer_has_no_key_that_htmx_4_would_swap() {
        for problem in [Unanswerable::NotJson, Unanswerable::Binary, Unanswerable::Unhandled] {
            let json: serde_json::Value = serde_json::from_str(problem.answer()).unwrap();
            assert_eq!(json.as_object().unwrap().keys().collect::<Vec<_>>(), ["htmx-ws"]);
            assert!(!problem.answer().contains('<'));
        }
    }
}
