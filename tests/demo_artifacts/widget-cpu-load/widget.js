// How busy the machine is: the load of the last minute against the number of its cores.
//
// Since 1.1.0 it reads metrics.cores, so that the bar is full when every core is busy, and asks every
// ten seconds instead of every thirty.

export function mount(root, host) {
  const meter = document.createElement("meter");
  const text = document.createElement("output");
  meter.min = 0;
  meter.setAttribute("aria-label", "load of the last minute, against the number of cores");
  root.replaceChildren(meter, text);

  async function show() {
    const [load, cores] = (await Promise.all([host.read("metrics.load"), host.read("metrics.cores")])).map(Number);
    if (!Number.isFinite(load)) {
      text.textContent = "no data";
      return;
    }
    const full = Number.isFinite(cores) && cores > 0 ? cores : 1;
    meter.max = full;
    meter.high = full * 0.8;
    meter.value = Math.min(load, full);
    text.textContent = `${load.toFixed(2)} of ${full} ${full === 1 ? "core" : "cores"}`;
  }

  show();
  return host.every("10s", show);
}
