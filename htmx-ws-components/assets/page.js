// What the server tells the page's own script, and what the page tells the server of itself.
(() => {
  "use strict";
  const dispatch = (text) => {
    if (!text.startsWith('{"htmx-ws":"')) return;
    const { event, detail } = JSON.parse(text);
    document.dispatchEvent(new CustomEvent(event, { detail }));
  };
  const name = (headers) => {
    const live = document.querySelector("[data-ws-connect][data-page]");
    if (live) headers["Htmx-Ws-Page"] = live.dataset.page;
  };
  // In front of the other script's look at the connect element, when it makes the URL of the next socket.
  const renew = (element, text) => {
    const [, ticket] = /^<!--htmx-ws-ticket (\S+)-->/.exec(text) || [];
    if (ticket) element.dataset.ticket = ticket;
  };
  const on = (event, listener) => document.addEventListener(event, ({ detail, target }) => listener(detail, target));
  // htmx 2
  on("htmx:wsBeforeMessage", ({ message }, target) => renew(target, String(message)));
  on("htmx:wsAfterMessage", ({ message }) => dispatch(String(message)));
  on("htmx:configRequest", ({ headers }) => name(headers));
  // htmx 4
  on("htmx:ws:before:message:incoming", ({ message }, target) => renew(target, String(message.data)));
  on("htmx:ws:after:message:incoming", ({ message }) => dispatch(String(message.data)));
  on("htmx:config:request", ({ ctx }) => name(ctx.request.headers));
})();
