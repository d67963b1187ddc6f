// A page that shows the widgets of index.json with the values of data.json ({"metrics.load": 0.4, …}).
// Make it yours: give mountWidgets a `read` of your own.
import { fromObject, mountWidgets } from "./host.js";

const place = document.querySelector("#widgets");

async function read(topic) {
  const answer = await fetch("data.json", { cache: "no-cache" });
  return fromObject(answer.ok ? await answer.json() : {})(topic);
}

try {
  await mountWidgets(place, { read });
} catch (error) {
  place.textContent = `There are no widgets: ${error.message}`;
}
