//! axe-core, which looks at a page as those who test for accessibility do.

use std::fs;

use serde_json::{Value, json};

use crate::browser::Tab;
use crate::workspace;

/// That axe finds what is wrong, in a place of its own.
const CONTROL: &str = "(() => {
    document.body.insertAdjacentHTML('beforeend', '<img id=control src=/icon.svg>');
    const control = document.querySelector('#control');
    return axe.run(control).then(({ violations }) => (control.remove(), violations.some(({ id }) => id === 'image-alt')));
})()";

/// Each rule that is broken, with the elements that break it.
const VIOLATIONS: &str = "axe.run(document, { resultTypes: ['violations'] }).then(({ violations, passes }) => ({
    broken: violations.map(({ id, nodes }) => id + ': ' + nodes.map(node => node.html + ' ' + node.failureSummary).join('\\n  ')),
    kept: passes.length,
}))";

/// Shows the tab as a reader sees it who prefers `light` or `dark`, and no motion: so that no colour is looked at half-way.
pub async fn prefer(tab: &Tab, scheme: &str) {
    let features = json!([{ "name": "prefers-color-scheme", "value": scheme }, { "name": "prefers-reduced-motion", "value": "reduce" }]);
    tab.cdp("Emulation.setEmulatedMedia", json!({ "features": features })).await;
}

/// The rules that the page breaks, each with the elements that break it.
pub async fn violations(tab: &Tab) -> Vec<String> {
    let axe = fs::read_to_string(workspace::node_modules().join("axe-core/axe.min.js")).expect("axe-core is installed");
    tab.eval::<()>(&format!("(() => {{\n{axe}\n}})()")).await;
    assert!(tab.eval::<bool>(CONTROL).await, "axe sees an image that says nothing");
    let found: Value = tab.eval(VIOLATIONS).await;
    assert!(found["kept"].as_u64().is_some_and(|kept| kept > 20), "axe has looked at something: {found}");
    found["broken"].as_array().into_iter().flatten().filter_map(Value::as_str).map(ToOwned::to_owned).collect()
}
