// Morphing on htmx 2, by idiomorph. Its own extension takes every swap for one of the element itself, so that the wrappers of frames land in the page.
(() => {
  "use strict";
  // `morph-wrapped`: the element stands in a wrapper, as a row in `<tbody>`.
  const STYLES = { morph: "outerHTML", "morph:outerHTML": "outerHTML", "morph:innerHTML": "innerHTML", "morph-wrapped": "outerHTML" };
  const STATES = { value: "defaultValue", checked: "defaultChecked", selected: "defaultSelected" };
  const kept = new WeakMap();

  const callbacks = {
    // What a reader has typed or chosen stays, unless the markup says something new: as on htmx 4.
    beforeNodeMorphed: (node, next) => {
      const stays = ([name, initial]) =>
        initial in node && (node[initial] === next[initial] || (name === "value" && node === document.activeElement));
      kept.set(node, Object.entries(STATES).filter(stays).map(([name]) => name));
    },
    beforeAttributeUpdated: (name, element) => !(kept.get(element) || []).includes(name),
  };

  const morph = (target, nodes, morphStyle) => {
    if (window.Idiomorph) return Idiomorph.morph(target, nodes, { morphStyle, callbacks });
    console.error("htmx-ws: idiomorph is not loaded, so elements are replaced");
    const copy = [...nodes];
    if (morphStyle === "innerHTML") target.replaceChildren(...copy);
    else target.replaceWith(...copy);
    return copy;
  };

  htmx.defineExtension("morph", {
    isInlineSwap: (style) => style !== "morph-wrapped" && STYLES[style] === "outerHTML",
    handleSwap: (style, target, fragment) => STYLES[style] && morph(target, fragment.children, STYLES[style]),
  });

  // For every element of the page, whatever it says itself.
  const root = document.documentElement;
  root.setAttribute("hx-ext", [root.getAttribute("hx-ext"), "morph"].filter(Boolean).join());
})();
