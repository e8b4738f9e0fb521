// Makes stripe.js's requests about intents, from this origin: the page itself connects to nobody.
"use strict";

(() => {
  const page = window.location.ancestorOrigins?.[0] ?? (document.referrer ? new URL(document.referrer).origin : "*");

  async function request({ key, verb, kind, secret, form }) {
    const id = secret.split("_secret_")[0];
    const fields = new URLSearchParams({ client_secret: secret, ...form });
    const url = `/v1/${kind}s/${encodeURIComponent(id)}`;
    const headers = { Authorization: `Bearer ${key}` };
    try {
      const response = verb === "retrieve"
        ? await fetch(`${url}?${fields}`, { headers })
        : await fetch(`${url}/${verb}`, { method: "POST", headers, body: fields });
      const answer = await response.json();
      return response.ok ? { object: answer } : { error: answer.error };
    } catch {
      return { error: { type: "api_connection_error", message: "The payment processor did not answer. Please try again." } };
    }
  }

  window.addEventListener("message", async (message) => {
    if (message.source !== window.parent || message.data?.type !== "request") return;
    window.parent.postMessage({ type: "answer", turn: message.data.turn, answer: await request(message.data) }, page);
  });
  window.parent.postMessage({ type: "ready" }, page);
})();
