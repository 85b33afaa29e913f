// For development: what happens, in the console at the level "Verbose", and a warning where a patch finds nothing to change.
(() => {
	"use strict";
	const { src } = /** @type {HTMLScriptElement} */ (document.currentScript);
	const root = document.documentElement;
	/** Ids that were missing, each reported once. @type {Set<string>} */
	const missing = new Set();

	/** @param {string} name @param {(event: any) => void} listener */
	const on = (name, listener) => document.addEventListener(name, listener);
	/** @param {unknown[]} words */
	const log = (...words) => console.debug("%chtmx-ws", "font-weight: bold; color: #2563eb", ...words);

	/**
	 * The swaps of a frame: how each is done, and the id that the page has behind it.
	 * @param {string} frame @returns {{ how: string, id: string | undefined }[]}
	 */
	const swapsOf = (frame) =>
		[...frame.matchAll(/<([a-z][^\s>]*)([^>]*?)\shx-swap-oob="([^"]*)"([^>]*)>/gi)].map(([, , before, swap, after]) => {
			const how = /^[\w-]+/.exec(swap)?.[0] || swap;
			const own = /\sid="([^"]*)"/.exec(before + after)?.[1];
			const inserted = /:has\(#([^)]+)\)/.exec(swap)?.[1];
			const target = /[:\s]#(\S+)$/.exec(swap)?.[1];
			return { how, id: inserted || target || own };
		});

	/** @param {string} frame */
	const placeOf = (frame) => /^(?:<!--htmx-ws |{"htmx-ws":")(\S+) (\S+?)(?:-->|")/.exec(frame) || ["", "?", "?"];

	/** @param {string} frame */
	const received = (frame) => {
		const [, topic, cursor] = placeOf(frame);
		if (frame[0] === "{") return log("▼", decodeURIComponent(topic), cursor, JSON.parse(frame));
		const swaps = swapsOf(frame).map(({ how, id }) => (id ? `${how} #${id}` : how));
		log("▼", decodeURIComponent(topic), cursor, `${frame.length} characters:`, swaps.join(", ") || frame);
	};

	/** @param {string} frame */
	const applied = (frame) => {
		for (const { how, id } of swapsOf(frame)) {
			if (!id || how === "delete" || missing.has(id) || document.getElementById(id)) continue;
			missing.add(id);
			root.dataset.liveMissing = `${missing.size}`;
			const topic = decodeURIComponent(placeOf(frame)[1]);
			console.warn(`htmx-ws: a patch in the topic "${topic}" is for #${id}, which this page does not have. Render the component into the page, or publish it with a list to stand in.`);
			document.dispatchEvent(new CustomEvent("htmx-ws:missing", { detail: { id, topic } }));
			const ticket = /** @type {HTMLElement | null} */ (document.querySelector("[data-page][data-ticket]"))?.dataset.ticket;
			fetch(new URL(`missing?t=${ticket}`, src), { method: "POST", body: JSON.stringify({ id, topic }) }).catch(() => {});
		}
	};

	/** @param {(frame: string) => void} look */
	const text = (look) => (/** @type {any} */ { detail: { message } }) => {
		const frame = message?.data ?? message;
		if (typeof frame === "string") look(frame);
	};

	on("htmx-ws:state", ({ detail: { state, seconds } }) => log("●", state || "none", state === "reconnecting" ? `in ${seconds} s` : ""));
	on("htmx-ws:missing", ({ detail }) => log("?", detail));
	on("htmx-ws:timeout", ({ target }) => log("no answer came for", target));
	// htmx 2
	on("htmx:wsBeforeMessage", text(received));
	on("htmx:wsAfterSend", ({ detail }) => log("▲", detail.message));
	// htmx 4
	on("htmx:ws:before:message:incoming", text(received));
	on("htmx:ws:after:message:outgoing", ({ detail }) => log("▲", detail.message.data));
	// Both: our script has both generations say it.
	on("htmx:wsAfterMessage", text(applied));
})();
