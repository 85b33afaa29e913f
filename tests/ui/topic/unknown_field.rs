use htmx_ws_components::{ProgressBar, Topic};

#[derive(Topic)]
#[topic(name = "job-{job}", carries(JobProgress))]
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

fn main() {}
