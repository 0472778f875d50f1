export function discount(total: number, percent: number): number {
  if (percent < 0 || percent > 100) {
    throw new RangeError("a discount lies between 0 and 100");
  }
  return total - (total * percent) / 100;
}
