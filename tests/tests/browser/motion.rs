//! A bar that moves: where an update morphs, the fill glides from what it showed to what it must show, unless the reader wants no motion.

use htmx_ws_components::{Htmx, Hub};
use htmx_ws_tests::browser::{Browser, Tab};
use htmx_ws_tests::site::Site;
use htmx_ws_tests::socket::serve;
use serde_json::json;

/// Notes in each frame how much of the track the fill covers, in percent, and the transitions of the fill.
const WATCH: &str = "void (() => {
    const track = document.querySelector('#progress [role=progressbar]');
    window.fill = track.firstElementChild;
    window.covered = () => 100 * fill.getBoundingClientRect().width / track.clientWidth;
    window.seen = [];
    window.glides = 0;
    const look = () => { seen.push(covered()); requestAnimationFrame(look); };
    look();
    fill.addEventListener('transitionrun', () => { glides += 1; });
})()";

/// The page with its bar at 20, watched, on its way to 80. A transition takes ten times as long as for a reader, so that even a busy machine draws some of it.
async fn moving(browser: &Browser, htmx: Htmx, motion: &str) -> Tab {
    let site = Site::new(Hub::builder(), htmx);
    site.count(20);
    let addr = serve(site.router()).await;
    let tab = browser.tab("about:blank").await;
    let features = json!([{ "name": "prefers-reduced-motion", "value": motion }]);
    tab.cdp("Emulation.setEmulatedMedia", json!({ "features": features })).await;
    tab.cdp("Animation.enable", json!({})).await;
    tab.cdp("Animation.setPlaybackRate", json!({ "playbackRate": 0.1 })).await;
    tab.goto(&format!("http://{addr}/")).await;
    tab.wait_until("the connection is open", "document.documentElement.dataset.live === 'open'").await;
    tab.eval::<()>(WATCH).await;
    site.count(80);
    tab.wait_for_text("#count", "80").await;
    tab
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bar_glides_where_an_update_morphs() {
    let browser = Browser::start().await;
    for htmx in [Htmx::V2Morph, Htmx::V4] {
        let tab = moving(&browser, htmx, "no-preference").await;
        tab.wait_until("the bar is on its way", "seen.some((percent) => percent > 25 && percent < 75)").await;
        tab.cdp("Animation.setPlaybackRate", json!({ "playbackRate": 1 })).await;
        tab.wait_until("the bar has arrived", "Math.abs(covered() - 80) < 1").await;
        let frames: Vec<f64> = tab.eval("seen").await;
        assert!(frames.is_sorted() && frames[0] > 19.0, "{htmx:?}: never back: {frames:?}");
        let is_the_same = "document.querySelector('#progress [role=progressbar]').firstElementChild === fill";
        assert!(tab.eval::<bool>(is_the_same).await, "{htmx:?}: the element is kept");
        let errors = tab.console_errors().await;
        assert!(errors.iter().all(|error| error.contains("htmx:oobErrorNoTarget")), "{errors:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bar_jumps_for_a_reader_who_wants_no_motion() {
    let browser = Browser::start().await;
    for htmx in [Htmx::V2Morph, Htmx::V4] {
        let tab = moving(&browser, htmx, "reduce").await;
        tab.wait_until("the bar has arrived", "Math.abs(covered() - 80) < 1").await;
        assert_eq!(tab.eval::<u32>("glides").await, 0, "{htmx:?}");
        let frames: Vec<f64> = tab.eval("seen").await;
        let is_at_an_end = |percent: &f64| [20.0, 80.0].iter().any(|end| (percent - end).abs() < 1.0);
        assert!(frames.iter().all(is_at_an_end), "{htmx:?}: {frames:?}");
    }
}
