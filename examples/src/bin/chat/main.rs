//! A chat: rooms are topics, messages are components, and who reads a topic is who is there.
//!
//! [`chat`] is the chat itself, [`view`] what is published of it, [`page`] the pages, [`entry`] how people come in.

mod chat;
mod entry;
mod page;
mod view;

use std::future::ready;
use std::io;
use std::process::ExitCode;

use htmx_ws_components::{Hub, HubBuilder, Inbound};
use htmx_ws_examples::args::{self, Args};
use htmx_ws_examples::site::Site;

use crate::chat::Chat;
use crate::page::App;
use crate::view::{Dismiss, Remove, Say};

const USAGE: &str = "\
A chat in the browser, with a moderator.

usage: chat [options]

";

#[tokio::main]
async fn main() -> ExitCode {
    let parsed = args::parse(std::env::args_os().skip(1), |_, _| Ok(false));
    let args = match args::or_exit(parsed, USAGE) {
        Ok(args) => args,
        Err(code) => return code,
    };
    match run(&args).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(args: &Args) -> io::Result<()> {
    let chat = Chat::default();
    let site = Site::of(hub(&chat), args)?;
    let app = App { hub: site.hub().clone(), chat, policy: site.policy() };
    site.serve(page::routes(), app, || ()).await
}

/// The field `action` of what a page sends says which of these gets it.
fn hub(chat: &Chat) -> HubBuilder {
    let (say, remove, dismiss) = (chat.clone(), chat.clone(), chat.clone());
    Hub::builder()
        .on("say", move |message: Inbound<Say>| ready(view::say(&say, &message)))
        .on("remove", move |message: Inbound<Remove>| ready(view::remove(&remove, &message)))
        .on("dismiss", move |message: Inbound<Dismiss>| ready(view::dismiss(&dismiss, &message)))
        .presence(view::present)
}
