// Strategies from and to files of the person's computer.

const SIZE_MAX = 1 << 20; // what the server takes as a body

export async function readStrategyFile(file: File): Promise<string | null> {
  if (file.size > SIZE_MAX) return null;
  const text = await file.text();
  return text.includes('\0') ? null : text.replace(/\r\n?/g, '\n');
}

export function downloadText(name: string, text: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: 'text/x-python' }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

export const fileName = (name: string): string => `${(name || 'strategy').replace(/\.py$/, '').replace(/[^\p{L}\p{N}._-]+/gu, '_')}.py`;
