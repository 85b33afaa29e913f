// Named events of the server, for the page's own script.
(() => {
  "use strict";
  const dispatch = (text) => {
    if (!text.startsWith('{"htmx-ws":')) return;
    const { event, detail } = JSON.parse(text);
    document.dispatchEvent(new CustomEvent(event, { detail }));
  };
  document.addEventListener("htmx:wsAfterMessage", ({ detail }) => dispatch(String(detail.message)));
  document.addEventListener("htmx:ws:after:message:incoming", ({ detail }) => dispatch(String(detail.message.data)));
})();
