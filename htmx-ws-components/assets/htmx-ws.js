// htmx-ws: exact resume, connection state and refresh, on htmx 2 and htmx 4. Loaded after htmx and its WebSocket extension.
(() => {
  "use strict";
  const RELOADS = "htmx-ws:reloads";
  // Where each connect element stands: its URL -> (topic -> cursor), both as they stand in the frames.
  const places = new Map();

  const show = (state, code) => {
    const root = document.documentElement;
    if (root.dataset.live === state || root.dataset.live === "stale") return;
    root.dataset.live = state;
    document.dispatchEvent(new CustomEvent("htmx-ws:state", { detail: { state, code } }));
  };

  const resumed = (url) => {
    const target = new URL(url, location.href);
    target.searchParams.delete("at");
    const cursors = places.get(target.pathname + target.search);
    if (cursors) target.searchParams.set("at", [...cursors].map((place) => place.join("~")).join(","));
    return target.href;
  };

  // Only after the frame was applied: a cursor that runs ahead of the page would lose what lies between.
  const applied = (element, text) => {
    const [, topic, cursor] = /^<!--htmx-ws (\S+) (\S+?)-->/.exec(text) || [];
    if (!topic) return;
    const url = element.getAttribute("data-ws-connect");
    if (!places.has(url)) places.set(url, new Map());
    places.get(url).set(topic, cursor);
  };

  // Spread over a second, so that a server that restarted is not met by all pages at once. A page that is told again and again (two servers
  // without a common memory behind one address, say) keeps its distance.
  const reload = () => {
    let recent = [];
    try {
      recent = JSON.parse(sessionStorage[RELOADS] || "[]").filter((time) => Date.now() - time < 60000);
      sessionStorage[RELOADS] = JSON.stringify([...recent, Date.now()]);
    } catch {} // No storage, no memory of it.
    show("stale");
    setTimeout(() => location.reload(), recent.length < 3 ? Math.random() * 1000 : 15000);
  };

  const received = (event, text) => {
    if (!text.startsWith("<!--htmx-ws! ")) return;
    event.preventDefault();
    reload();
  };

  const closed = (code, retried) => {
    if (!retried.includes(code)) show("closed", code);
    else if (document.hidden) show("paused", code);
    else show(navigator.onLine ? "reconnecting" : "offline", code);
  };

  const on = (name, listener) => document.addEventListener(name, (event) => listener(event, event.detail));

  // htmx 2
  on("htmx:wsConnecting", () => show("connecting"));
  on("htmx:wsOpen", () => show("open"));
  on("htmx:wsClose", (_, { event }) => closed(event.code, [1006, 1011, 1012, 1013]));
  on("htmx:wsBeforeMessage", (event, { message }) => received(event, String(message)));
  on("htmx:wsAfterMessage", ({ target }, { message }) => applied(target, message));
  htmx.createWebSocket = (url) => Object.assign(new WebSocket(resumed(url)), { binaryType: htmx.config.wsBinaryType });

  // htmx 4, which reads the connection's URL at each reconnect, but fires no event when a hidden tab is shown again.
  on("htmx:ws:before:connection", (_, { connection }) => {
    if (!connection.attempt) show("connecting");
    connection.url = resumed(connection.url);
  });
  on("htmx:ws:after:connection", () => show("open"));
  on("htmx:ws:close", (_, { reason, code }) => {
    if (reason === "closed") closed(code, [1001, 1005, 1006, 1011, 1012, 1013, 1014]);
  });
  on("htmx:ws:before:message:incoming", (event, { message }) => received(event, String(message.data)));
  on("htmx:ws:after:message:incoming", ({ target }, { connection, message }) => {
    applied(target, message.data);
    connection.url = resumed(connection.url);
  });

  // A page out of the back-forward cache has a dead socket on htmx 4, and nobody says so.
  addEventListener("pageshow", (event) => event.persisted && location.reload());
})();
