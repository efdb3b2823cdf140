// While something is being read or computed, shows how far it has come without a reload.
(() => {
  const shortest = 1000;
  const longest = 60000;
  let pause = shortest;
  const look = async () => {
    const place = document.getElementById("progress");
    if (!place || !("working" in place.dataset)) return;
    let fresh = null;
    try {
      const answer = await fetch(window.location.href, { headers: { Accept: "text/html" } });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      fresh = answer.ok ? page.getElementById("progress") : null;
      // Whoever is led elsewhere, to sign in again, is not told anything here any more.
      if (answer.redirected && !fresh) return;
    } catch {
      // The service does not answer right now; a later look may find it.
    }
    const reading = place.querySelector("details[open]");
    if (fresh && !reading) place.replaceWith(fresh);
    pause = fresh ? shortest : Math.min(2 * pause, longest);
    window.setTimeout(look, pause);
  };
  window.setTimeout(look, pause);
})();
