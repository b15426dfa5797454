// Answers lines of JSON {document, edits} with what applying the edits gives: for the Python test that
// holds both implementations of the edits and of the file's text against each other.
import { createInterface } from 'node:readline';
import { applyAll } from '../src/canvas/document/document';
import { decode, encode } from '../src/canvas/document/text';

for await (const line of createInterface({ input: process.stdin })) {
  const { text, edits } = JSON.parse(line);
  try {
    const { document, inverse } = applyAll(decode(text), edits);
    const back = applyAll(document, inverse).document;
    console.log(JSON.stringify({ text: encode(document), back: encode(back) }));
  } catch (error) {
    console.log(JSON.stringify({ error: String(error) }));
  }
}
