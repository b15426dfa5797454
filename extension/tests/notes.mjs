// Reads a JSON list of notes and says what the page makes of each: for the Python test of its twin.
import { markdown } from '../src/canvas/ground/markdown';

let text = '';
for await (const piece of process.stdin) text += piece;
console.log(JSON.stringify(JSON.parse(text).map(markdown)));
