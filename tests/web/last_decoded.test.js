// run/last_decoded.js: an image is decoded anew for another z or decoder, and where another image was shown since.
/// <reference lib="deno.ns" />

import assert from "node:assert/strict";
import { LastDecoded } from "../../explorer/web/run/last_decoded.js";

Deno.test("the same z of the same decoder is decoded once, whoever writes over the array that it was in", () => {
  const [one, other, last] = [{}, {}, new LastDecoded()];
  const z = new Float32Array([0.5, -1]);
  assert.equal(last.differs(one, z), true);
  assert.equal(last.differs(one, [0.5, -1]), false);
  z[1] = 2;
  assert.equal(last.differs(one, z), true);
  assert.equal(last.differs(one, [0.5]), true);
  assert.equal(last.differs(other, [0.5]), true);
  assert.equal(last.differs(other, [0.5]), false);
  last.forget();
  assert.equal(last.differs(other, [0.5]), true);
});
