import { discount } from "./price";

describe("discount", () => {
  it("takes a part off", () => {
    expect(discount(200, 25)).toBe(150);
  });

  it("refuses more than all of it", () => {
    expect(() => discount(200, 101)).toThrow(RangeError);
  });
});
