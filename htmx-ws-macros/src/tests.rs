//! The phases together: what an item expands to, and all that is said about one with mistakes.

use proc_macro2::TokenStream;
use syn::DeriveInput;

use crate::vocabulary::{COMPONENT, Derive, OVERLAY, PROGRESS_BAR, STATUS_ATTRIBUTE, STATUS_BADGE, TIMELINE_STEP, TOPIC_ATTRIBUTE};
use crate::{expand_component, expand_status, parse, validate};

/// Checks the messages, in their order; none means that the item is accepted.
#[track_caller]
fn check(derive: &'static Derive, input: &str, expected: &[&str]) {
    let input: DeriveInput = syn::parse_str(input).unwrap();
    let written = parse::parse(input, derive.attributes());
    check_messages(validate::component::validate(written, derive).err(), expected);
}

#[track_caller]
fn check_status(input: &str, expected: &[&str]) {
    let input: DeriveInput = syn::parse_str(input).unwrap();
    check_messages(validate::status::validate(parse::parse(input, &[STATUS_ATTRIBUTE])).err(), expected);
}

#[track_caller]
fn check_messages(invalid: Option<Box<validate::Invalid>>, expected: &[&str]) {
    let messages = invalid.map(|invalid| invalid.error.into_iter().map(|error| error.to_string()).collect::<Vec<_>>());
    assert_eq!(messages.unwrap_or_default(), expected);
}

/// Checks that the expansion holds `expected`, whatever the white space.
#[track_caller]
fn check_holds(expansion: &TokenStream, expected: &str) {
    let bare = |text: &str| text.split_whitespace().collect::<String>();
    let expansion = expansion.to_string();
    assert!(bare(&expansion).contains(&bare(expected)), "{expected}\n\nis not in\n\n{expansion}");
}

#[track_caller]
fn expand(derive: &'static Derive, input: &str) -> TokenStream {
    expand_component(syn::parse_str(input).unwrap(), derive)
}

#[test]
fn all_mistakes_of_an_item_are_said_at_once() {
    check(
        &PROGRESS_BAR,
        r#"#[component(id = "7 {fiel}", leaf, colour)] struct A { file: u8, #[progress(value, value = 1, labl)] percent: u8 }"#,
        &[
            "the id begins with `7`; begin it with an ASCII letter",
            "` ` cannot stand in an id; use ASCII letters, digits, `-` and `_`",
            "unknown field `fiel`; expected one of: `file`, `percent`; did you mean `file`?",
            "`leaf` belongs to `#[derive(Component)]`; remove it",
            "unknown key `colour`; expected one of: `id`, `list`, `classes`, `crate`",
            "duplicate role `value`; give it to one field, once",
            "unknown role `labl`; expected one of: `value`, `max`, `label`, `detail`, `tone`; did you mean `label`?",
        ],
    );
}

