// What host.js makes of the vectors on stdin: {confined: [...], serves: [...]} as JSON.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const { confine, fromObject, serves } = await import(pathToFileURL(process.argv[2]));
const vectors = JSON.parse(readFileSync(0, "utf8"));

function confined(permissions) {
  try {
    return confine(permissions);
  } catch {
    return null;
  }
}

const odd = ["__proto__", "constructor", "toString", "a"].map(fromObject({ a: 1 }));
const answers = {
  confined: vectors.confined.map((one) => confined(one.permissions)),
  serves: vectors.serves.map((one) => serves(confine(one.permissions), one.topic)),
  no_list: [undefined, null, "data:read.a", { length: 1 }, [null], [["data:read.a"]]].map(confined),
  own: odd,
};
process.stdout.write(JSON.stringify(answers));
