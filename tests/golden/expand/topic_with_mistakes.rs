#[derive(Topic)]
#[topic(name = "job-{di}")]
struct JobTopic {
    id: u64,
}

// expands to

::core::compile_error! {
    "unknown field `di`; expected one of: `id`"
}
::core::compile_error! {
    "missing key `carries`; write `#[topic(carries(JobStatus))]` on the struct, with your components"
}
#[automatically_derived]
#[allow(deprecated, unused_qualifications)]
#[allow(clippy::elidable_lifetime_names, clippy::needless_lifetimes)]
impl<
    '__topic,
    __V: ::htmx_ws_components::ToPatch + ?::core::marker::Sized,
> ::htmx_ws_components::TopicFor<__V> for &'__topic JobTopic {
    fn topic_for(
        self,
    ) -> ::core::result::Result<
        ::htmx_ws_components::Topic,
        ::htmx_ws_components::InvalidTopic,
    > {
        loop {}
    }
}
#[automatically_derived]
#[allow(deprecated, unused_qualifications)]
#[allow(clippy::elidable_lifetime_names, clippy::needless_lifetimes)]
impl<'__topic> ::core::convert::TryFrom<&'__topic JobTopic>
for ::htmx_ws_components::Topic {
    type Error = ::htmx_ws_components::InvalidTopic;
    #[allow(unused_variables)]
    fn try_from(
        __topic: &'__topic JobTopic,
    ) -> ::core::result::Result<
        ::htmx_ws_components::Topic,
        ::htmx_ws_components::InvalidTopic,
    > {
        loop {}
    }
}
