/* Passkeys: the browser asks the device, and the form carries its answer. Without them the forms stay out of sight. */
(() => {
  "use strict";

  const forms = document.querySelectorAll("form[data-passkey]");
  if (!forms.length || !window.PublicKeyCredential) return;

  const bytes = (text) => {
    const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
  };

  const text = (buffer) => {
    const plain = btoa(String.fromCharCode(...new Uint8Array(buffer)));
    return plain.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  };

  const named = (keys) => (keys || []).map((key) => ({ ...key, id: bytes(key.id) }));

  const asked = (options) => {
    const publicKey = { ...options, challenge: bytes(options.challenge) };
    if (!options.user) return navigator.credentials.get({ publicKey });
    publicKey.user = { ...options.user, id: bytes(options.user.id) };
    publicKey.excludeCredentials = named(options.excludeCredentials);
    return navigator.credentials.create({ publicKey });
  };

  const written = (key) => {
    const response = {};
    for (const part of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (key.response[part]) response[part] = text(key.response[part]);
    }
    return JSON.stringify({ id: key.id, rawId: text(key.rawId), type: key.type, response });
  };

  const question = async (form) => {
    const body = new URLSearchParams(new FormData(form));
    const answer = await fetch(form.dataset.passkey, { method: "POST", body });
    const said = await answer.json();
    if (!answer.ok) throw new Error(said.problem);
    return said;
  };

  const words = (error) => {
    if (error.name === "NotAllowedError") return "Nothing came back from your device. Try again, or choose another way.";
    if (error.name === "InvalidStateError") return "This device has a passkey for you already.";
    return error.message || "That did not work. Try again, or choose another way.";
  };

  const send = async (form) => {
    const button = form.querySelector("button");
    const say = form.querySelector("[data-say]");
    button.disabled = true;
    say.textContent = "";
    try {
      const options = await question(form);
      form.elements.credential.value = written(await asked(options));
      form.querySelectorAll("input[type=password]").forEach((field) => { field.value = ""; });
      form.submit();
    } catch (error) {
      say.textContent = words(error);
      button.disabled = false;
    }
  };

  forms.forEach((form) => {
    if (form.dataset.host !== location.hostname) {
      document.querySelectorAll("[data-elsewhere]").forEach((note) => { note.hidden = false; });
      return;
    }
    form.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      send(form);
    });
  });
})();
