#![deny(warnings)]
#![allow(dead_code)]

use htmx_ws_components::{Component, Status, StatusBadge};

struct Job {
    id: u64,
    place: (u8, Pair),
    r#type: &'static str,
}

struct Pair(u8, u8);

#[derive(Status)]
enum State {
    #[status(label = "Failed in {job.type}: {job}, {job.place.1.0}")]
    Failed {
        job: Box<Job>,
    },
    #[status(label = "{0.1} and {0.0} of {0.1}")]
    Partly(Pair),
}

impl std::fmt::Display for Job {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "job {}", self.id)
    }
}

#[derive(StatusBadge)]
#[component(id = "job-{job.id}-{job.place.1.1}-{job.type}")]
struct Badge<'a> {
    job: &'a Job,
    #[badge(status)]
    state: State,
}

#[derive(StatusBadge)]
#[component(id = "cell-{0.1}-{0.0}")]
struct Cell(Pair, #[badge(status)] State);

fn main() {
    let job = || Job { id: 7, place: (1, Pair(2, 3)), r#type: "a b" };
    let badge = Badge { job: &job(), state: State::Partly(Pair(4, 5)) };
    assert_eq!(badge.id().as_str(), "job-7-3-a_20b");
    assert_eq!(badge.state.label(), "5 and 4 of 5");
    let cell = Cell(Pair(1, 2), State::Failed { job: Box::new(job()) });
    assert_eq!(cell.id().as_str(), "cell-2-1");
    assert_eq!(cell.1.label(), "Failed in a b: job 7, 2");
}
