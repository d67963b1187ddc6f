// How busy the machine is: the load of the last minute, as a number and a bar.

export function mount(root, host) {
  const meter = document.createElement("meter");
  const text = document.createElement("output");
  meter.min = 0;
  meter.max = 8;
  meter.high = 6;
  meter.setAttribute("aria-label", "load of the last minute");
  root.replaceChildren(meter, text);

  async function show() {
    const load = Number(await host.read("metrics.load"));
    if (!Number.isFinite(load)) {
      text.textContent = "no data";
      return;
    }
    meter.value = load;
    text.textContent = load.toFixed(2);
  }

  show();
  return host.every("30s", show);
}