#[test]
fn what_was_written_with_a_mistake_is_not_missing_too() {
    check(&STATUS_BADGE, "#[component] struct A;", &["`#[component]` says nothing on its own; write `#[component(...)]`"]);
    check(
        &STATUS_BADGE,
        r"#[component(id = 5)] struct A(#[badge(statuss)] u8);",
        &[
            r#"`id` takes a string literal; write `id = "job-{job}"`"#,
            "unknown role `statuss`; expected one of: `status`, `label`, `title`; did you mean `status`?",
        ],
    );
    check(
        &COMPONENT,
        "#[component(render)] struct A;",
        &["`render` takes a path; write `render = Self::markup`", r#"missing key `id`; write `#[component(id = "...")]` on the struct"#],
    );
}

#[test]
fn an_id_keeps_its_fields_apart() {
    let accepted = ["a", "a-{x}", "a-{x}-{y}", "a{x}-b{y}", "a{x}b-{y}_", "a-{ x }"];
    for id in accepted {
        check(&COMPONENT, &format!(r#"#[component(id = "{id}", render = f)] struct A {{ x: u8, y: u8 }}"#), &[]);
    }
    for id in ["a{x}{y}", "a-{x}b{y}", "a-{x}_{y}-"] {
        let message = "no `-` between `{x}` and `{y}`; write one, or two values could give one id";
        check(&COMPONENT, &format!(r#"#[component(id = "{id}", render = f)] struct A {{ x: u8, y: u8 }}"#), &[message]);
    }
}

#[test]
fn the_wrong_item_gives_one_message() {
    check(&OVERLAY, "#[component(x)] enum A {}", &["`Overlay` is derived for a struct; make the enum a field of one"]);
    check_status("#[status(x)] struct A;", &["`Status` is derived for an enum; implement the trait by hand for a struct"]);
}

#[test]
fn a_status_says_all_its_mistakes_at_once() {
    check_status(
        r#"#[status(active)] enum A { #[status(tone = rd, label = "{1}", x)] B(u8), #[status(crate = a, tone = 5)] C(#[status(label)] u8) }"#,
        &[
            "`active` belongs on a variant; move it there",
            "unknown tone `rd`; expected one of: `neutral`, `info`, `success`, `warning`, `danger`",
            "unknown field `1`; expected one of: `0`",
            "unknown key `x`; expected one of: `tone`, `icon`, `active`, `terminal`, `label`",
            "`crate` belongs on the enum; move it there",
            "`tone` takes a word; write `tone = info`",
            "`#[status(...)]` belongs on the variant; move it there",
        ],
    );
}

#[track_caller]
fn check_topic(input: &str, expected: &[&str]) {
    let input: DeriveInput = syn::parse_str(input).unwrap();
    check_messages(validate::topic::validate(parse::parse(input, &[TOPIC_ATTRIBUTE])).err(), expected);
}

#[test]
fn a_topic_says_all_its_mistakes_at_once() {
    check_topic(
        r#"#[topic(name = "{a}b{c}\t{d}", colour, carries(A::<'_>, A<'_>, b::C<D, E>, b::C<D, E>))] struct A { a: u8, #[topic(x)] c: u8 }"#,
        &[
            "`\\t` cannot stand in a topic's name; leave control characters out",
            "no `-` between `{a}` and `{c}`; write one, or two values could give one name",
            "unknown field `d`; expected one of: `a`, `c`",
            "unknown key `colour`; expected one of: `name`, `carries`, `crate`",
            "`b::C<D, E>` is carried already; name it once",
            "`#[topic(...)]` belongs on the struct; move it there",
        ],
    );
    check_topic(
        "#[topic(carries(5), x)] struct A;",
        &[
            "`carries` takes types in parentheses; write `carries(JobStatus, JobProgress)`",
            "unknown key `x`; expected one of: `name`, `carries`, `crate`",
        ],
    );
    check_topic(
        "#[topic(carries(), name = x)] struct A;",
        &[
            "`carries` takes types in parentheses; write `carries(JobStatus, JobProgress)`",
            r#"`name` takes a string literal; write `name = "job-{id}"`"#,
        ],
    );
}

#[test]
fn a_name_keeps_its_fields_apart_by_what_no_value_holds() {
    for name in ["{x}", "{x}/{y}", "{x} and {y}", "{x}ü{y}", "{x.a}.{y.0}"] {
        check_topic(&format!(r#"#[topic(name = "{name}", carries(A))] struct A {{ x: u8, y: u8 }}"#), &[]);
    }
    for name in ["{x}{y}", "{x}and{y}", "{x}_{y}"] {
        let message = "no `-` between `{x}` and `{y}`; write one, or two values could give one name";
        check_topic(&format!(r#"#[topic(name = "{name}", carries(A))] struct A {{ x: u8, y: u8 }}"#), &[message]);
    }
}

#[test]
fn a_path_of_fields_is_names_with_dots() {
    for path in ["x", "x.y", "x.0", "x.0.1", "x.type", "x.y.z"] {
        check(&COMPONENT, &format!(r#"#[component(id = "a-{{{path}}}", render = f)] struct A {{ x: u8 }}"#), &[]);
    }
    for path in [".x", "x.", "x..y", "x.01", "x.+1", "x.self", "x.crate", "x._", "x.y()", "x. y", "x.r#y", "x.4294967296"] {
        let message = format!("`{path}` is no path of fields; write names with one `.` between them, as in `job.id`");
        check(&COMPONENT, &format!("#[component(id = r##\"a-{{{path}}}\"##, render = f)] struct A {{ x: u8 }}"), &[&message]);
    }
}

#[test]
fn a_render_of_its_own_is_not_implemented_again() {
    for path in ["Render::render", "maud::Render::render", "<Self as maud::Render>::render"] {
        let input = format!(r#"#[component(id = "a", crate = k, render = {path})] struct A;"#);
        check(&COMPONENT, &input, &[]);
        let expansion = expand(&COMPONENT, &input);
        check_holds(&expansion, &format!("let __markup: k::private::Markup = {path}(self); k::private::push_own("));
        assert!(!expansion.to_string().contains("Render for"), "{expansion}");
    }
    let message = "`Render::render_to` writes to a buffer; write `Render::render` where the type implements `Render` itself";
    check(&COMPONENT, r#"#[component(id = "a", render = Render::render_to)] struct A;"#, &[message]);
    for path in ["Self::render", "Renderer::render", "render", "Render::card"] {
        let input = format!(r#"#[component(id = "a", crate = k, render = {path})] struct A;"#);
        check(&COMPONENT, &input, &[]);
        check_holds(&expand(&COMPONENT, &input), "impl k::private::Render for A");
    }
}

#[test]
fn a_view_gets_its_arguments_in_its_own_order() {
    let input = r#"
        #[component(id = "s-{n}-x", list = "list-{n}")]
        struct A<'a, T: Status> where T: Copy { n: u8, #[step(detail)] d: Option<&'a str>, #[step(status)] s: T, #[step(title)] t: u8 }
    "#;
    let expansion = expand(&TIMELINE_STEP, input);
    check_holds(&expansion, "impl<'a, T: Status> ::htmx_ws_components::Component for A<'a, T> where T: Copy {");
    check_holds(&expansion, "const NESTING: ::htmx_ws_components::Nesting = ::htmx_ws_components::Nesting::Leaf;");
    check_holds(&expansion, r#"::htmx_ws_components::private::IdTemplate::new(__buffer, "s-").field(&self.n).text("-x").finish()"#);
    check_holds(&expansion, r#"::htmx_ws_components::private::list_of("list-", &self.n)"#);
    check_holds(&expansion, "private::TimelineStep::new(&::htmx_ws_components::private::IdOf(self), &self.t, &self.s)");
    check_holds(&expansion, ".detail(::htmx_ws_components::private::Probe::new(&self.d).optional())");
    check_holds(&expansion, "impl<'a, T: Status> ::htmx_ws_components::private::Render for A<'a, T> where T: Copy {");
}

#[test]
fn every_way_to_hand_over_a_field() {
    let bar = expand(&PROGRESS_BAR, r#"#[component(id = "a", crate = k)] struct A(#[progress(value, max, label, tone)] u8);"#);
    check_holds(&bar, "k::private::ProgressBar::new(&k::private::IdOf(self), k::private::ProgressValue::progress(&self.0))");
    check_holds(&bar, ".max(k::private::ProgressValue::progress(&self.0))");
    check_holds(&bar, ".label(::core::option::Option::<&dyn k::Text>::Some(&self.0)).tone(self.0).render_to(__buffer);");

    let step = r#"#[component(id = "a")] struct A(#[step(title, status, order)] u8);"#;
    check_holds(
        &expand(&TIMELINE_STEP, step),
        ".order(::core::option::Option::Some(::htmx_ws_components::private::Ordinal::ordinal(&self.0)))",
    );

    let overlay = r#"#[component(id = "a", bar_classes = D::<u8>::E, classes = super::C)] struct A(#[overlay(open, title, stat = "A", stat = "B", dismiss)] u8);"#;
    check_holds(
        &expand(&OVERLAY, overlay),
        r#".stats(&[("A", &self.0), ("B", &self.0)]).classes(&super::C).bar_classes(&D::<u8>::E).render_to(__buffer);"#,
    );
}

#[test]
fn a_component_of_the_users_is_a_branch_until_it_says_leaf() {
    let branch = expand(&COMPONENT, r#"#[component(id = "a", render = <Self as X>::y)] struct A;"#);
    check_holds(&branch, "::htmx_ws_components::Nesting::Branch;");
    check_holds(&branch, "let __markup: ::htmx_ws_components::private::Markup = <Self as X>::y(self); __buffer.push_str(&__markup.0);");
    let leaf = expand(&COMPONENT, r#"#[component(id = "a", render = y, leaf)] struct A;"#);
    check_holds(&leaf, "::htmx_ws_components::Nesting::Leaf;");
}

#[test]
fn a_status_binds_only_what_its_label_shows() {
    let input = r#"
        #[status(crate = k)]
        enum A { InProgress, #[status(label = "{{{0}}} {1} {0}", tone = danger, active)] B(u8, u8, u8), #[status(terminal)] C { x: u8 } }
    "#;
    let expansion = expand_status(syn::parse_str(input).unwrap());
    check_holds(&expansion, r#"Self::InProgress { .. } => k::private::Cow::Borrowed("In progress"),"#);
    let label = r#"Self::B { 0: __field0, 1: __field1, .. } => k::private::Cow::Owned(k::private::format!("{{{}}} {} {}", __field0, __field1, __field0)),"#;
    check_holds(&expansion, label);
    check_holds(&expansion, "Self::B { .. } => k::Tone::Danger, Self::C { .. } => k::Tone::Neutral,");
    check_holds(&expand_status(syn::parse_str("enum A {}").unwrap()), "match *self {}");
}

#[test]
fn an_item_with_mistakes_has_the_impls_too() {
    let inert = expand(&STATUS_BADGE, "#[component(crate = k)] enum A<T> {}");
    check_holds(&inert, "::core::compile_error!");
    check_holds(&inert, "impl<T> k::private::Render for A<T> {");
    let inert = expand(&STATUS_BADGE, r"#[component(crate = k)] struct A;");
    check_holds(&inert, "impl k::Component for A {");
    check_holds(&expand_status(syn::parse_str("struct A;").unwrap()), "impl ::htmx_ws_components::Status for A {");
}
