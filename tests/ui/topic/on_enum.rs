use htmx_ws_components::{ProgressBar, Topic};

#[derive(Topic)]
#[topic(name = "job", carries(JobProgress))]
enum JobTopic {}

#[derive(ProgressBar)]
#[component(id = "job-{job}")]
struct JobProgress {
    job: u64,
    #[progress(value)]
    percent: u8,
}

fn main() {}
