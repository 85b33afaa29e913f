#[derive(Topic)]
#[topic(name = "job-{id}", carries(JobStatus, job::Progress, Log<'_>))]
struct JobTopic {
    id: u64,
}

// expands to

#[automatically_derived]
#[allow(deprecated, unused_qualifications)]
#[allow(clippy::elidable_lifetime_names, clippy::needless_lifetimes)]
impl<'__topic> ::htmx_ws_components::TopicFor<::htmx_ws_components::Patch>
for &'__topic JobTopic {
    fn topic_for(
        self,
    ) -> ::core::result::Result<
        ::htmx_ws_components::Topic,
        ::htmx_ws_components::InvalidTopic,
    > {
        ::htmx_ws_components::private::named(|__buffer| ::htmx_ws_components::private::write_id(
            __buffer,
            "job-",
            &self.id,
        ))
    }
}
#[automatically_derived]
#[allow(deprecated, unused_qualifications)]
#[allow(clippy::elidable_lifetime_names, clippy::needless_lifetimes)]
impl<'__topic> ::htmx_ws_components::TopicFor<JobStatus> for &'__topic JobTopic {
    fn topic_for(
        self,
    ) -> ::core::result::Result<
        ::htmx_ws_components::Topic,
        ::htmx_ws_components::InvalidTopic,
    > {
        <Self as ::htmx_ws_components::TopicFor<
            ::htmx_ws_components::Patch,
        >>::topic_for(self)
    }
}
#[automatically_derived]
#[allow(deprecated, unused_qualifications)]
#[allow(clippy::elidable_lifetime_names, clippy::needless_lifetimes)]
impl<'__topic> ::htmx_ws_components::TopicFor<job::Progress> for &'__topic JobTopic {
    fn topic_for(
        self,
    ) -> ::core::result::Result<
        ::htmx_ws_components::Topic,
        ::htmx_ws_components::InvalidTopic,
    > {
        <Self as ::htmx_ws_components::TopicFor<
            ::htmx_ws_components::Patch,
        >>::topic_for(self)
    }
}
#[automatically_derived]
#[allow(deprecated, unused_qualifications)]
#[allow(clippy::elidable_lifetime_names, clippy::needless_lifetimes)]
impl<'__topic> ::htmx_ws_components::TopicFor<Log<'_>> for &'__topic JobTopic {
    fn topic_for(
        self,
    ) -> ::core::result::Result<
        ::htmx_ws_components::Topic,
        ::htmx_ws_components::InvalidTopic,
    > {
        <Self as ::htmx_ws_components::TopicFor<
            ::htmx_ws_components::Patch,
        >>::topic_for(self)
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
        <&_ as ::htmx_ws_components::TopicFor<
            ::htmx_ws_components::Patch,
        >>::topic_for(__topic)
    }
}
const _: () = {
    #[allow(unused_imports)]
    use ::htmx_ws_components::private::NoShape as _;
    ::core::assert!(
        !
        ::htmx_ws_components::private::can_meet(::htmx_ws_components::private::ShapeOf::
        < JobStatus > ::SHAPE, ::htmx_ws_components::private::ShapeOf:: < job::Progress >
        ::SHAPE),
        "`JobStatus` and `job::Progress` have one id template; give them different ones, or one takes the other's place in the page"
    );
    ::core::assert!(
        !
        ::htmx_ws_components::private::can_meet(::htmx_ws_components::private::ShapeOf::
        < JobStatus > ::SHAPE, ::htmx_ws_components::private::ShapeOf:: < Log < '_ > >
        ::SHAPE),
        "`JobStatus` and `Log<'_>` have one id template; give them different ones, or one takes the other's place in the page"
    );
    ::core::assert!(
        !
        ::htmx_ws_components::private::can_meet(::htmx_ws_components::private::ShapeOf::
        < job::Progress > ::SHAPE, ::htmx_ws_components::private::ShapeOf:: < Log < '_ >
        > ::SHAPE),
        "`job::Progress` and `Log<'_>` have one id template; give them different ones, or one takes the other's place in the page"
    );
};
