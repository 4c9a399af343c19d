// Completion and help for the strategy API.
import { snippetCompletion, type Completion, type CompletionContext, type CompletionResult } from '@codemirror/autocomplete';
import { syntaxTree } from '@codemirror/language';
import type { EditorState } from '@codemirror/state';
import { hoverTooltip, type EditorView, type Tooltip } from '@codemirror/view';
import { presentLanguage } from '../../../i18n';
import { builtins, entryOf, membersOf, ownerOf, strategyApi, type ApiEntry } from '../strategy_api';
import { chineseHelp } from '../strategy_api_zh';

const types: Record<ApiEntry['kind'], string> = { class: 'class', function: 'function', method: 'method', property: 'property', enum: 'enum' };

/** The sentence about an entry, in the language of the pages. */
const helpOf = (entry: ApiEntry): string => (presentLanguage() === 'zh' ? chineseHelp[`${entry.owner}.${entry.name}`] : undefined) ?? entry.help;

/** `buy(${price}, ${amount}, ${timestamp})`: places to fill in; null where there are none. */
function callTemplate(entry: ApiEntry): string | null {
  if (entry.kind !== 'method' && entry.kind !== 'function') return null;
  const inside = /\((.*?)\)/.exec(entry.signature)?.[1] ?? '';
  const names = inside.split(',').map((part) => part.trim()).filter((part) => part && part !== 'self' && !part.includes('='));
  return `${entry.name}(${names.map((part) => `\${${(part.split(':')[0] ?? '').trim()}}`).join(', ')})`;
}

function completionOf(entry: ApiEntry, template = callTemplate(entry)): Completion {
  const completion: Completion = { label: entry.name, type: types[entry.kind], detail: entry.owner, info: `${entry.signature}\n${helpOf(entry)}`, boost: 2 };
  return template ? snippetCompletion(template, completion) : completion;
}

const globalCompletions = (): Completion[] => [
  ...membersOf('').map((entry) => completionOf(entry)),
  ...builtins.map((label): Completion => ({ label, type: /^[A-Z]/.test(label) ? 'class' : 'function', boost: -1 })),
];
/** What a strategy may define, written out. */
const hooks = (): Completion[] =>
  membersOf('IStrategy')
    .filter((entry) => entry.kind === 'method')
    .map((entry) => ({ ...completionOf(entry, `${entry.signature}:\n\t\${pass}`), label: `def ${entry.name}` }));

function isQuiet(state: EditorState, at: number): boolean {
  return /Comment|String/.test(syntaxTree(state).resolveInner(at, -1).name);
}

/** Names of the file itself: what it binds, so that its own variables complete too. */
function ownNames(state: EditorState, not: number): Completion[] {
  const names = new Set<string>();
  syntaxTree(state).iterate({
    enter: ({ name, from, to }) => {
      if (name === 'VariableName' && to !== not) names.add(state.sliceDoc(from, to));
    },
  });
  for (const entry of strategyApi) names.delete(entry.name);
  for (const name of builtins) names.delete(name);
  return [...names].map((label) => ({ label, type: 'variable' }));
}

/** What the file keeps in self. */
function ownAttributes(state: EditorState, at: number): Completion[] {
  const names = new Set<string>();
  for (const match of state.doc.toString().matchAll(/\bself\.(\w+)/g)) if (match.index + match[0].length !== at) names.add(match[1] ?? '');
  for (const entry of membersOf('IStrategy')) names.delete(entry.name);
  return [...names].map((label) => ({ label, type: 'property' }));
}

export function strategyCompletion(context: CompletionContext): CompletionResult | null {
  if (isQuiet(context.state, context.pos)) return null;
  const line = context.state.doc.lineAt(context.pos);
  const before = line.text.slice(0, context.pos - line.from);
  const member = /([\w.]+)\.(\w*)$/.exec(before);
  if (member) {
    const owner = ownerOf(member[1] ?? '');
    const options = membersOf(owner || '-').map((entry) => completionOf(entry));
    if (owner === 'IStrategy') options.push(...ownAttributes(context.state, context.pos));
    return options.length ? { from: context.pos - (member[2] ?? '').length, options, validFor: /^\w*$/ } : null;
  }
  if (/^\s+def\s+\w*$/.test(before)) return { from: line.from + before.indexOf('def'), options: hooks(), validFor: /^def\s+\w*$/ };
  const word = context.matchBefore(/\w+/);
  if (!word && !context.explicit) return null;
  return { from: word?.from ?? context.pos, options: [...globalCompletions(), ...ownNames(context.state, context.pos)], validFor: /^\w*$/ };
}

/** The entry at a place of the document, with where its word stands. */
export function entryAt(state: EditorState, at: number): { entry: ApiEntry; from: number; to: number } | null {
  const word = state.wordAt(at);
  if (!word || isQuiet(state, at)) return null;
  const line = state.doc.lineAt(word.from);
  const before = /([\w.]+)\.$/.exec(line.text.slice(0, word.from - line.from));
  const entry = entryOf(state.sliceDoc(word.from, word.to), before ? (before[1] ?? '') : null);
  return entry ? { entry, from: word.from, to: word.to } : null;
}

function helpCard(entry: ApiEntry): HTMLElement {
  const card = document.createElement('div');
  card.className = 'playground-help';
  const code = document.createElement('code');
  code.textContent = entry.signature;
  const text = document.createElement('p');
  text.textContent = entry.owner ? `${entry.owner}: ${helpOf(entry)}` : helpOf(entry);
  card.append(code, text);
  return card;
}

export const strategyHover = hoverTooltip((view: EditorView, at): Tooltip | null => {
  const found = entryAt(view.state, at);
  return found && { pos: found.from, end: found.to, above: true, create: () => ({ dom: helpCard(found.entry) }) };
});
