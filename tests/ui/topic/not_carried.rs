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

#[derive(ProgressBar)]
#[component(id = "job-{number}-memory")]
struct JobMemory {
    number: u64,
    #[progress(value)]
    bytes: u64,
}

fn main() {
    Hub::new().publish(&JobTopic { id: 7 }, &JobMemory { number: 7, bytes: 0 });
}
