export const runStyle = '';
