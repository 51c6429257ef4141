import { useGraphiQL, useMonaco } from '@graphiql/react';
import { useEffect, useLayoutEffect } from 'react';

type Monaco = NonNullable<Parameters<Parameters<typeof useMonaco>[0]>[0]['monaco']>;
type ThemeData = Parameters<Monaco['editor']['defineTheme']>[1];

/** The names under which the editors know the colours of the console. */
export const editorThemes = { light: 'latchkey-light', dark: 'latchkey-dark' };

const font = '"Geist Mono Variable"';

/** Gives the editors the colours and the type of the console as soon as there are any. */
export function EditorLook() {
  const monaco = useMonaco((state) => state.monaco);
  const { theme, queryEditor, variableEditor, responseEditor } = useGraphiQL((state) => ({
    theme: state.monacoTheme,
    queryEditor: state.queryEditor,
    variableEditor: state.variableEditor,
    responseEditor: state.responseEditor,
  }));

  // Before the effects in which the editors are made.
  useLayoutEffect(() => {
    monaco?.editor.defineTheme(editorThemes.light, light);
    monaco?.editor.defineTheme(editorThemes.dark, dark);
  }, [monaco]);

  useEffect(() => {
    if (theme !== undefined) {
      monaco?.editor.setTheme(theme);
    }
  }, [monaco, theme]);

  useEffect(() => {
    for (const editor of [queryEditor, variableEditor, responseEditor]) {
      editor?.updateOptions({ fontFamily: `${font}, ui-monospace, monospace`, fontSize: 13, lineHeight: 21 });
    }
    // The editors reckon with the width of a letter, so with that of this font.
    void document.fonts.load(`13px ${font}`).then(() => monaco?.editor.remeasureFonts());
  }, [monaco, queryEditor, variableEditor, responseEditor]);

  return null;
}

interface Palette {
  readonly text: string;
  readonly faint: string;
  readonly accent: string;
  readonly name: string;
  readonly type: string;
  readonly argument: string;
  readonly surface: string;
  readonly line: string;
  readonly wash: string;
  readonly selection: string;
}

const light = themeOf('vs', {
  text: '#1b211f',
  faint: '#6b7671',
  accent: '#116d56',
  name: '#1f4e86',
  type: '#8a4a06',
  argument: '#6a3d9e',
  surface: '#ffffff',
  line: '#d6dcd9',
  wash: '#116d5614',
  selection: '#116d562e',
});

const dark = themeOf('vs-dark', {
  text: '#dde3e0',
  faint: '#97a29d',
  accent: '#8ccab6',
  name: '#9cc4f0',
  type: '#e8b878',
  argument: '#cbb2f2',
  surface: '#1c2321',
  line: '#3c4642',
  wash: '#8ccab61f',
  selection: '#8ccab63d',
});

function themeOf(base: ThemeData['base'], palette: Palette): ThemeData {
  const { text, faint, accent, name, type, argument, surface, line, wash, selection } = palette;
  const none = '#ffffff00';
  return {
    base,
    inherit: true,
    rules: [
      { token: '', foreground: text },
      { token: 'comment', foreground: faint },
      { token: 'keyword', foreground: accent },
      { token: 'string', foreground: accent },
      { token: 'number', foreground: type },
      { token: 'type.identifier', foreground: type },
      { token: 'key.identifier', foreground: name },
      { token: 'argument.identifier', foreground: argument },
      { token: 'keyword.json', foreground: type },
      { token: 'string.key.json', foreground: name },
      { token: 'string.value.json', foreground: accent },
    ],
    colors: {
      'editor.background': none,
      'editor.foreground': text,
      'editor.selectionBackground': selection,
      'editor.inactiveSelectionBackground': wash,
      'editorCursor.foreground': accent,
      'editorLineNumber.foreground': faint,
      'editorLineNumber.activeForeground': text,
      'editorLineNumber.dimmedForeground': faint,
      'editorIndentGuide.background1': line,
      'editorBracketHighlight.foreground1': faint,
      'editorBracketHighlight.foreground2': faint,
      'editorBracketHighlight.foreground3': faint,
      'editorWidget.background': surface,
      'editorWidget.border': line,
      'editorHoverWidget.background': surface,
      'editorHoverWidget.border': line,
      'editorSuggestWidget.background': surface,
      'editorSuggestWidget.border': line,
      'editorSuggestWidget.selectedBackground': selection,
      'editorSuggestWidget.selectedForeground': text,
      'editorSuggestWidget.highlightForeground': accent,
      'editorSuggestWidget.focusHighlightForeground': accent,
      'list.hoverBackground': wash,
      'list.highlightForeground': accent,
      'list.focusHighlightForeground': accent,
      'menu.background': surface,
      'menu.selectionBackground': wash,
      'menu.selectionForeground': text,
      'quickInput.background': surface,
      'quickInputList.focusBackground': wash,
      'quickInputList.focusForeground': text,
      'input.background': wash,
      'toolbar.hoverBackground': wash,
      'textLink.foreground': accent,
      'textLink.activeForeground': accent,
      'editorLink.activeForeground': accent,
      'scrollbar.shadow': none,
      focusBorder: accent,
    },
  };
}
