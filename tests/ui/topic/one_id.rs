use htmx_ws_components::{ProgressBar, Topic};

#[derive(Topic)]
#[topic(name = "job-{id}", carries(JobProgress, JobMemory))]
struct JobTopic {
    id: u64,
}

#[derive(ProgressBar)]
#[component(id = "job-{job}")]
struct JobProgress {
    job: u64,
    #[progress(value)]
    percent: u8,
}

#[derive(ProgressBar)]
#[component(id = "job-{number}")]
struct JobMemory {
    number: u64,
    #[progress(value)]
    bytes: u64,
}

fn main() {}
