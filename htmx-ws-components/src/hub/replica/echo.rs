//! How far a node is behind what the nodes say: it hears itself as it hears the others.

use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;

/// What the node has said and not heard yet, and how long that took the last time.
#[derive(Debug, Default)]
pub(super) struct Echo {
    /// The last record, and since when something is waited for.
    said: Option<(Bytes, Instant)>,
    took: Duration,
}

impl Echo {
    /// It begins to say this.
    pub(super) fn say(&mut self, record: &Bytes, now: Instant) {
        let since = self.said.take().map_or(now, |(_, since)| since);
        self.said = Some((record.clone(), since));
    }

    pub(super) fn hear(&mut self, record: &Bytes) {
        if let Some((_, since)) = self.said.take_if(|(said, _)| said == record) {
            self.took = since.elapsed();
        }
    }

    /// How long the last record took; longer, as soon as the present one has taken longer.
    pub(super) fn lag(&self) -> Duration {
        self.said.as_ref().map_or(self.took, |(_, since)| since.elapsed().max(self.took))
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_lag_is_that_of_the_last_one_heard_and_grows_while_nothing_comes() {
        let (mut echo, second) = (Echo::default(), Duration::from_secs(1));
        let [one, other] = ["one", "other"].map(Bytes::from);
        echo.say(&one, Instant::now());
        advance(2 * second).await;
        echo.hear(&other);
        assert_eq!(echo.lag(), 2 * second, "it has not been heard");
        echo.hear(&one);
        advance(second).await;
        assert_eq!(echo.lag(), 2 * second);
        echo.say(&one, Instant::now());
        advance(second).await;
        assert_eq!(echo.lag(), 2 * second);
        // Said again in other words, as nobody took it.
        echo.say(&other, Instant::now());
        advance(2 * second).await;
        assert_eq!(echo.lag(), 3 * second);
        echo.hear(&other);
        echo.say(&one, Instant::now());
        echo.hear(&one);
        assert_eq!(echo.lag(), Duration::ZERO);
    }
}
