import { useCallback, useEffect, useState } from "react";

function kept(key, initial) {
  try {
    const text = window.localStorage.getItem(key);
    return text === null ? initial : JSON.parse(text);
  } catch {
    return initial; // no storage here, or somebody else's text under this key
  }
}

/**
 * State that is kept in the browser under a key, and follows changes in other tabs.
 * @template T
 * @param {string} key
 * @param {T} initial what it is where nothing was kept; may be a function, as for useState
 * @returns {[T, (next: T | ((before: T) => T)) => void, () => void]} value, setter, remover
 */
export function useLocalStorage(key, initial) {
  const first = () => (typeof initial === "function" ? initial() : initial);
  const [value, setValue] = useState(() => kept(key, first()));

  useEffect(() => {
    setValue(kept(key, first()));
    const listen = (event) => {
      if (event.storageArea === window.localStorage && (event.key === key || event.key === null)) {
        setValue(kept(key, first()));
      }
    };
    window.addEventListener("storage", listen);
    return () => window.removeEventListener("storage", listen);
    // What is initial counts once for a key, as with useState.
  }, [key]);

  const set = useCallback(
    (next) => {
      setValue((before) => {
        const after = typeof next === "function" ? next(before) : next;
        try {
          window.localStorage.setItem(key, JSON.stringify(after));
        } catch {
          // Nothing is kept; the value is still there until the page goes.
        }
        return after;
      });
    },
    [key],
  );

  const remove = useCallback(() => {
    try {
      window.localStorage.removeItem(key);
    } catch {
      // There was nothing to remove.
    }
    setValue(first());
  }, [key]);

  return [value, set, remove];
}
