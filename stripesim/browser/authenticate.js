// In a dialog of stripe.js the answer is told to the page; on its own the form takes the customer back to the shop.
"use strict";

(() => {
  const form = document.getElementById("authentication");
  if (window.parent === window) return;

  const page = window.location.ancestorOrigins?.[0] ?? (document.referrer ? new URL(document.referrer).origin : "*");

  async function finish(outcome) {
    const body = new URLSearchParams(new FormData(form));
    body.set("outcome", outcome);
    try {
      const response = await fetch(form.action, { method: "POST", body, redirect: "manual" });
      if (!response.ok && response.type !== "opaqueredirect") throw new Error(String(response.status));
      window.parent.postMessage({ type: "authenticated" }, page);
    } catch {
      document.getElementById("problem").textContent = "The bank did not answer. Please try again.";
    }
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    finish(event.submitter?.value ?? "fail");
  });
  window.addEventListener("message", (message) => {
    if (message.source === window.parent && message.data?.type === "refuse") finish("fail");
  });
  window.parent.postMessage({ type: "ready" }, page);
})();
