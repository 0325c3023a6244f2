/** The value in the middle; of an even number the upper one. */
export const median = (values) => quantile(values, 0.5);

export function quantile(values, part) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
}

export const rounded = (value, digits = 2) => Number(value.toFixed(digits));
