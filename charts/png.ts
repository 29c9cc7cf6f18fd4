/** An SVG to a PNG, without a browser. resvg is loaded at the first call: it is a large binary. */
import { createRequire } from 'node:module';

/** Pixels of the picture for one of the SVG: text stays sharp in a mail and on a fine screen. */
const ZOOM = 2;
/**
 * resvg drops a text without a word when it has no font for it, so what it draws with never depends on the machine: the faces
 * that the charts name, from a package.
 */
const FACES = ['DejaVuSans', 'DejaVuSans-Bold', 'DejaVuSansMono', 'DejaVuSansMono-Bold'];

/** @returns the bytes of the picture, on white */
export async function renderPng(svg: string): Promise<Buffer> {
  const { Resvg } = await import('@resvg/resvg-js');
  const { resolve } = createRequire(import.meta.url);
  const drawn = new Resvg(svg, {
    fitTo: { mode: 'zoom', value: ZOOM },
    background: 'white',
    font: {
      loadSystemFonts: false,
      fontFiles: FACES.map((face) => resolve(`dejavu-fonts-ttf/ttf/${face}.ttf`)),
      defaultFontFamily: 'DejaVu Sans',
      sansSerifFamily: 'DejaVu Sans',
      monospaceFamily: 'DejaVu Sans Mono',
    },
  });
  return drawn.render().asPng();
}
