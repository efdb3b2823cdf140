// A file that is chosen is looked at once; so is every change of what its columns mean.
(() => {
  const form = document.getElementById("import-form");
  const file = document.getElementById("file");
  if (!form || !file) return;
  const most = 1 << 20;
  let asked = 0;

  const start = async (chosen) => {
    if (chosen.size <= most) return [chosen, false];
    const magic = await chosen.slice(0, 4).text();
    // The names of its columns stand at the end of a Parquet file; Avro is of blocks cut nowhere.
    if (magic === "PAR1" || magic === "Obj\u0001") return [chosen, false];
    return [new File([chosen.slice(0, most)], chosen.name), true];
  };

  const look = async (afresh) => {
    const chosen = file.files[0];
    if (!chosen) return;
    const mine = (asked += 1);
    const said = new FormData(form);
    const [part, isPart] = await start(chosen);
    said.set("file", part, chosen.name);
    if (isPart) said.set("part", "true");
    if (afresh) {
      for (const name of [...said.keys()]) {
        if (/^(column|word)-/.test(name) || name === "mapping" || name === "how") said.delete(name);
      }
    }
    form.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(form.dataset.preview, { method: "POST", body: said, headers: { Accept: "text/html" } });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.getElementById("mapping-form");
      const old = document.getElementById("mapping-form");
      if (mine === asked && fresh && old) show(old, fresh);
    } catch {
      // The service does not answer right now; the button asks again.
    }
    if (mine === asked) form.removeAttribute("aria-busy");
  };

  const show = (old, fresh) => {
    const focused = document.activeElement && document.activeElement.id;
    const open = old.querySelector("#as-json[open]");
    // The file is still in the form: it has to be chosen again only without this script.
    fresh.querySelector("#once-more")?.remove();
    old.replaceWith(fresh);
    if (open) fresh.querySelector("#as-json").open = true;
    const again = focused && document.getElementById(focused);
    if (again) again.focus();
  };

  file.addEventListener("change", () => look(true));
  document.getElementById("preset").addEventListener("change", () => look(true));
  // An answer to what was asked before this was typed would wipe it out.
  form.addEventListener("input", () => (asked += 1));
  form.addEventListener("change", (event) => {
    if (event.target.closest("[data-again]")) look(false);
  });
  form.addEventListener("click", (event) => {
    if (event.target.id !== "look" || !file.files.length) return;
    event.preventDefault();
    look(false);
  });
})();
