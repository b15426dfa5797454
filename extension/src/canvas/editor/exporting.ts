/** The drawing as a file that the browser keeps: SVG, or PNG made of it in the page. */
import { drawingOf } from '../surface/svg';
import { strings } from '../texts/strings';
import type { Editor } from './editor';

export type PictureKind = 'svg' | 'png';

/** Pixels of a PNG for each of the drawing's, so that it stays sharp on paper. */
const SHARP = 2;
/** The most pixels of a side and of all that browsers make a picture of. */
const LONGEST = 16_000;
const MOST = 120_000_000;

/** Saves the whole drawing, with the states of the run that is shown; says so where that can not be done. */
export async function savePicture(editor: Editor, kind: PictureKind): Promise<void> {
  const { session, surface, notice } = editor;
  const { name } = session.document;
  const svg = drawingOf(surface.graph, session.run, name, Infinity);
  const file = `${fileName(name)}.${kind}`;
  const made =
    kind === 'svg' ? new Blob([svg], { type: 'image/svg+xml' }) : await painted(svg, surface.host);
  if (made) {
    offer(made, file, surface.host);
    notice.set(strings.pictureSaved(file));
  } else session.failure.set(strings.pictureFailed);
}

/** A name that every file system takes. */
export function fileName(name = ''): string {
  const plain = name.replace(/[^\p{L}\p{N}._-]+/gu, '-').replace(/^[-.]+|[-.]+$/g, '');
  return plain.slice(0, 100) || 'workflow';
}

/** How much larger than the drawing its picture is; less than wanted where that would be too large to make. */
export function scaleOf(width: number, height: number): number {
  const whole = Math.sqrt(MOST / (width * height));
  return Math.min(SHARP, whole, LONGEST / Math.max(width, height));
}

async function painted(svg: string, host: HTMLElement): Promise<Blob | null> {
  const page = host.ownerDocument;
  const image = page.createElement('img');
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  try {
    await image.decode();
  } catch {
    return null;
  }
  const { naturalWidth: width, naturalHeight: height } = image;
  const scale = scaleOf(width, height);
  const paper = page.createElement('canvas');
  paper.width = Math.round(width * scale);
  paper.height = Math.round(height * scale);
  paper.getContext('2d')?.drawImage(image, 0, 0, paper.width, paper.height);
  return new Promise(done => paper.toBlob(done, 'image/png'));
}

function offer(made: Blob, file: string, host: HTMLElement): void {
  const link = host.ownerDocument.createElement('a');
  const address = URL.createObjectURL(made);
  link.href = address;
  link.download = file;
  link.click();
  // The browser has it by then, however large it is.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
