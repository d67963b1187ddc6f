import { useCallback, useEffect, useState } from "react";

/**
 * What is left until a moment, with a pause that keeps it.
 * @param {string | number | Date} until a date, or what `new Date` takes
 * @returns {{ days: number, hours: number, minutes: number, seconds: number, over: boolean,
 *             paused: boolean, pause: () => void, resume: () => void }}
 */
export function useCountdown(until) {
  const target = new Date(until).getTime();
  const [end, setEnd] = useState(target);
  const [now, setNow] = useState(() => Date.now());
  const [paused, setPaused] = useState(false);
  const over = !(end > now);

  useEffect(() => {
    setEnd(target);
    setNow(Date.now());
  }, [target]);

  useEffect(() => {
    if (over || paused) return undefined;
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [over, paused]);

  const pause = useCallback(() => {
    setNow(Date.now());
    setPaused(true);
  }, []);

  const resume = useCallback(() => {
    const moment = Date.now();
    setEnd((before) => (paused ? before + (moment - now) : before));
    setNow(moment);
    setPaused(false);
  }, [paused, now]);

  const left = over ? 0 : Math.ceil((end - now) / 1000);
  return {
    days: Math.floor(left / 86400),
    hours: Math.floor(left / 3600) % 24,
    minutes: Math.floor(left / 60) % 60,
    seconds: left % 60,
    over,
    paused,
    pause,
    resume,
  };
}
