// A CodeMirror editor as a component; loaded lazily, for it and its language are larger than the rest of the pages together.
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { python } from '@codemirror/lang-python';
import { bracketMatching, foldGutter, foldKeymap, indentOnInput, indentUnit } from '@codemirror/language';
import { lintGutter, lintKeymap, setDiagnostics } from '@codemirror/lint';
import { highlightSelectionMatches, searchKeymap } from '@codemirror/search';
import { Compartment, EditorState, Prec, type Extension } from '@codemirror/state';
import { drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, highlightSpecialChars, keymap, lineNumbers, tooltips } from '@codemirror/view';
import { useEffect, useImperativeHandle, useRef, type Ref } from 'react';
import { strategyCompletion, strategyHover } from './api_help';
import { diagnosticOf, type Mark } from './marks';
import { editorTheme } from './theme';

export interface EditorHandle {
  focus: () => void;
  goTo: (line: number, column?: number | null) => void;
}
interface Props {
  value: string;
  onChange: (value: string) => void;
  marks: readonly Mark[];
  label: string;
  language: 'python' | 'plain';
  handle?: Ref<EditorHandle>;
}

const ours = ['Mod-Enter', 'Mod-s']; // the page's keys: it hears them after the editor leaves them alone
const pythonExtensions: Extension = [python(), indentUnit.of('    '), autocompletion({ override: [strategyCompletion], icons: true }), strategyHover, foldGutter()];
// Only here: Escape and Tab leave the editor then, and in a dialog Escape closes that.
const tabIndents = keymap.of([indentWithTab]);

const common: Extension = [
  Prec.highest(keymap.of(ours.map((key) => ({ key, run: () => true })))),
  lineNumbers(), highlightActiveLineGutter(), highlightSpecialChars(), history(), drawSelection(), indentOnInput(), bracketMatching(), closeBrackets(),
  highlightActiveLine(), highlightSelectionMatches(), lintGutter(), EditorState.tabSize.of(4), tooltips({ position: 'fixed' }),
  keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...searchKeymap, ...historyKeymap, ...foldKeymap, ...completionKeymap, ...lintKeymap]),
  editorTheme,
  EditorView.contentAttributes.of({ tabindex: '0' }), // it can be focused without that; this says so to tools that ask
];

function goTo(view: EditorView, line: number, column?: number | null): void {
  const place = view.state.doc.line(Math.min(Math.max(line, 1), view.state.doc.lines));
  const at = Math.min(place.from + Math.max(0, (column ?? 1) - 1), place.to);
  view.dispatch({ selection: { anchor: at }, effects: EditorView.scrollIntoView(at, { y: 'center' }) });
  view.focus();
}

export default function CodeEditor({ value, onChange, marks, label, language, handle }: Props) {
  const holder = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const change = useRef(onChange);
  const attributes = useRef(new Compartment());
  useEffect(() => {
    change.current = onChange;
  });

  useEffect(() => {
    if (!holder.current) return;
    const told = EditorView.updateListener.of((update) => {
      if (update.docChanged) change.current(update.state.doc.toString());
    });
    const named = attributes.current.of(EditorView.contentAttributes.of({ 'aria-label': label }));
    const extensions = [common, named, language === 'python' ? [pythonExtensions, tabIndents] : [], told];
    const made = new EditorView({ parent: holder.current, state: EditorState.create({ doc: value, extensions }) });
    view.current = made;
    return () => {
      view.current = null;
      made.destroy();
    };
    // Made once; value, label and marks are put in below.
    // eslint-disable-next-line
  }, [language]);

  useEffect(() => {
    const now = view.current;
    if (now && now.state.doc.toString() !== value) now.dispatch({ changes: { from: 0, to: now.state.doc.length, insert: value }, selection: { anchor: 0 } });
  }, [value]);

  useEffect(() => {
    view.current?.dispatch({ effects: attributes.current.reconfigure(EditorView.contentAttributes.of({ 'aria-label': label })) });
  }, [label]);

  useEffect(() => {
    const now = view.current;
    if (now) now.dispatch(setDiagnostics(now.state, marks.map((mark) => diagnosticOf(now.state.doc, mark))));
  }, [marks]);

  useImperativeHandle(handle, () => ({
    focus: () => view.current?.focus(),
    goTo: (line, column) => view.current && goTo(view.current, line, column),
  }));

  return <div className="playground-code" ref={holder} />;
}
