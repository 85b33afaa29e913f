// What the server tells by events: each comes once, behind the patches that were published before it.
const { name } = document.querySelector(".chat").dataset;
const { title } = document;
let unseen = 0;

document.addEventListener("chat-sent", () => document.querySelector("#say").reset());

document.addEventListener("chat-said", ({ detail }) => {
	if (detail.author === name) return;
	if (detail.text.toLowerCase().includes(`@${name.toLowerCase()}`)) document.getElementById(detail.message)?.classList.add("is-call");
	if (!document.hasFocus()) document.title = `(${++unseen}) ${title}`;
});

addEventListener("focus", () => {
	unseen = 0;
	document.title = title;
});
