#![deny(warnings)]

use std::fmt::Display;

use htmx_ws_components::{Component, DomId, Patch, ProgressBar, ProgressValue, ToPatch, Topic, TopicFor};

#[derive(ProgressBar)]
#[component(id = "job-{0}-progress")]
struct JobProgress(u64, #[progress(value)] u8);

#[derive(ProgressBar)]
#[component(id = "job-{0}-memory")]
struct JobMemory<'a, T: ProgressValue>(&'a str, #[progress(value)] T);

/// By hand, so it has no template.
struct Title;

impl Component for Title {
    const NESTING: htmx_ws_components::Nesting = htmx_ws_components::Nesting::Leaf;

    fn id(&self) -> DomId {
        DomId::new("title").unwrap()
    }

    fn render_to(&self, buffer: &mut String) {
        buffer.push_str("<h1></h1>");
    }
}

struct Job {
    id: u64,
}

#[derive(Topic)]
#[topic(name = "{job.id}/jobs of {user}")]
#[topic(carries(JobProgress, JobMemory<'_, u8>, Title))]
struct JobTopic {
    job: Job,
    user: &'static str,
}

#[derive(Topic)]
#[topic(name = "part-{0}", carries(JobProgress, JobMemory<'a, T>))]
struct Part<'a, T: Display + ProgressValue, const N: usize>(&'a T)
where
    T: Copy;

#[derive(Topic)]
#[topic(name = "news", carries(Title), crate = ::htmx_ws_components)]
struct News;

#[derive(Topic)]
#[topic(name = "all of {user}", carries(Everything))]
struct All<'a> {
    user: &'a str,
}

type Everything = Title;

fn publish<V: ToPatch>(topic: impl TopicFor<V>, _value: &V) -> String {
    topic.topic_for().unwrap().to_string()
}

fn main() {
    let topic = JobTopic { job: Job { id: 7 }, user: "a/b" };
    assert_eq!(publish(&topic, &JobProgress(7, 0)), "7/jobs of a_2fb");
    assert_eq!(publish(&topic, &JobMemory("7", 0)), "7/jobs of a_2fb");
    assert_eq!(publish(&topic, &Title), "7/jobs of a_2fb");
    assert_eq!(publish(&topic, &Patch::remove(Title.id())), "7/jobs of a_2fb");
    assert_eq!(Topic::try_from(&topic).unwrap().as_str(), "7/jobs of a_2fb");

    assert_eq!(publish(&Part::<_, 3>(&5), &JobMemory("7", 5)), "part-5");
    assert_eq!(publish(&News, &Title), "news");
    assert_eq!(publish(&All { user: "x" }, &Title), "all of x");

    assert_eq!(publish("news", &Title), "news");
    assert_eq!(publish(String::from("news"), &Patch::remove(Title.id())), "news");
    assert_eq!(publish(&String::from("news"), &Title), "news");
    assert_eq!(publish(Topic::new("news").unwrap(), &Title), "news");
    assert_eq!(publish(&Topic::new("news").unwrap(), &JobProgress(7, 0)), "news");
}
