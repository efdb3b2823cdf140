// While files are being read, shows how far they have come without a reload.
(() => {
  const pause = 1000;
  const look = async () => {
    const place = document.getElementById("progress");
    if (!place || !("working" in place.dataset)) return;
    try {
      const answer = await fetch(window.location.href, { headers: { Accept: "text/html" } });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.getElementById("progress");
      const reading = place.querySelector("details[open]");
      if (answer.ok && fresh && !reading) place.replaceWith(fresh);
    } catch {
      // The service does not answer right now; the next look may find it.
    }
    window.setTimeout(look, pause);
  };
  window.setTimeout(look, pause);
})();
