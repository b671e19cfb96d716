// Lets all promises settle that can.

export function settled() {
  return new Promise((resolve) => setTimeout(resolve));
}
