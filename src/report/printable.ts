// Keeps what a config or a file holds from steering a terminal or breaking a picture.

/** Control characters, and what is not ASCII, become `?`. */
export const printable = (text: string): string => text.replace(/[^\x20-\x7e]/g, '?');

/** The same, line by line: the line breaks stay. */
export const printableLines = (text: string): string => text.split('\n').map(printable).join('\n');
