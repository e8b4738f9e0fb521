// The card field. Digits stay in this document: they go from here to the stand-in's API, and the page that embeds
// the frame learns only whether the field is complete, the brand, and the id of what was made.
"use strict";

(() => {
  // Brand by the first digits; where the number is grouped; how long it and its security code may be.
  const BRANDS = [
    { name: "amex", label: "American Express", first: /^3[47]/, groups: [4, 6, 5], lengths: [15], cvc: [3, 4] },
    { name: "diners", label: "Diners Club", first: /^3(?:0[0-5]|[689])/, groups: [4, 4, 4, 4, 3], lengths: [14, 16, 19], cvc: [3] },
    { name: "discover", label: "Discover", first: /^6(?:011|4[4-9]|5)/, groups: [4, 4, 4, 4, 3], lengths: [16, 19], cvc: [3] },
    { name: "jcb", label: "JCB", first: /^35(?:2[89]|[3-8])/, groups: [4, 4, 4, 4], lengths: [16], cvc: [3] },
    { name: "mastercard", label: "Mastercard", first: /^(?:5[1-5]|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720))/, groups: [4, 4, 4, 4], lengths: [16], cvc: [3] },
    { name: "unionpay", label: "UnionPay", first: /^62|^81/, groups: [4, 4, 4, 4, 3], lengths: [16, 17, 18, 19], cvc: [3] },
    { name: "visa", label: "Visa", first: /^4/, groups: [4, 4, 4, 4, 3], lengths: [13, 16, 19], cvc: [3] },
  ];
  const UNKNOWN = { name: "unknown", label: "", first: /$./, groups: [4, 4, 4, 4, 3], lengths: [16], cvc: [3, 4] };
  const YEARS_MAX = 50;

  const form = document.getElementById("card");
  const { number, expiry, cvc, zip } = form.elements;
  const problem = document.getElementById("problem");
  const brandShown = document.getElementById("brand");
  const touched = new Set();
  const fromBank = new Map();
  let options = {};
  let page = null;

  const digits = (input) => input.value.replace(/\D/g, "");
  const brand = () => BRANDS.find(({ first }) => first.test(digits(number))) ?? UNKNOWN;

  function luhn(text) {
    const sum = [...text].reverse().reduce((total, digit, at) => {
      const value = Number(digit) * (at % 2 ? 2 : 1);
      return total + (value > 9 ? value - 9 : value);
    }, 0);
    return sum % 10 === 0;
  }

  // What is wrong with a field: nothing, not enough yet, or a mistake.
  const checks = new Map([
    [number, () => {
      const text = digits(number), { lengths } = brand();
      if (text.length < Math.min(...lengths)) return { code: "incomplete_number", message: "Your card number is incomplete." };
      if (lengths.includes(text.length) && luhn(text)) return null;
      if (text.length < Math.max(...lengths)) return { code: "incomplete_number", message: "Your card number is incomplete." };
      return { code: "invalid_number", message: "Your card number is not valid: please check the digits.", wrong: true };
    }],
    [expiry, () => {
      const text = digits(expiry);
      if (text.length < 4) return { code: "incomplete_expiry", message: "Your card's expiry date is incomplete: month and year." };
      const month = Number(text.slice(0, 2)), year = 2000 + Number(text.slice(2)), today = new Date();
      if (month < 1 || month > 12) return { code: "invalid_expiry_month", message: "Your card's expiry month is not valid.", wrong: true };
      const past = year < today.getFullYear() || (year === today.getFullYear() && month <= today.getMonth());
      if (past) return { code: "invalid_expiry_year_past", message: "Your card's expiry date is in the past.", wrong: true };
      if (year > today.getFullYear() + YEARS_MAX) return { code: "invalid_expiry_year", message: "Your card's expiry year is not valid.", wrong: true };
      return null;
    }],
    [cvc, () => brand().cvc.includes(digits(cvc).length)
      ? null : { code: "incomplete_cvc", message: "Your card's security code is incomplete." }],
    [zip, () => form.classList.contains("with-postal") && zip.value.trim().length < 5
      ? { code: "incomplete_zip", message: "Your ZIP code is incomplete." } : null],
  ]);

  function tell(message) {
    if (page) window.parent.postMessage(message, page);
  }

  function report(type, detail) {
    tell({ type, detail });
  }

  function show() {
    const found = new Map([...checks].map(([input, check]) => [input, fromBank.get(input) ?? check()]));
    let first = null;
    for (const [input, mistake] of found) {
      const shown = mistake && (mistake.wrong || touched.has(input)) ? mistake : null;
      input.setAttribute("aria-invalid", String(Boolean(shown)));
      first ??= shown;
    }
    if (problem.textContent !== (first?.message ?? "")) problem.textContent = first?.message ?? "";
    if (brandShown.textContent !== brand().label) brandShown.textContent = brand().label;
    const empty = [...checks.keys()].every((input) => input.value === "");
    const complete = [...found.values()].every((mistake) => mistake === null);
    const error = first ? { type: "validation_error", code: first.code, message: first.message } : undefined;
    report("change", { empty, complete, brand: brand().name, error });
    return complete;
  }

  // Regroup what was typed. As many digits follow the caret as before: counted from the end, since a month may have
  // been given a leading zero.
  function regroup(input, text, following) {
    if (input.value === text) return;
    input.value = text;
    let at = text.length;
    for (let left = following; at > 0 && left > 0; at -= 1) if (/\d/.test(text[at - 1])) left -= 1;
    if (document.activeElement === input) input.setSelectionRange(at, at);
  }

  const grouped = () => {
    const { groups, lengths } = brand();
    let rest = digits(number).slice(0, Math.max(...lengths));
    const parts = [];
    for (const size of groups) {
      if (rest) parts.push(rest.slice(0, size));
      rest = rest.slice(size);
    }
    return parts.join(" ");
  };

  const dated = (deleting) => {
    let text = digits(expiry);
    if (/^[2-9]/.test(text)) text = `0${text}`;
    // Autofill may write the year in full.
    if (text.length === 6 && text.slice(2, 4) === "20") text = text.slice(0, 2) + text.slice(4);
    text = text.slice(0, 4);
    return text.length > 2 || (text.length === 2 && !deleting) ? `${text.slice(0, 2)} / ${text.slice(2)}` : text;
  };

  form.addEventListener("input", ({ target, inputType }) => {
    const following = digits({ value: target.value.slice(target.selectionEnd ?? target.value.length) }).length;
    const deleting = inputType?.startsWith("delete") ?? false;
    fromBank.delete(target);
    if (target === number) regroup(number, grouped(), following);
    if (target === expiry) regroup(expiry, dated(deleting), following);
    if (target === cvc) cvc.value = digits(cvc).slice(0, Math.max(...brand().cvc));
    show();
  });

  form.addEventListener("focusout", ({ target }) => {
    if (target.value) touched.add(target);
    show();
    report("blur");
  });

  form.addEventListener("focusin", () => report("focus"));
  form.addEventListener("submit", (event) => event.preventDefault());
  document.addEventListener("keydown", ({ key }) => { if (key === "Escape") report("escape"); });

  const FIELD_OF_PARAM = { number, exp_month: expiry, exp_year: expiry, cvc };

  async function create(key, billing) {
    for (const input of checks.keys()) touched.add(input);
    if (!show()) {
      form.querySelector('[aria-invalid="true"]')?.focus();
      return { error: { type: "validation_error", code: "incomplete_card", message: problem.textContent } };
    }
    const body = new URLSearchParams({ type: "card" });
    body.set("card[number]", digits(number));
    body.set("card[exp_month]", String(Number(digits(expiry).slice(0, 2))));
    body.set("card[exp_year]", `20${digits(expiry).slice(2)}`);
    body.set("card[cvc]", digits(cvc));
    if (zip.value && !billing.address?.postal_code) body.set("billing_details[address][postal_code]", zip.value.trim());
    flatten(body, "billing_details", billing);
    const answer = await post(key, body);
    const wrong = FIELD_OF_PARAM[answer.error?.param];
    if (wrong) {
      fromBank.set(wrong, { code: answer.error.code, message: answer.error.message, wrong: true });
      show();
      wrong.focus();
    }
    return answer;
  }

  function flatten(body, name, value) {
    if (value && typeof value === "object") {
      for (const [key, inner] of Object.entries(value)) flatten(body, `${name}[${key}]`, inner);
    } else if (value !== null && value !== undefined && value !== "") {
      body.set(name, String(value));
    }
  }

  async function post(key, body) {
    try {
      const response = await fetch("/v1/payment_methods", { method: "POST", headers: { Authorization: `Bearer ${key}` }, body });
      const answer = await response.json();
      return response.ok ? { paymentMethod: answer } : { error: answer.error };
    } catch {
      return { error: { type: "api_connection_error", message: "The payment processor did not answer. Please try again." } };
    }
  }

  function setup(given, scheme) {
    options = given ?? {};
    const postal = options.hidePostalCode === false;
    document.getElementById("postal").hidden = !postal;
    form.classList.toggle("with-postal", postal);
    for (const input of checks.keys()) input.disabled = Boolean(options.disabled);
    if (scheme === "light" || scheme === "dark") {
      document.documentElement.classList.remove("light", "dark");
      document.documentElement.classList.add(scheme);
    }
  }

  const orders = {
    setup: ({ options: given, scheme }) => setup(given, scheme),
    focus: () => number.focus(),
    blur: () => document.activeElement?.blur(),
    clear: () => { form.reset(); touched.clear(); fromBank.clear(); show(); },
    create: async ({ key, billing_details: billing, turn }) => tell({ type: "answer", turn, answer: await create(key, billing) }),
  };

  window.addEventListener("message", (message) => {
    if (message.source === window.parent) orders[message.data?.type]?.(message.data);
  });

  // Nothing that is told is secret (ids, brand, height), but it is told only to the page that embeds the frame.
  page = window.location.ancestorOrigins?.[0] ?? (document.referrer ? new URL(document.referrer).origin : "*");
  new ResizeObserver(() => {
    tell({ type: "height", height: Math.ceil(document.querySelector("main").getBoundingClientRect().height) });
  }).observe(document.querySelector("main"));
  tell({ type: "ready" });
})();
