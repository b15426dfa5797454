/** The same as wfnb.__version__; a test holds them together. */
export const VERSION = '0.1.0';
