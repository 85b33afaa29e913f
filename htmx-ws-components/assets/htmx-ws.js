// htmx-ws: exact resume, connection state and refresh, on htmx 2 and htmx 4. Loaded after htmx and its WebSocket extension.
(() => {
  "use strict";
  const RELOADS = "htmx-ws:reloads";
  // Where each connect element stands: its URL -> (topic -> cursor), both as they stand in the frames.
  const places = new Map();

  const show = (state, detail = {}) => {
    const root = document.documentElement;
    if (root.dataset.live === state) return;
    root.dataset.live = state;
    document.dispatchEvent(new CustomEvent("htmx-ws:state", { detail: { state, ...detail } }));
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

  // The first reloads are spread over a second, so that a server that restarted is not met by all pages at once. A page that is told again and again
  // (two servers without a common memory behind one address, say) keeps its distance.
  const reload = (reason) => {
    const recent = JSON.parse(sessionStorage.getItem(RELOADS) || "[]").filter((time) => Date.now() - time < 60000);
    const isLoop = recent.length >= 3;
    sessionStorage.setItem(RELOADS, JSON.stringify([...recent, Date.now()]));
    show("stale", { reason });
    setTimeout(() => location.reload(), isLoop ? 15000 : Math.random() * 1000);
  };

  const isRefresh = (event, text) => {
    const [, reason] = /^<!--htmx-ws! (.*?)-->/.exec(text) || [];
    if (!reason) return;
    event.preventDefault();
    reload(reason);
  };

  const closed = (code, retried) => {
    if (document.documentElement.dataset.live === "stale") return;
    if (!retried.includes(code)) show("closed", { code });
    else if (document.hidden) show("paused");
    else show(navigator.onLine ? "reconnecting" : "offline", { code });
  };

  const on = (name, listener) => document.addEventListener(name, listener);
  const text = (data) => (typeof data === "string" ? data : "");

  // htmx 2
  on("htmx:wsConnecting", () => show("connecting"));
  on("htmx:wsOpen", () => show("open"));
  on("htmx:wsClose", (event) => closed(event.detail.event.code, [1006, 1011, 1012, 1013]));
  on("htmx:wsBeforeMessage", (event) => isRefresh(event, text(event.detail.message)));
  on("htmx:wsAfterMessage", (event) => applied(event.target, text(event.detail.message)));
  htmx.createWebSocket = (url) => {
    const socket = new WebSocket(resumed(url));
    socket.binaryType = htmx.config.wsBinaryType || "blob";
    return socket;
  };

  // htmx 4, which reads the connection's URL at each reconnect, but fires no event when a hidden tab is shown again.
  on("htmx:ws:before:connection", (event) => {
    if (!event.detail.connection.attempt) show("connecting");
    event.detail.connection.url = resumed(event.detail.connection.url);
  });
  on("htmx:ws:after:connection", () => show("open"));
  on("htmx:ws:close", (event) => {
    if (event.detail.reason === "closed") closed(event.detail.code, [1001, 1005, 1006, 1011, 1012, 1013, 1014]);
  });
  on("htmx:ws:before:message:incoming", (event) => isRefresh(event, text(event.detail.message.data)));
  on("htmx:ws:after:message:incoming", (event) => {
    applied(event.target, text(event.detail.message.data));
    event.detail.connection.url = resumed(event.detail.connection.url);
  });

  // A page out of the back-forward cache has a dead socket on htmx 4, and nobody says so.
  addEventListener("pageshow", (event) => event.persisted && location.reload());
})();
