// Morphing on htmx 2, by idiomorph. Its own extension takes every swap for one of the element itself, so that the wrappers of frames land in the page.
(() => {
  "use strict";
  // `morph-wrapped`: the element stands in a wrapper, as a row in `<tbody>`.
  /** @type {Record<string, "outerHTML" | "innerHTML" | undefined>} */
  const STYLES = { morph: "outerHTML", "morph:outerHTML": "outerHTML", "morph:innerHTML": "innerHTML", "morph-wrapped": "outerHTML" };
  const STATES = { value: "defaultValue", checked: "defaultChecked", selected: "defaultSelected" };
  /** @type {WeakMap<Node, string[]>} */
  const kept = new WeakMap();

  const callbacks = {
    // What a reader has typed or chosen stays, unless the markup says something new: as on htmx 4.
    /** @type {(node: any, next: any) => void} */
    beforeNodeMorphed: (node, next) => {
      /** @type {(state: [string, string]) => boolean} */
      const stays = ([name, initial]) =>
        initial in node && (node[initial] === next[initial] || (name === "value" && node === document.activeElement));
      kept.set(node, Object.entries(STATES).filter(stays).map(([name]) => name));
    },
    /** @type {(name: string, element: Element) => boolean} */
    beforeAttributeUpdated: (name, element) => !(kept.get(element) || []).includes(name),
  };

  /** @type {(target: Element, nodes: HTMLCollection, morphStyle: "outerHTML" | "innerHTML") => Node[]} */
  const morph = (target, nodes, morphStyle) => {
    if (window.Idiomorph) return window.Idiomorph.morph(target, nodes, { morphStyle, callbacks });
    console.error("htmx-ws: idiomorph is not loaded, so elements are replaced");
    const copy = [...nodes];
    if (morphStyle === "innerHTML") target.replaceChildren(...copy);
    else target.replaceWith(...copy);
    return copy;
  };

  htmx.defineExtension("morph", {
    isInlineSwap: (style) => style !== "morph-wrapped" && STYLES[style] === "outerHTML",
    handleSwap: (style, target, fragment) => {
      const morphStyle = STYLES[style];
      return morphStyle && morph(target, fragment.children, morphStyle);
    },
  });

  // For every element of the page, whatever it says itself.
  const root = document.documentElement;
  root.setAttribute("hx-ext", [root.getAttribute("hx-ext"), "morph"].filter(Boolean).join());
})();
