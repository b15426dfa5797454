import assert from 'node:assert/strict';
import test from 'node:test';
import { isDarkGround } from '../src/canvas/look/backdrop';

const [black, white, clear] = [
  [0, 0, 0, 255],
  [255, 255, 255, 255],
  [0, 0, 0, 0]
];

test('what covers the rest says whether the ground is dark', () => {
  assert.equal(
    isDarkGround([[31, 31, 31, 255], white], black),
    true,
    'a dark cell on a white page'
  );
  assert.equal(isDarkGround([clear, [255, 255, 255, 20], [49, 49, 49, 255]], black), true);
  assert.equal(isDarkGround([clear, [250, 250, 250, 255], [0, 0, 0, 255]], white), false);
});

test('saturated grounds count by what is read on them', () => {
  assert.equal(isDarkGround([[0, 43, 54, 255]], white), true, 'Solarized Dark');
  assert.equal(isDarkGround([[253, 246, 227, 255]], black), false, 'Solarized Light');
  assert.equal(isDarkGround([[0, 0, 255, 255]], black), true, 'white is read on blue');
  assert.equal(isDarkGround([[255, 255, 0, 255]], white), false, 'black is read on yellow');
});

test('where nothing covers the page, its text says what it lies on', () => {
  assert.equal(isDarkGround([clear, clear], [204, 204, 204, 255]), true);
  assert.equal(isDarkGround([], [59, 59, 59, 255]), false);
});
