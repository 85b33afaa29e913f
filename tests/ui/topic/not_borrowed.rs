use htmx_ws_components::{Hub, ProgressBar, Topic};

#[derive(Topic)]
#[topic(name = "job-{id}", carries(JobProgress))]
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

fn main() {
    Hub::new().publish(JobTopic { id: 7 }, &JobProgress { job: 7, percent: 0 });
}
