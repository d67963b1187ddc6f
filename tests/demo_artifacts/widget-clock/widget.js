// The time of day and the date, in the reader's own language and time zone.
//
// It asks the page for nothing but to be called once a second. Screen readers get the minutes only:
// the seconds are hidden from them, so that the clock does not talk all the time.

export function mount(root, host) {
  const time = document.createElement("time");
  const minutes = document.createElement("strong");
  const seconds = document.createElement("span");
  const day = document.createElement("div");
  seconds.setAttribute("aria-hidden", "true");
  time.append(minutes, seconds);
  root.replaceChildren(time, day);

  const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
  const calendar = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });

  function show() {
    const now = new Date();
    time.dateTime = now.toISOString();
    const text = clock.format(now);
    if (minutes.textContent !== text) minutes.textContent = text;
    seconds.textContent = ` ${String(now.getSeconds()).padStart(2, "0")}`;
    const date = calendar.format(now);
    if (day.textContent !== date) day.textContent = date;
  }

  show();
  return host.every("1s", show);
}
