// Where a bank account is typed. Its digits go from this document to the stand-in; the page that opened the dialog
// learns only what became of its SetupIntent.
"use strict";

(() => {
  const form = document.getElementById("account");
  const { routing, number } = form.elements;
  const problem = document.getElementById("problem");
  const button = form.querySelector('[type="submit"]');
  const page = window.location.ancestorOrigins?.[0] ?? (document.referrer ? new URL(document.referrer).origin : "*");
  const ROUTING_DIGITS = 9, NUMBER_DIGITS_MIN = 4;
  let asked = null;

  const digits = (input) => input.value.replace(/\D/g, "");
  const tell = (message) => window.parent.postMessage(message, page);

  function complain(input, message) {
    for (const each of [routing, number]) each.setAttribute("aria-invalid", String(each === input));
    problem.textContent = message;
    input?.focus();
  }

  function mistake() {
    if (digits(routing).length !== ROUTING_DIGITS) return [routing, "A routing number has nine digits."];
    if (digits(number).length < NUMBER_DIGITS_MIN) return [number, "Your account number is incomplete."];
    return null;
  }

  async function link() {
    const body = new URLSearchParams({ key: asked.key, client_secret: asked.secret });
    for (const [name, value] of Object.entries(asked.billing)) {
      if (typeof value === "string" && value) body.set(`billing_details[${name}]`, value);
    }
    body.set("us_bank_account[routing_number]", digits(routing));
    body.set("us_bank_account[account_number]", digits(number));
    body.set("us_bank_account[account_type]", form.elements.type.value);
    body.set("us_bank_account[account_holder_type]", form.elements.holder.value);
    body.set("instantly", form.elements.instantly.value);
    const response = await fetch("/v3/bank-accounts", { method: "POST", body });
    return response.json();
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const wrong = mistake();
    complain(...(wrong ?? [null, ""]));
    if (wrong) return;
    button.disabled = true;
    try {
      const answer = await link();
      if (!answer.error) return tell({ type: "linked", answer: { object: answer } });
      const param = answer.error.param ?? "";
      complain(param.includes("routing") ? routing : param.includes("account_number") ? number : null, answer.error.message);
    } catch {
      complain(null, "The payment processor did not answer. Please try again.");
    } finally {
      button.disabled = false;
    }
  });

  document.getElementById("cancel").addEventListener("click", () => tell({ type: "cancelled" }));
  document.addEventListener("keydown", ({ key }) => { if (key === "Escape") tell({ type: "cancelled" }); });

  window.addEventListener("message", ({ source, data }) => {
    if (source !== window.parent || data?.type !== "setup") return;
    asked = data;
    if (data.verification !== "automatic") {
      document.getElementById("ways").hidden = true;
      form.elements.instantly.value = String(data.verification === "instant");
    }
    routing.focus();
  });

  new ResizeObserver(() => {
    tell({ type: "height", height: Math.ceil(document.querySelector("main").getBoundingClientRect().height) });
  }).observe(document.querySelector("main"));
  tell({ type: "ready" });
})();
