/** Whether what is drawn lies on something dark: said in numbers, so that every host is judged alike. */

/** Red, green, blue and how opaque, each from 0 to 255. */
export type Pixel = readonly [number, number, number, number];

/** What lets more than half of the light through does not decide how the ground looks. */
const OPAQUE = 128;

/**
 * Whether a ground is dark: the first of these colours that covers what is behind it says so. Where none
 * does, light text says that the page is dark, since a page is made to be read.
 */
export function isDarkGround(grounds: readonly Pixel[], text: Pixel): boolean {
  const ground = grounds.find(([, , , alpha]) => alpha >= OPAQUE);
  return ground ? luminance(ground) < MIDDLE : luminance(text) > MIDDLE;
}

/** The luminance on which black and white text are read equally well (WCAG 2, contrast ratio). */
const MIDDLE = Math.sqrt(1.05 * 0.05) - 0.05;

/** Relative luminance from 0 to 1, as WCAG 2 defines it. */
function luminance([red, green, blue]: Pixel): number {
  const [r, g, b] = [red, green, blue].map(part => {
    const c = part / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
